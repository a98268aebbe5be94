"""The runtime as a package of its own, and the compiler."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.portico.sdkgen import tools

from portico.sdkgen import typescript

RUNTIME = Path(typescript.__file__).parent / "runtime"


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with the compiler and the bundler; what needs it is skipped where it cannot be fetched."""
    try:
        return tools.node_packages()
    except tools.NoTool as error:
        pytest.skip(str(error))


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """A folder with a copy of the runtime, whose modules Node takes for what they are."""
    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    shutil.copytree(RUNTIME, tmp_path / "runtime")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path
