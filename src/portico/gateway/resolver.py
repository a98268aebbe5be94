"""Where a project's handlers are: `specs/shop.yaml` and `placeOrder` lead to `handlers/shop.py: place_order`."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

from connexion.exceptions import ResolverError
from connexion.resolver import Resolution, Resolver

from portico.design.handlers import Handler, handlers
from portico.design.model import Api
from portico.errors import HandlerError
from portico.gateway.connexion_operation import ConnexionOperation


class ProjectResolver(Resolver):  # type: ignore[misc]
    """Finds the handlers of one API in a project."""

    def __init__(self, api: Api, folder: Path) -> None:
        """Look below a folder.

        Args:
            api: the document.
            folder: the project's `handlers/`; the folder that holds it is on `sys.path`.
        """
        super().__init__()
        self._folder = folder
        self._handlers = {id(handler.operation): handler for handler in handlers(api, folder)}

    def resolve(self, operation: ConnexionOperation) -> Resolution:
        """The function for an operation.

        Raises:
            ResolverError: the module, or the function in it, is not there.
            HandlerError: the module is there, but cannot be imported.
        """
        handler = self._handlers[id(operation.model)]
        return Resolution(self._function(handler), operation.model.id)

    def _function(self, handler: Handler) -> Any:
        path = handler.path(self._folder)
        mend = "Run `portico stubs`, which writes what is missing."
        if not path.is_file():
            raise ResolverError(f"{handler.operation.id}: there is no {self._shown(path)}. {mend}")
        try:
            module = importlib.import_module(handler.module)
        except Exception as error:
            raise HandlerError(f"{self._shown(path)} cannot be imported: {type(error).__name__}: {error}") from error
        try:
            return functools.reduce(getattr, handler.function.split("."), module)
        except AttributeError:
            name = f"{self._shown(path)} has no function {handler.function}"
            raise ResolverError(f"{handler.operation.id}: {name}. {mend}") from None

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self._folder.parent)) if path.is_relative_to(self._folder.parent) else str(path)
