"""Tools of other languages that tests run, from the machine's package registries; kept in `.cache`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = Path(__file__).parent / "typescript" / "package.json"


class NoTool(Exception):
    """A tool is not there, and cannot be fetched."""


def node_packages() -> Path:
    """The folder with `node_modules`, as package.json names them; fetched with npm where it is not there yet.

    Raises:
        NoTool: there is no npm, or it could not fetch them.
    """
    folder = ROOT / ".cache" / "typescript"
    stamp, wanted = folder / "installed.json", PACKAGES.read_text(encoding="utf-8")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return folder
    if shutil.which("npm") is None:
        raise NoTool("npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(wanted, encoding="utf-8")
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise NoTool(f"npm could not fetch the packages of {PACKAGES.name}: {done.stderr[-300:]}")
    stamp.write_text(wanted, encoding="utf-8")
    return folder


def tsc(arguments: list[str], folder: Path, *, timeout: float = 600) -> str:
    """What the TypeScript compiler says; nothing where all is well.

    Args:
        arguments: of the command.
        folder: where it runs.
        timeout: seconds.

    Raises:
        NoTool: it is not there.
    """
    script = node_packages() / "node_modules" / "typescript" / "bin" / "tsc"
    command = ["node", str(script), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout).stdout
