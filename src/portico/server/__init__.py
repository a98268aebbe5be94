"""The process that answers: `portico serve`, and the application that it serves.

Nothing heavy is imported here: the parent of several workers needs neither the gateway nor the design.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portico.gateway import Gateway
    from portico.project import Project

__all__ = ["application", "serve"]


def application(project: Project, *, mock: bool = False) -> Gateway:
    """Everything that `portico serve` answers with, as an ASGI application for any server or test client.

    Args:
        project: what `portico.project.load` read.
        mock: answer unwritten operations with examples.

    Raises:
        HandlerError: a handler, or a security function, cannot be used.
    """
    from portico.server import assemble
    from portico.server.health import State

    service = assemble.service(project, mock=mock)
    service.readiness.state = State.READY  # who runs it elsewhere decides there when it wants no requests
    return service.gateway


def serve(
    root: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    reload: bool = False,
    mock: bool = False,
) -> int:
    """Serve a project until SIGTERM or SIGINT.

    Args:
        root: the project's folder.
        host: the address to listen on; else as configured.
        port: 0 for any free one; else as configured.
        workers: how many processes answer; else as configured.
        reload: serve changes of the project as soon as they are without fault. SIGHUP does that once, without this.
        mock: answer unwritten operations with examples.

    Returns:
        The exit status: 0, or 1 when the workers found the project to be at fault.

    Raises:
        ConfigError: the configuration is wrong, or the port is taken.
        DesignError: a document has faults, or handlers do not fit it.
        HandlerError: a handler cannot be used.
    """
    from portico.server.serve import serve as start

    return start(root, host=host, port=port, workers=workers, reload=reload, mock=mock)
