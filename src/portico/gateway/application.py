"""The gateway: a Connexion application whose work is done at start.

`Gateway` takes what `connexion.AsyncApp` takes and behaves as it does. Connexion's nine middlewares are not run: the
list of them only says where a project's own middlewares stand, and the steps between are compiled (see `pipeline`).
"""

from __future__ import annotations

import contextlib
import functools
import pathlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from connexion import AsyncApp
from connexion.exceptions import InvalidSpecification
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.main import ConnexionMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.response_validation import ResponseValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.middleware.server_error import ServerErrorMiddleware
from connexion.middleware.swagger_ui import SwaggerUIMiddleware
from connexion.resolver import Resolver
from connexion.utils import sort_apis_by_basepath
from starlette.types import ASGIApp, Receive, Scope, Send

from portico import design
from portico.config import Config, Mode
from portico.design import decode, fetch
from portico.design.model import Api
from portico.errors import DesignError
from portico.gateway.address import address_of
from portico.gateway.attempts import Attempts
from portico.gateway.connexion_operation import path_types
from portico.gateway.edge import EXCHANGE, Edge
from portico.gateway.elsewhere import Elsewhere, GuardedBase
from portico.gateway.exchange import Exchange
from portico.gateway.failures import Failures
from portico.gateway.pipeline import CompiledOperation, Options, Shared, compile_operation
from portico.gateway.router import Router
from portico.identity.source import networks_of
from portico.observe import AccessLog, Metrics

if TYPE_CHECKING:
    from portico.gateway.authority import Authority

_MARKERS = {
    ServerErrorMiddleware, ExceptionMiddleware, SwaggerUIMiddleware, RoutingMiddleware, SecurityMiddleware,
    RequestValidationMiddleware, ResponseValidationMiddleware, LifespanMiddleware, ContextMiddleware,
}  # fmt: skip

Step = Callable[[Exchange, ASGIApp], Awaitable[None]]


class InvalidDocument(DesignError, InvalidSpecification):  # type: ignore[misc]
    """A document that cannot be used, told so that code which catches Connexion's exception catches it."""


class Gateway(AsyncApp):  # type: ignore[misc]
    """An application that serves APIs from their documents. Connexion's users change the class, and nothing else."""

    middleware: GatewayMiddleware

    def __init__(
        self,
        import_name: str,
        *,
        settings: Config | None = None,
        mock: bool = False,
        metrics: Metrics | None = None,
        access_log: AccessLog | None = None,
        authority: Authority | None = None,
        **options: Any,
    ) -> None:
        """Make a gateway.

        Args:
            import_name: the package or module that it belongs to, as for `connexion.AsyncApp`.
            settings: the project's configuration; defaults, but for what the other arguments say, where there is none.
            mock: answer operations that nobody has written with examples.
            metrics: where requests are counted.
            access_log: where requests are written down.
            authority: decides the security schemes that Portico itself knows.
            options: all other arguments of `connexion.AsyncApp`.
        """
        super().__init__(import_name, **options)
        self.middleware = GatewayMiddleware(
            self._middleware_app,
            import_name=import_name,
            settings=settings or Config(),
            mock=mock,
            metrics=metrics or Metrics(),
            access_log=access_log,
            authority=authority,
            **options,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve (ASGI 3)."""
        edge = self.middleware.edge
        if edge is None or scope["type"] != "http":
            await self.middleware(scope, receive, send)
        else:
            scope["app"] = self.middleware
            await edge(scope, receive, send)

    def mount(self, prefix: str, app: ASGIApp) -> None:
        """Put an ASGI application beside the APIs. It sees the whole path; operations, and longer prefixes, win.

        Args:
            prefix: where it begins: "/docs" takes "/docs" and all below; "/" takes what nobody else does.
            app: the application.
        """
        self.middleware.mounts[prefix.rstrip("/")] = app

    def compile(self) -> None:
        """Do at once what the first request, or the server's start, would do: compile every operation.

        Raises:
            ResolverError: a handler is missing.
            HandlerError: a handler or a security function cannot be used.
            DesignError: a document cannot be used.
        """
        self.middleware.compile()

    @property
    def operations(self) -> list[CompiledOperation]:
        """All operations, compiled."""
        self.compile()
        return self.middleware.operations


class GatewayMiddleware(ConnexionMiddleware):  # type: ignore[misc]
    """Takes the place of Connexion's stack of middlewares."""

    def __init__(
        self,
        app: Any,
        *,
        settings: Config,
        mock: bool,
        metrics: Metrics,
        access_log: AccessLog | None,
        authority: Authority | None = None,
        import_name: str,
        **options: Any,
    ) -> None:
        super().__init__(app, import_name=import_name, **options)
        self.routes = app  # what add_url_rule() and route() fill
        self.settings = settings
        self.mock = mock
        self.metrics = metrics
        self.access_log = access_log
        self.authority = authority
        self.mounts: dict[str, ASGIApp] = {}
        self.operations: list[CompiledOperation] = []
        self.edge: Edge | None = None  # None until everything is compiled
        self._others: ASGIApp = app
        self._added: list[_Added] = []

    def add_api(
        self,
        specification: pathlib.Path | str | Mapping[str, Any] | Api,
        *,
        base_path: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        """Add an API: see `connexion.AsyncApp.add_api`; an `Api` that has been read already will do as well.

        Raises:
            RuntimeError: the application has started.
            InvalidDocument: the document cannot be used.
        """
        if self.edge is not None:
            raise RuntimeError("Cannot add api after an application has started")
        known = {key: options.pop(key) for key in list(options) if key in self.options.__dict__}
        chosen = self.options.replace(**known)
        try:
            api = self._read(specification, chosen.arguments, name)
        except DesignError as error:
            raise InvalidDocument(error.findings) from None
        self._added.append(_Added(api, api.base_path if base_path is None else base_path.rstrip("/"), chosen))

    def _read(self, specification: Any, arguments: Mapping[str, Any] | None, name: str | None) -> Api:
        if isinstance(specification, Api):
            return specification
        if isinstance(specification, str) and specification.startswith(("http://", "https://")):
            return design.read(_fetched(specification), name=name or "api", arguments=arguments)
        if isinstance(specification, Mapping):
            return design.read(specification, root=self.specification_dir, name=name, arguments=arguments)
        path = self.specification_dir / specification
        with contextlib.suppress(ValueError):
            self.extra_files.append(str(path.relative_to(pathlib.Path.cwd())))
        root = self.root_path if path.is_relative_to(self.root_path) else path.parent
        return design.read(path, root=pathlib.Path(root), name=name, arguments=arguments)

    def add_error_handler(self, code_or_exception: Any, function: Callable[..., Any]) -> None:
        """Register a handler of errors: see `connexion.AsyncApp.add_error_handler`."""
        if self.edge is not None:
            raise RuntimeError("Cannot add error handler after an application has started")
        self.error_handlers.append((code_or_exception, function))

    def compile(self) -> None:
        """See `Gateway.compile`."""
        if self.edge is not None:
            return
        router: Router[CompiledOperation] = Router()
        guarded: list[GuardedBase] = []
        operations = []
        added = sort_apis_by_basepath(self._added)
        attempts = self._attempts()
        for one in added:
            options = self._options_of(one)
            shared = Shared(self.authority, attempts)
            for operation in one.api.operations:
                compiled = compile_operation(one.api, operation, options, shared, self.metrics, base_path=one.base_path)
                template = one.base_path + operation.path
                router.add(operation.method.upper(), template, compiled, types=path_types(operation))
                operations.append(compiled)
            shared.validators.finish()
            if options.auth_all_paths:
                guarded.append(GuardedBase(one.base_path, one.api, options.security_map, shared.schemes))
        self.operations = operations
        edge = Edge(
            router,
            elsewhere=Elsewhere(
                self.routes.router,
                self.mounts,
                guarded,
                [(one.api, one.base_path, one.options.swagger_ui_options) for one in added],
            ),
            settings=self.settings,
            failures=Failures(self.error_handlers),
            metrics=self.metrics,
            access_log=self.access_log,
        )
        self._assemble(edge)
        self.edge = edge
        self.middleware_stack = [edge]

    def _attempts(self) -> Attempts | None:
        allowance = self.settings.gateway.failed_authentications
        if not allowance:
            return None
        return Attempts(allowance, address=address_of(networks_of(self.settings)))

    def _options_of(self, one: _Added) -> Options:
        chosen = one.options
        mode: Mode = self.settings.gateway.validate_responses
        if chosen.validate_responses is not None:  # somebody said so in the code
            mode = "enforce" if chosen.validate_responses else "off"
        return Options(
            settings=self.settings,
            resolver=chosen.resolver or Resolver(),
            resolver_error=chosen.resolver_error,
            pythonic_params=bool(chosen.pythonic_params),
            strict_validation=bool(chosen.strict_validation),
            validate_responses=mode,
            uri_parser_class=chosen.uri_parser_class,
            validator_map=chosen.validator_map,
            security_map=chosen.security_map,
            jsonifier=chosen.jsonifier,
            auth_all_paths=bool(chosen.auth_all_paths),
            mock=self.mock,
        )

    def _assemble(self, edge: Edge) -> None:
        """Put the project's own middlewares between the steps, where it has any."""
        own = [m for m in self.middlewares if _class_of(m) not in _MARKERS]
        bottom: ASGIApp = LifespanMiddleware(self.routes, lifespan=self.lifespan)
        if not own and set(map(_class_of, self.middlewares)) == _MARKERS:
            self._others = bottom
            return
        app: ASGIApp = Layer(edge.finish, bottom)
        for middleware in reversed(self.middlewares):
            marker = _class_of(middleware)
            if marker not in _MARKERS:
                app = middleware(app)
            elif (step := edge.layers.get(marker)) is not None:
                app = Layer(step, app)
        self._others = app

        edge.wrap(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve: HTTP by the edge; lifespan and whatever else by what Connexion has for it."""
        scope["app"] = self
        if self.edge is None:
            self.compile()
        if scope["type"] == "http" and self.edge is not None:
            await self.edge(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def _fetched(url: str) -> Mapping[str, Any]:
    """A document from a URL that the project's own code names (Connexion's `add_api("https://...")`)."""
    text = fetch.text(url)
    document: Mapping[str, Any] = decode.value_of(text, as_json=decode.is_json(text, url))
    return document


class _Added:
    """An API as it was added."""

    def __init__(self, api: Api, base_path: str, options: Any) -> None:
        self.api = api
        self.base_path = base_path
        self.options = options


class Layer:
    """A step of ours between two middlewares of the project."""

    def __init__(self, step: Step, following: ASGIApp) -> None:
        self._step = step
        self._following = following

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the step for HTTP requests; anything else goes on."""
        if scope["type"] != "http":
            await self._following(scope, receive, send)
            return
        x: Exchange = scope[EXCHANGE]
        x.scope, x.receive, x.send = scope, receive, send
        await self._step(x, self._following)


def _class_of(middleware: Any) -> Any:
    return middleware.func if isinstance(middleware, functools.partial) else middleware
