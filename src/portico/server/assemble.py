"""From a project to what serves it: the gateway with all APIs, the pages, health and metrics."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portico.gateway import late  # noqa: F401 - before anything imports Connexion

# isort: split
from connexion.exceptions import ResolverError
from connexion.options import SwaggerUIOptions
from starlette.types import ASGIApp

from portico.config import Server
from portico.errors import HandlerError
from portico.gateway import Gateway, results
from portico.gateway.resolver import ProjectResolver
from portico.observe import AccessLog, Metrics
from portico.observe.snapshot import Sharing, Source
from portico.project import Project
from portico.server.health import Addresses, Healthz, Readiness, Readyz
from portico.server.scrape import Scrape
from portico.server.sockets import is_loopback
from portico.site import Docs, DocsClient, Specs, StaticSite

if TYPE_CHECKING:
    from portico.gateway.authority import Authority
    from portico.identity.service import Identity
    from portico.server.plans import UsagePlans
    from portico.server.sign_in import SignIn

HANDLERS = "handlers"


@dataclass(frozen=True, slots=True)
class Service:
    """A project, ready to be served."""

    project: Project
    gateway: Gateway
    readiness: Readiness
    access_log: AccessLog
    management: ASGIApp | None  # for the management port, where there is one
    sharing: Sharing | None  # set where other workers serve the same project
    identity: Identity | None  # of the project's user pool
    plans: UsagePlans | None = None  # of the project, where it declares any

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
        ConfigError: what `auth/` declares cannot be.
        HandlerError: a handler, or a security function, cannot be used.
        StoreError: the project's state cannot be used.
    """
    _on_path(project.root)
    sign_in = _sign_in(project, folder)
    plans = _plans(project, folder, sign_in)
    metrics, log, readiness = Metrics(), access_log or AccessLog(None), Readiness()
    gateway = _gateway(project, sign_in, plans, metrics, log, mock=mock)
    failures = None if plans is None else plans.limiter.failures
    source = Source(metrics, log, worker=worker, without_store=failures)
    _mount_pages(gateway, project, sign_in, plans)
    management = _mount_health(gateway, project.config.server, readiness, source, folder)
    _compile(gateway, project.root)
    return Service(
        project=project,
        gateway=gateway,
        readiness=readiness,
        access_log=log,
        management=management,
        sharing=None if folder is None else Sharing(source, folder),
        identity=None if sign_in is None else sign_in.identity,
        plans=plans,
    )


def _gateway(
    project: Project,
    sign_in: SignIn | None,
    plans: UsagePlans | None,
    metrics: Metrics,
    log: AccessLog,
    *,
    mock: bool,
) -> Gateway:
    """The gateway with every API of the project."""
    settings = project.config
    authority = _authority(project, plans) if sign_in is None else sign_in.authority
    if plans is not None and authority is not None:
        authority.keys, authority.throttle = plans.keys, plans.throttle
    gateway = Gateway(
        "portico",
        settings=settings,
        mock=mock,
        metrics=metrics,
        access_log=log,
        authority=authority,
        lifespan=_lifespan(sign_in, plans),
        pythonic_params=settings.gateway.pythonic_params,
        strict_validation=settings.gateway.strict_validation,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),  # /docs and /specs are a project's
    )
    for api in project.apis:
        gateway.add_api(api, resolver=ProjectResolver(api, project.root / HANDLERS))
    return gateway


def _sign_in(project: Project, folder: Path | None) -> SignIn | None:
    """The project's pool, where it declares one. Else nothing of it is imported: a worker stays small."""
    if not (project.root / "auth" / "pool.yaml").is_file():
        return None
    from portico.server.sign_in import SignIn

    return SignIn.of(project.root, project.config, project.apis, folder)


def _plans(project: Project, folder: Path | None, sign_in: SignIn | None) -> UsagePlans | None:
    """The project's plans, where it declares any. Else nothing of it is imported."""
    if not (project.root / "auth" / "plans.yaml").is_file():
        return None
    from portico.server.plans import UsagePlans

    identity = None if sign_in is None else sign_in.identity
    return UsagePlans.of(project.root, project.config, project.apis, folder=folder, identity=identity)


def _lifespan(*parts: SignIn | UsagePlans | None) -> Callable[[Any], AbstractAsyncContextManager[None]] | None:
    """What starts the first of them first, and stops it last."""
    there = [part for part in parts if part is not None]
    if not there:
        return None

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for part in there:
                await stack.enter_async_context(part.lifespan(app))
            yield

    return lifespan


def _authority(project: Project, plans: UsagePlans | None) -> Authority | None:
    """What decides the schemes of other issuers, and API keys, where the project has no pool."""
    schemes = [scheme for api in project.apis for scheme in api.security_schemes.values()]
    if plans is None and not any(
        scheme.type == "openIdConnect" or results.EXTENSION in scheme.extensions for scheme in schemes
    ):
        return None
    from portico.gateway.authority import Authority

    return Authority()


def _compile(gateway: Gateway, root: Path) -> None:
    """Compile every operation, which imports the handlers: their faults are told with their place."""
    try:
        gateway.compile()
    except HandlerError as error:
        raise HandlerError(f"{error}{_place(error.__cause__, root)}") from error.__cause__
    except ResolverError as error:
        raise HandlerError(str(error.args[0] if error.args else error)) from error
    except SystemExit as error:
        raise HandlerError(f"A handler ends the program when it is imported{_place(error, root)}") from error


def _place(error: BaseException | None, root: Path) -> str:
    """Where in the project something was raised."""
    if isinstance(error, SyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        frames = traceback.extract_tb(error.__traceback__ if error is not None else None)
        places = [(frame.filename, frame.lineno) for frame in frames]
    own = [(Path(file).relative_to(root), line) for file, line in places if Path(file).is_relative_to(root)]
    own = [(file, line) for file, line in own if file.parts[0] == HANDLERS]
    return f" ({own[-1][0]}:{own[-1][1]})." if own else "."


def access_log(settings: Server) -> AccessLog:
    """The access log that the configuration asks for: standard output, or none."""
    return AccessLog(sys.stdout if settings.access_log else None)


def _mount_pages(gateway: Gateway, project: Project, sign_in: SignIn | None, plans: UsagePlans | None) -> None:
    pool = None if sign_in is None else sign_in.identity.pool
    client = None if pool is None else DocsClient.of(pool.settings, pool.origin)
    gateway.mount("/", StaticSite(project.root / "static_site"))
    gateway.mount("/docs", Docs(project.apis, client=client))
    gateway.mount("/specs", Specs(project.apis))
    if sign_in is not None:
        sign_in.mount(gateway)
    if plans is not None:
        plans.mount(gateway)


def _mount_health(
    gateway: Gateway, server: Server, readiness: Readiness, source: Source, folder: Path | None
) -> ASGIApp | None:
    """Put health and metrics where the configuration wants them; gives what a management port serves."""
    own_port = server.management_port != 0
    guarded = not own_port or is_loopback(server.management_host)
    health: dict[str, ASGIApp] = {"/healthz": Healthz(), "/readyz": Readyz(readiness)}
    operators = health | {"/metrics": Scrape(source, folder=folder, guarded=guarded)}
    public = Addresses(health if own_port else operators)
    for path in operators:
        gateway.mount(path, public)
    return Addresses(operators) if own_port else None


def _on_path(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
