"""All stubs of one API, by the module that they belong to, and their types: what the document alone says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portico.design.handlers import Handler, handlers, module_name
from portico.design.model import Api
from portico.stubs import types_module
from portico.stubs.stub import Stub, stub
from portico.stubs.types import Types


@dataclass(frozen=True, slots=True)
class Plan:
    """What the handlers folder is to hold for one API."""

    api: Api
    folder: Path
    stubs: tuple[Stub, ...]  # of all operations, in the document's order
    types: str  # the text of the types' module

    @property
    def types_path(self) -> Path:
        """The types' module."""
        return self.folder / f"{module_name(self.api.name)}_types.py"

    @property
    def source(self) -> str:
        """What the document is called in texts for people."""
        return types_module.source(self.api)

    def modules(self) -> dict[Path, list[Stub]]:
        """The stubs of each module in the folder. Operations that share a function have one stub."""
        found: dict[Path, dict[str, Stub]] = {}
        for one in self.stubs:
            if one.handler.inside and "." not in one.name:
                found.setdefault(one.handler.path(self.folder), {}).setdefault(one.name, one)
        return {path: list(named.values()) for path, named in found.items()}

    def elsewhere(self) -> list[Handler]:
        """Handlers that the document gives to other code: methods, and modules outside the folder."""
        return [one.handler for one in self.stubs if not one.handler.inside or "." in one.name]

    def types_from(self, path: Path) -> str:
        """The types' module as a module of the folder imports it."""
        depth = len(path.relative_to(self.folder).parts)
        return "." * depth + self.types_path.stem

    def shown(self, path: Path) -> str:
        """A path as people read it: below the project's root."""
        return path.relative_to(self.folder.parent).as_posix()


def plan(api: Api, folder: Path, *, pythonic: bool) -> Plan:
    """What the handlers folder is to hold.

    Args:
        api: the document.
        folder: the project's handlers folder.
        pythonic: whether `pythonic_params` is on.
    """
    found = handlers(api, folder)
    types = Types(api.definitions, reserved={handler.function for handler in found} | {"NotWritten"})
    stubs = tuple(stub(handler, types, pythonic=pythonic) for handler in found)
    uploads = any("UploadFile" in one.annotation for each in stubs for one in each.taken)
    return Plan(api, folder, stubs, types_module.render(api, types, uploads=uploads))
