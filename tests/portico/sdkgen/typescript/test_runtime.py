"""The runtime by itself: what its own tests say, what the compiler says, and whether its declarations are its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.portico.sdkgen import tools
from tests.portico.sdkgen.typescript.conftest import RUNTIME

SUITES = Path(__file__).parent / "runtime"
OPTIONS = {
    "strict": True,
    "allowJs": True,
    "checkJs": True,
    "declaration": True,
    "emitDeclarationOnly": True,
    "outDir": "declarations",
    "rootDir": "runtime",
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    "types": [],
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
}


@pytest.mark.parametrize("suite", sorted(path.name for path in SUITES.glob("*.test.mjs")))
def test_the_runtimes_own_tests_pass(suite: str, runtime: Path) -> None:
    (runtime / "tests").mkdir()
    for path in SUITES.glob("*.mjs"):
        (runtime / "tests" / path.name).write_bytes(path.read_bytes())
    command = ["node", "--test", "--test-timeout=30000", f"tests/{suite}"]
    run = subprocess.run(command, cwd=runtime, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stdout[-5_000:] + run.stderr


def test_the_runtime_is_typed_and_its_declarations_are_made_of_it(runtime: Path, packages: Path) -> None:
    """`python -m tests.portico.sdkgen.typescript.declarations` writes them anew."""
    committed = {path.name: path.read_text() for path in RUNTIME.glob("*.d.ts")}
    assert declarations(runtime) == committed


def declarations(folder: Path) -> dict[str, str]:
    """What the compiler declares of a copy of the runtime, after it has checked all of it."""
    for path in (folder / "runtime").glob("*.d.ts"):
        if path.name != "types.d.ts":
            path.unlink()
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["runtime"]}))
    assert tools.tsc(["-p", "."], folder) == ""
    made = {path.name: path.read_text() for path in (folder / "declarations").glob("*.d.ts")}
    return {**made, "types.d.ts": (folder / "runtime" / "types.d.ts").read_text()}
