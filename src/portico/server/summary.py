"""What a service consists of, in a few words: for the start screen, and for who watches its files."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from portico.server.assemble import Service
from portico.server.control import ApiSummary


def apis(service: Service) -> list[ApiSummary]:
    """The APIs with the number of their operations, and of those that nobody has written yet."""
    unwritten = {
        api.name: sum(is_stub(compiled.function) for compiled in service.gateway.operations if compiled.api is api)
        for api in service.project.apis
    }
    return [
        ApiSummary(api.name, api.title, api.base_path, len(api.operations), unwritten[api.name])
        for api in service.project.apis
    ]


def mailbox(service: Service) -> str:
    """The page that shows the mails of development; empty where there is none."""
    pool = None if service.identity is None else service.identity.pool
    return f"{pool.issuer}/mailbox" if pool is not None and pool.development else ""


def is_stub(function: object) -> bool:
    """Whether a handler is one that `portico stubs` made and nobody has written: it raises NotWritten."""
    code = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    return code is not None and "NotWritten" in code.co_names


def files(service: Service) -> list[str]:
    """The files below the project's root that it was read from: documents, and the modules that were imported."""
    root = service.project.root
    named = [root / file for api in service.project.apis for file in api.files]
    loaded = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    kept = {path.resolve() for path in [*named, *loaded]}
    return sorted(str(path) for path in kept if path.is_relative_to(root) and not _installed(path.relative_to(root)))


def _installed(path: Path) -> bool:
    return any(part in ("site-packages", "node_modules") or part.startswith(".") for part in path.parts)
