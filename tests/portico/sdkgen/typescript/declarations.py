"""Writes the declarations of the runtime: `python -m tests.portico.sdkgen.typescript.declarations`, after a change."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.portico.sdkgen.typescript.conftest import RUNTIME
from tests.portico.sdkgen.typescript.test_runtime import declarations

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(RUNTIME, folder / "runtime")
        (folder / "package.json").write_text('{"type": "module"}')
        made = declarations(folder)
    for path in RUNTIME.glob("*.d.ts"):
        path.unlink()
    for file, text in made.items():
        (RUNTIME / file).write_text(text)
