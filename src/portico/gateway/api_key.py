"""API keys of the project, as the check of a security scheme.

The key stands where the scheme says, or it is found by who is calling: `x-amazon-apigateway-api-key-source: AUTHORIZER`
in the document makes the verified identity the key (API Gateway: "Choose an API key source"). Then it is the key whose
value the project's function gives as `usageIdentifierKey`, else the one that belongs to the user or the application.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeVar

from connexion.security import NO_VALUE

from portico.access.keys.errors import ApiKeyRefused
from portico.access.keys.ring import KeyRing, Known
from portico.access.limiter import OperationLimiter
from portico.context import ByKey, SignedBy, Together
from portico.design.model import Api
from portico.errors import ConfigError
from portico.gateway.exchange import Exchange
from portico.gateway.problems import KeyNotAllowed, KeyRefused
from portico.store import Clock

log = logging.getLogger("portico.gateway")

T = TypeVar("T")

SOURCE = "x-amazon-apigateway-api-key-source"
BY_IDENTITY = "usageIdentifierKey"  # AWS's name, in what an authorizer says
STAGE = "default"

Find = Callable[[Exchange], bytes | None]
Verify = Callable[[Exchange], Any]


class Unidentified(dict[str, Any]):
    """Stands for a key that is found by who is calling, until everybody else has said who that is."""


def source_of(api: Api) -> str:
    """Where the key of a request is: "HEADER" or "AUTHORIZER".

    Raises:
        ConfigError: the document says something else.
    """
    said = api.extensions.get(SOURCE, "HEADER")
    if said not in ("HEADER", "AUTHORIZER"):
        raise ConfigError(f"{api.name}: {SOURCE} is {said!r}. Write HEADER or AUTHORIZER.")
    return str(said)


class ApiKeyCheck:
    """Decides schemes of API keys."""

    def __init__(
        self,
        ring: KeyRing,
        *,
        address: Callable[[Exchange], str],
        issuer: str | None = None,
        clock: Clock = time.time,
    ) -> None:
        """Make one.

        Args:
            ring: knows keys.
            address: where a request comes from.
            issuer: of the project's pool, whose users and applications keys may belong to.
            clock: seconds since the epoch.
        """
        self._ring = ring
        self._address = address
        self._issuer = issuer
        self._clock = clock

    def check(self, api: Api, find: Find, limiter: OperationLimiter, *, alone: bool) -> Verify | None:
        """The check of a requirement: there is a key, and it may be used for this.

        Args:
            api: the API's name.
            find: the key, as it stands in a request.
            limiter: of the operation, which knows the plans that cover it.
            alone: whether nothing else is required with it.
        """
        if source_of(api) == "AUTHORIZER":
            if alone:
                log.warning("%s: the key is found by who is calling, and nobody says who that is: denied", api.name)
                return None
            return lambda x: Unidentified()
        resolve, clock, accept = self._ring.resolve, self._clock, self._accept

        async def later(x: Exchange, pending: Awaitable[Known]) -> ByKey:
            try:
                return accept(x, await pending, api.name, limiter, clock())
            except ApiKeyRefused as error:
                raise _refused(error, x) from None

        def verify(x: Exchange) -> Any:
            secret = find(x)
            if secret is None:
                return NO_VALUE
            now = clock()
            try:
                known = resolve(secret, now)
            except ApiKeyRefused as error:
                raise _refused(error, x) from None
            if known.__class__ is not Known:
                return later(x, known)  # type: ignore[arg-type]
            return accept(x, known, api.name, limiter, now)

        return verify

    def identify(self, api: Api, limiter: OperationLimiter) -> Callable[[Exchange], Awaitable[None] | None] | None:
        """The step `key`: finds the key by who is calling. None where keys stand in requests.

        Args:
            api: the API.
            limiter: of the operation.
        """
        if source_of(api) != "AUTHORIZER":
            return None

        def key(x: Exchange) -> Awaitable[None] | None:
            said = x.caller
            if not isinstance(said, Together) or not any(one.__class__ is Unidentified for one in said.values()):
                return None
            return self._identified(x, said, api, limiter)

        return key

    async def _identified(self, x: Exchange, said: Together, api: Api, limiter: OperationLimiter) -> None:
        others = [one for one in said.values() if one.__class__ is not Unidentified]
        try:
            known = await self._found(others)
        except ApiKeyRefused as error:
            log.info("%s: %s request_id=%s", api.name, error, x.request_id)
            raise KeyNotAllowed from None
        if known is None:
            raise KeyNotAllowed
        key = self._accept(x, known, api.name, limiter, self._clock())
        for name, one in said.items():
            if one.__class__ is Unidentified:
                said[name] = key

    async def _found(self, said: list[Mapping[str, Any]]) -> Known | None:
        """The key of who is calling.

        Raises:
            ApiKeyRefused: they have one, which does not count.
        """
        now = self._clock()
        for one in said:
            value = one.get(BY_IDENTITY)
            if isinstance(value, str):
                return await _settled(self._ring.resolve(value.encode("utf-8", "surrogateescape"), now))
        for one in said:
            if not isinstance(one, SignedBy) and (self._issuer is None or one.get("iss") != self._issuer):
                continue  # somebody else's users have nothing to do with ours
            user, client = one.get("sub"), one.get("client_id")
            if isinstance(user, str) and user != client:
                found = await _settled(self._ring.of_user(user, now))
                if found is not None:
                    return found
            if isinstance(client, str):
                found = await _settled(self._ring.of_client(client, now))
                if found is not None:
                    return found
        return None

    def _accept(self, x: Exchange, known: Known, api: str, limiter: OperationLimiter, now: float) -> ByKey:
        """Let a key be used where it may be: what handlers see of who called with it.

        Raises:
            KeyNotAllowed: this is not one of its APIs, stages or networks, or none of its plans has it.
        """
        if known.takes.get(limiter.allowed) != limiter.generation:
            key = known.key
            if key.apis and api not in key.apis:
                self._forbid(x, known, api, "its APIs are others")
            if key.stages and STAGE not in key.stages:
                self._forbid(x, known, api, "its stages are others")
            if limiter.plan_of(known) is None:
                self._forbid(x, known, api, "no plan of it has this" if key.plans else "it has no plan")
            known.takes[limiter.allowed] = limiter.generation
        if known.networks and not known.admits(self._address(x)):
            self._forbid(x, known, api, "its networks are others")
        self._ring.note_use(known, now)
        return said_of(known)

    def _forbid(self, x: Exchange, known: Known, api: str, why: str) -> NoReturn:
        log.info("%s: the key %s may not be used here: %s request_id=%s", api, known.key.id, why, x.request_id)
        raise KeyNotAllowed


def said_of(known: Known) -> ByKey:
    """What handlers see of who called with a key. Made for each request: kept with each key it would be megabytes."""
    key = known.key
    return ByKey(
        {
            "key": key.id,
            "key_name": key.name,
            "owner": key.owner,
            "tags": dict(key.tags),
            "plans": key.plans,
            "user_id": key.user_id,
            "client_id": key.client_id,
        },
        known=known,
    )


def key_of(said: Any) -> Known | None:
    """The key of a request, among what its security said."""
    if said.__class__ is ByKey:
        return said.known  # type: ignore[no-any-return]
    if said.__class__ is Together:
        for one in said.values():
            if one.__class__ is ByKey:
                return one.known  # type: ignore[no-any-return]
    return None


def _refused(error: ApiKeyRefused, x: Exchange) -> KeyRefused:
    log.info("an API key was refused: %s request_id=%s", type(error).__name__, x.request_id)
    return KeyRefused()


async def _settled(found: T | Awaitable[T]) -> T:
    return await found if isinstance(found, Awaitable) else found
