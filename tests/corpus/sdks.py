"""SDKs of the corpus: each document is generated in every language; of some the packages are imported and compiled."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.portico.sdkgen.tools import tsc

from portico.design import Api
from portico.sdkgen.languages import LANGUAGES, language
from portico.sdkgen.names import Names
from portico.sdkgen.plan import build

BATCH = 20  # packages that one run of the compiler reads
PATIENCE = 600  # seconds for such a run
_PLACE = re.compile(r"^(?:\.\./)*(?P<package>\d+)/typescript/")
_IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
models = importlib.import_module(sys.argv[2] + ".models")
runtime = importlib.import_module(sys.argv[2] + "._runtime.model")
for name, found in vars(models).items():
    if isinstance(found, type) and issubclass(found, runtime.Model):
        try:
            found.from_dict({})  # makes its codec, and those of all that it is made of
        except ValueError:
            pass
"""


@dataclass(slots=True)
class Made:
    """What became of the SDKs of one document."""

    seconds: dict[str, float] = field(default_factory=dict)  # language -> generating
    omissions: int = 0
    imported: str | None = None  # why it cannot be imported; "" is fine; None was not tried
    compiled: str | None = None


def make(api: Api, into: Path | None) -> Made:
    """Generate the packages of a document.

    Args:
        api: the design.
        into: where to write them, and import what is Python; None keeps nothing.
    """
    made = Made()
    plan = build(api, version="1.0.0")
    made.omissions = len(plan.omissions)
    for name in LANGUAGES:
        began = time.monotonic()
        files = list(language(name).files(plan, Names()))
        made.seconds[name] = time.monotonic() - began
        for file in files if into is not None else ():
            path = into / name / file.path  # type: ignore[operator]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    if into is not None:
        made.imported = _import(into / "python" / "src")
    return made


def _import(source: Path) -> str:
    package = next(path.name for path in source.iterdir() if (path / "__init__.py").is_file())
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(source), package], capture_output=True, text=True, timeout=PATIENCE
    )
    return "" if done.returncode == 0 else done.stderr.strip()[-300:]


def compile_all(folders: list[Path]) -> Iterator[tuple[Path, str]]:
    """What `tsc --strict` says of the declarations of each package: "" is fine.

    Args:
        folders: that `make` wrote into, all in one folder.
    """
    for start in range(0, len(folders), BATCH):
        batch = folders[start : start + BATCH]
        files = [str(path) for folder in batch for path in sorted((folder / "typescript" / "src").rglob("*.d.ts"))]
        said = tsc(["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", *files], batch[0].parent)
        faults: dict[str, str] = {}
        for line in said.splitlines():
            place = _PLACE.match(line)
            if place is not None:
                faults.setdefault(place["package"], line[:300])
        if said.strip() and not faults:
            raise RuntimeError(f"the compiler does not run: {said[:300]}")
        for folder in batch:
            yield folder, faults.get(folder.name, "")
