"""API keys in a test: made in its database, known at once, and sent where the designs want them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from httpx2 import Auth, Request

from portico.design.model import Api, SecurityScheme
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.server.plans import UsagePlans

HEADER = SecurityScheme("", "apiKey", location="header", parameter="X-API-Key")  # where a design says nothing


class NoPlans(PorticoError):
    """There are no API keys: the project declares no usage plans."""


class WhichPlan(PorticoError):
    """There are several plans, or none, and the test names none of them."""


class KeyFields(TypedDict, total=False):
    """What a key may have besides; see `portico.access.keys.service.ApiKeys.create`."""

    description: str
    owner: str
    tags: Mapping[str, str]
    expires_at: float | None  # seconds since the epoch
    apis: Sequence[str]
    stages: Sequence[str]
    networks: Sequence[str]
    user_id: str | None
    client_id: str | None


def keys_of(keys: Keys | None) -> Keys:
    """The API keys of a project.

    Raises:
        NoPlans: it has none.
    """
    if keys is None:
        raise NoPlans("This project has no auth/plans.yaml, so no API keys. Declare a plan, or send secret='...'.")
    return keys


class Keys:
    """The API keys of a project that is tested."""

    def __init__(self, plans: UsagePlans, apis: Sequence[Api]) -> None:
        self._plans = plans
        self._apis = [api.name for api in apis]

    async def make(self, plan: str | None, name: str, fields: KeyFields) -> str:
        """The secret of a new key, which the gateway knows already.

        Raises:
            ApiKeyInvalid: a value cannot be.
            WhichPlan: none is named, and there is not exactly one.
        """
        from portico.access.keys.service import ApiKeys
        from portico.identity.audit import AuditLog
        from portico.identity.source import LOCAL

        state, known = self._plans.state, self._plans.plans.names
        if plan is None and len(known) != 1:
            raise WhichPlan(f"Say with_key(plan=...): auth/plans.yaml has {', '.join(known) or 'no plan'}.")
        keys = ApiKeys(state, AuditLog(state), known_plans=known, known_apis=self._apis)
        made = await keys.create(name, [plan or known[0]], source=LOCAL, **fields)
        await self._plans.feed.look()
        return made.secret.reveal()


class ApiKey(Auth):
    """Adds a key to requests."""

    def __init__(self, secret: str, apis: Sequence[Api]) -> None:
        self._secret = secret
        self._apis = apis

    def auth_flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """Send the request with the key, unless a test says otherwise."""
        for scheme in self._schemes(request.url.path):
            self._put(request, scheme.location, scheme.parameter or "")
        yield request

    def _schemes(self, path: str) -> list[SecurityScheme]:
        """Those of the API that a path is of."""
        apis = [api for api in self._apis if path == api.base_path or path.startswith(f"{api.base_path}/")]
        api = max(apis, key=lambda api: len(api.base_path), default=None)
        schemes = () if api is None else api.security_schemes.values()
        return [one for one in schemes if one.type == "apiKey" and not one.is_signed] or [HEADER]

    def _put(self, request: Request, location: str | None, name: str) -> None:
        if location == "query":
            if name not in request.url.params:
                request.url = request.url.copy_add_param(name, self._secret)
        elif location == "cookie":
            others = request.headers.get("Cookie", "")
            if f"{name}=" not in others:
                request.headers["Cookie"] = "; ".join(filter(None, (others, f"{name}={self._secret}")))
        else:
            request.headers.setdefault(name, self._secret)


class Both(Auth):
    """A key, and who calls with it."""

    requires_request_body = True

    def __init__(self, *parts: Auth) -> None:
        self._parts = parts

    def auth_flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """Send the request with what all of them add: a signature last, since it covers the rest."""
        for part in self._parts:
            next(iter(part.auth_flow(request)))
        yield request
