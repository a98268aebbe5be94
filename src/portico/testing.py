"""Testing a project: a client for all of it, without a port.

import pytest
from portico.testing import client

@pytest.fixture
def shop():
    with client() as shop:
        yield shop

def test_an_order_is_confirmed(shop):
    answer = shop.operation("placeOrder", body={"productId": "tulips"})
    assert answer.status_code == 201
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from portico import project as projects
from portico.design.model import Api, Operation
from portico.design.request import UnfitArguments, build_request
from portico.design.style import Value

if TYPE_CHECKING:
    from httpx2 import Response

__all__ = ["Client", "client"]

HANDLERS = "handlers"  # the package that every project has


class Client(TestClient):
    """Starlette's test client (and so httpx's interface), which knows the project's operations too."""

    def __init__(self, app: ASGIApp, apis: Sequence[Api], *, raise_server_exceptions: bool = False) -> None:
        """Make a client.

        Args:
            app: what answers.
            apis: the designs whose operations can be called.
            raise_server_exceptions: raise what the application raises, instead of showing its answer.
        """
        super().__init__(app, raise_server_exceptions=raise_server_exceptions)
        self._apis = tuple(apis)

    def operation(
        self,
        operation_id: str,
        *,
        body: object = None,
        api: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        arguments: Mapping[str, Value] | None = None,
        **more: Value,
    ) -> Response:
        """Call an operation. Nothing is checked before it is sent, so wrong calls can be tested too.

        Args:
            operation_id: its id in the document.
            body: bytes are sent as they are, anything else is encoded as the document says.
            api: the design's name, where several have an operation of that id.
            headers: more headers.
            content_type: one of the body's media types, where there are several.
            arguments: parameters whose names are none in Python, or the name of an argument here: {"path.body": 1}.
            more: parameters, by their name in the document or in handlers: productId="1", product_id="1".

        Raises:
            UnfitArguments: there is no such operation or parameter, or a parameter of the path is missing.
        """
        found, operation = self._find(operation_id, api)
        request = build_request(found, operation, {**(arguments or {}), **more}, body, content_type=content_type)
        return self.request(
            request.method, request.url, content=request.content, headers={**request.headers, **(headers or {})}
        )

    def _find(self, operation_id: str, name: str | None) -> tuple[Api, Operation]:
        found = [
            (api, operation)
            for api in self._apis
            if name in (None, api.name)
            for operation in api.operations
            if operation.id == operation_id
        ]
        if len(found) == 1:
            return found[0]
        where = " or ".join(f"api={api.name!r}" for api, _ in found)
        if found:
            raise UnfitArguments(f"{operation_id} is an operation of several APIs. Say which: {where}.")
        known = ", ".join(f"{api.name}.{operation.id}" for api in self._apis for operation in api.operations)
        raise UnfitArguments(f"There is no operation {operation_id!r}. There are: {known or 'none'}.")


@contextlib.contextmanager
def client(root: str | Path = ".", *, mock: bool = False, raise_server_exceptions: bool = False) -> Iterator[Client]:
    """A client for a whole project, as `portico serve` would serve it: its APIs, pages, health and metrics.

    The project's configuration and the PORTICO_* variables hold. One client at a time: handlers are modules of Python,
    and a process has each of those once.

    Args:
        root: the project's folder, or one below it.
        mock: answer unwritten operations with examples.
        raise_server_exceptions: raise what a handler raises; by default a test sees the 500 that a caller would see.

    Raises:
        ConfigError: there is no project.
        DesignError: a document has faults, or handlers do not fit it.
        HandlerError: a handler cannot be used.
    """
    from portico.server import application, startup

    folder = projects.find_root(Path(root))
    with _imports(folder):
        project = startup.read(folder, mock=mock)
        app = application(project, mock=mock)
        with Client(app, project.apis, raise_server_exceptions=raise_server_exceptions) as ready:
            yield ready


@contextlib.contextmanager
def _imports(root: Path) -> Iterator[None]:
    """Make `handlers` mean this project's, and afterwards what it meant before."""
    path, modules = list(sys.path), _modules()
    for name, module in modules.items():
        if not _belongs(module, root):
            del sys.modules[name]
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(modules)


def _modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == HANDLERS}


def _belongs(module: ModuleType, root: Path) -> bool:
    places = [module.__file__] if getattr(module, "__file__", None) else list(getattr(module, "__path__", ()))
    return all(Path(str(place)).resolve().is_relative_to(root) for place in places)
