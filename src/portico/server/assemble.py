"""From a project to what serves it: the gateway with all APIs, the pages, health and metrics."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from portico.config import Server
from portico.gateway import Gateway
from portico.gateway.resolver import ProjectResolver
from portico.observe import AccessLog, Metrics
from portico.observe.snapshot import Sharing, Source
from portico.project import Project
from portico.server.health import Addresses, Healthz, Readiness, Readyz
from portico.server.scrape import Scrape, is_loopback
from portico.site import Docs, Specs, StaticSite


@dataclass(frozen=True, slots=True)
class Service:
    """A project, ready to be served."""

    project: Project
    gateway: Gateway
    readiness: Readiness
    access_log: AccessLog
    management: ASGIApp | None  # for the management port, where there is one
    sharing: Sharing | None  # set where other workers serve the same project

    def close(self) -> None:
        """Write what is still to be written: the last lines of the access log, the last figures."""
        self.access_log.close()
        if self.sharing is not None:
            self.sharing.stop()


def service(
    project: Project,
    *,
    mock: bool = False,
    access_log: AccessLog | None = None,
    worker: str = "0.0",
    folder: Path | None = None,
) -> Service:
    """Put together everything that a server answers with, and compile it.

    Args:
        project: what to serve; its root is put on `sys.path` so that handlers can be imported.
        mock: answer unwritten operations with examples.
        access_log: where requests are written down; nowhere by default.
        worker: the name of this process among the workers.
        folder: the run folder that the workers share; None when there is one process only.

    Raises:
        HandlerError: a handler, or a security function, cannot be used.
    """
    _on_path(project.root)
    metrics = Metrics()
    log = access_log or AccessLog(None)
    gateway = Gateway(
        "portico",
        settings=project.config,
        mock=mock,
        metrics=metrics,
        access_log=log,
        pythonic_params=project.config.gateway.pythonic_params,
        strict_validation=project.config.gateway.strict_validation,
    )
    for api in project.apis:
        gateway.add_api(api, resolver=ProjectResolver(api, project.root / "handlers"))
    readiness = Readiness()
    source = Source(metrics, log, worker=worker)
    own_port = project.config.server.management_port != 0
    guarded = not own_port or is_loopback(project.config.server.management_host)
    health: dict[str, ASGIApp] = {"/healthz": Healthz(), "/readyz": Readyz(readiness)}
    operators = health | {"/metrics": Scrape(source, folder=folder, guarded=guarded)}
    _mount_pages(gateway, project)
    public = Addresses(health if own_port else operators)
    for path in operators:
        gateway.mount(path, public)
    gateway.compile()
    return Service(
        project=project,
        gateway=gateway,
        readiness=readiness,
        access_log=log,
        management=Addresses(operators) if own_port else None,
        sharing=None if folder is None else Sharing(source, folder),
    )


def access_log(settings: Server) -> AccessLog:
    """The access log that the configuration asks for: standard output, or none."""
    return AccessLog(sys.stdout if settings.access_log else None)


def _mount_pages(gateway: Gateway, project: Project) -> None:
    gateway.mount("/", StaticSite(project.root / "static_site"))
    gateway.mount("/docs", Docs(project.apis))
    gateway.mount("/specs", Specs(project.apis))


def _on_path(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
