"""Paths that are no operation's: routes added by hand, Connexion's Swagger UI, mounted applications, nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connexion.middleware.swagger_ui import SwaggerUIAPI
from connexion.options import SwaggerUIOptions
from starlette.routing import Match, Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from portico import design
from portico.context import REQUEST_ID
from portico.design.model import Api, Operation
from portico.gateway.authenticate import Authenticator, Schemes
from portico.gateway.exchange import Exchange
from portico.gateway.problems import NotFound

ORIGINAL = "portico.original_scope"  # Starlette's mounts change the scope; what comes after them needs it unchanged


class GuardedBase:
    """An API whose security also holds for paths that it does not describe (Connexion's `auth_all_paths`)."""

    def __init__(self, base_path: str, api: Api, security_map: Mapping[str, Any] | None, schemes: Schemes) -> None:
        self.base_path = base_path
        everything = Operation(id="", declared_id=None, method="get", path="", security=api.security)
        self._authenticate = Authenticator(api, everything, security_map, schemes) if api.security else None

    async def check(self, x: Exchange) -> None:
        """Refuse a request below the base path that the API's security does not let in."""
        if self._authenticate is not None and f"{x.path}/".startswith(f"{self.base_path}/"):
            pending = self._authenticate(x)
            if pending is not None:
                await pending


class Elsewhere:
    """What answers where no operation does."""

    def __init__(
        self,
        rules: Router,
        mounts: Mapping[str, ASGIApp],
        guarded: Sequence[GuardedBase],
        apis: Sequence[tuple[Api, str, Any]],
    ) -> None:
        """Compile.

        Args:
            rules: the routes of `add_url_rule`.
            mounts: applications by prefix; the longest that fits answers.
            guarded: APIs with `auth_all_paths`.
            apis: every API, its base path and its swagger_ui_options.
        """
        self._rules = rules
        self._mounts = sorted(mounts.items(), key=lambda item: len(item[0]), reverse=True)
        self._guarded = guarded
        self._bases = [base_path for _, base_path, _ in apis]
        self._ui = self._swagger_ui(apis)

    def _swagger_ui(self, apis: Sequence[tuple[Api, str, Any]]) -> Router | None:
        router = Router(default=self._mounted)
        for api, base_path, options in apis:
            if isinstance(options, SwaggerUIOptions) and not (options.swagger_ui or options.serve_spec):
                continue
            page = SwaggerUIAPI(
                _Specification(api, base_path), base_path=base_path, default=self._mounted, swagger_ui_options=options
            )
            router.routes.append(Mount(base_path, app=page.router))
        return router if router.routes else None

    async def __call__(self, x: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer.

        Raises:
            NotFound: nothing is there.
        """
        scope[REQUEST_ID] = x.request_id  # for the problems that mounted applications answer themselves
        for base in self._guarded:
            await base.check(x)
        if any(route.matches(scope)[0] is not Match.NONE for route in self._rules.routes):
            await self._rules(scope, receive, send)
        elif self._ui is not None:
            await self._ui({**scope, ORIGINAL: scope}, receive, send)
        else:
            await self._mounted(scope, receive, send)

    async def _mounted(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = scope.get(ORIGINAL, scope)
        path: str = scope["path"]
        base = max((base for base in self._bases if f"{path}/".startswith(f"{base}/")), key=len, default="")
        for prefix, app in self._mounts:
            is_api = len(prefix) < len(base)  # the longest prefix wins, and it is an API's: its clients want a problem
            if not is_api and (path == prefix or path.startswith(f"{prefix}/")):
                await app(scope, receive, send)
                return
        raise NotFound(f"Nothing is at {path[:200]}")


class _Specification:
    """A document behind the interface of Connexion's specifications, as far as its Swagger UI uses that."""

    def __init__(self, api: Api, base_path: str) -> None:
        self._api = api
        self.base_path = base_path
        self.version = (*(int(part) for part in api.dialect.split(".")), 0)

    def with_base_path(self, base_path: str) -> _Specification:
        """The same document, served elsewhere."""
        return _Specification(self._api, base_path)

    @property
    def spec(self) -> dict[str, Any]:
        """The document in one piece."""
        return design.published(self._api, self.base_path)
