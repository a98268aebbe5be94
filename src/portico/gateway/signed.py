"""Signed requests (AWS Signature Version 4), as the check of a security scheme, and whether the role may call."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from connexion.security import NO_VALUE

from portico import signing
from portico.access import Call, Decision, Principal
from portico.config import Config
from portico.context import SignedBy
from portico.design.model import Api, Operation
from portico.errors import ConfigError
from portico.gateway.body import Limits, receive_body, whole_body
from portico.gateway.exchange import Exchange
from portico.gateway.problems import NotAuthorised, SignatureRefused
from portico.identity.credentials import Resolved
from portico.identity.credentials.errors import CredentialsExpired, CredentialsRefused
from portico.identity.credentials.model import LASTING
from portico.secret import Secret
from portico.signing.replay.guard import Mode

log = logging.getLogger("portico.gateway")

REPLAY = "x-portico-replay"  # of an operation: "off", "signature" or "nonce", in place of [signing] replay
UNSIGNED = "x-portico-unsigned-payload"  # of an operation: true takes UNSIGNED-PAYLOAD
MODES = ("off", "signature", "nonce")

Verify = Callable[[Exchange], Any]


class Resolver(Protocol):
    """Knows access keys."""

    def resolve(self, access_key_id: str, session_token: str | None, *, now: float) -> Resolved | Awaitable[Resolved]:
        """What an access key stands for.

        Raises:
            CredentialsRefused: nothing; it is unknown, expired or revoked.
        """

    def note_use(self, access_key_id: str, now: float) -> None:
        """A signature with a long-lived access key was right."""


class Decider(Protocol):
    """Knows roles."""

    def decide(self, principal: Principal, call: Call) -> Decision:
        """Whether a call is allowed."""


class Signed:
    """Verifies signed requests; one for all APIs of a gateway."""

    query_names = signing.QUERY_NAMES  # of presigned URLs: no parameters of an operation

    def __init__(
        self,
        *,
        settings: Config,
        credentials: Resolver,
        roles: Decider,
        guard: signing.ReplayGuard,
        address: Callable[[Exchange], str],
        doctor: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make one.

        Args:
            settings: the project's configuration.
            credentials: knows access keys.
            roles: decides what a role may call.
            guard: remembers unsafe requests, which count once.
            address: where a request comes from.
            doctor: answer a mismatch with what the server signed (development).
            clock: seconds since the epoch.
        """
        self._settings = settings
        self._credentials = credentials
        self._roles = roles
        self._guard = guard
        self._address = address
        self._doctor = doctor
        self._clock = clock
        server = settings.server
        self._limits = Limits(server.body_limit, server.body_timeout, server.body_timeout * 6)

    def check(self, api: Api, operation: Operation) -> Verify:
        """The check of a requirement: the request is signed, by somebody who is known, and was not seen before."""
        mode, rules = self._mode(api, operation), self._rules(operation)
        limits, guard, skew = self._limits, self._guard, self._settings.signing.skew
        resolve, clock = self._credentials.resolve, self._clock

        def verify(x: Exchange) -> Any:
            if not _is_signed(x):
                return NO_VALUE
            body = whole_body(x, limits)
            received, now = _received(x, body or b""), clock()
            try:
                presented = signing.present(received)
                if presented is None:
                    raise signing.IncompleteSignature("The Authorization header is no AWS4-HMAC-SHA256 signature.")
                found = resolve(presented.access_key_id, presented.session_token, now=now)
                if body is None or not isinstance(found, Resolved):
                    return later(x, received, presented, found, now, has_body=body is not None)
                pending = compare(received, presented, found, now)
            except (signing.SignatureError, CredentialsRefused) as error:
                raise _refusal(error) from None
            if pending is not None:
                return after(pending, x, presented, found, now)
            return self._accept(x, presented, found, now)

        def compare(
            received: signing.Received, presented: signing.Presented, resolved: Resolved, now: float
        ) -> Awaitable[None] | None:
            try:
                signing.verify(received, presented, resolved.secret_key, now=now, rules=rules)
            except signing.SignatureMismatch as error:
                raise self._mismatch(error, received, presented, resolved.secret_key, rules) from None
            return signing.check_replay_at_once(guard, received, presented, mode=mode, skew=skew, now=now)

        async def later(
            x: Exchange,
            received: signing.Received,
            presented: signing.Presented,
            found: Resolved | Awaitable[Resolved],
            now: float,
            *,
            has_body: bool,
        ) -> dict[str, Any]:
            try:
                resolved = found if isinstance(found, Resolved) else await found
                if not has_body:  # only of those who are known, since it is held in memory; time goes on meanwhile
                    received, now = received._replace(body=await receive_body(x, limits)), clock()
                    found = resolve(presented.access_key_id, presented.session_token, now=now)
                    resolved = found if isinstance(found, Resolved) else await found
                pending = compare(received, presented, resolved, now)
                if pending is not None:
                    await pending
            except (signing.SignatureError, CredentialsRefused) as error:
                raise _refusal(error) from None
            return self._accept(x, presented, resolved, now)

        async def after(
            pending: Awaitable[None], x: Exchange, presented: signing.Presented, resolved: Resolved, now: float
        ) -> dict[str, Any]:
            try:
                await pending
            except signing.SignatureError as error:
                raise _refusal(error) from None
            return self._accept(x, presented, resolved, now)

        return verify

    def _accept(self, x: Exchange, presented: signing.Presented, resolved: Resolved, now: float) -> SignedBy:
        """Everything is right: from here on the request is theirs."""
        if presented.session_token is None:
            self._credentials.note_use(presented.access_key_id, now)
        x.principal = resolved.principal
        return _claims(resolved.principal)

    def authorise(self, api: Api, operation: Operation, base_path: str) -> Callable[[Exchange], None]:
        """The step `authorise`: a signed request is let through where the role's policy allows it."""
        name, id, length, prefix = api.name, operation.id, len(base_path), f"{base_path}/".encode()
        roles, address, clock = self._roles, self._address, self._clock

        def authorise(x: Exchange) -> None:
            principal = x.principal
            if principal is None:
                return
            raw = _raw_path(x)
            path = raw[length:].decode("latin-1") if raw.startswith(prefix) else ""  # of "" nothing is allowed
            call = Call(api=name, operation=id, path=path, address=address(x), at=clock())
            decision = roles.decide(principal, call)
            if not decision.allowed:
                log.info("%s.%s: %s request_id=%s", name, id, decision.reason, x.request_id)
                raise NotAuthorised(principal.role, id)

        return authorise

    def _mode(self, api: Api, operation: Operation) -> Mode:
        said = operation.extensions.get(REPLAY, self._settings.signing.replay)
        if said not in MODES:
            raise ConfigError(f"{api.name}.{operation.id}: {REPLAY} is {said!r}. Write off, signature or nonce.")
        return cast("Mode", said)

    def _rules(self, operation: Operation) -> signing.Rules:
        settings = self._settings.signing
        return signing.Rules(
            settings.region, skew=settings.skew, unsigned_payload=operation.extensions.get(UNSIGNED) is True
        )

    def _mismatch(
        self,
        error: signing.SignatureMismatch,
        received: signing.Received,
        presented: signing.Presented,
        secret_key: Secret,
        rules: signing.Rules,
    ) -> SignatureRefused:
        """The refusal; in development with what the server signed, to be compared with what the client did."""
        told: dict[str, Any] = {}
        if self._doctor:
            told["doctor"] = dataclasses.asdict(signing.explain(received, presented, secret_key, rules=rules))
        return SignatureRefused(error.code, str(error), **told)


def _refusal(error: signing.SignatureError | CredentialsRefused) -> SignatureRefused:
    """What the client is told, under AWS's name of the situation."""
    if isinstance(error, signing.SignatureError):
        return SignatureRefused(error.code, str(error))
    code = "ExpiredTokenException" if isinstance(error, CredentialsExpired) else "UnrecognizedClientException"
    return SignatureRefused(code, str(error))


def _is_signed(x: Exchange) -> bool:
    authorization = x.headers.get(b"authorization")
    if authorization is not None and authorization.startswith(b"AWS4"):
        return True
    query = x.scope["query_string"]
    return bool(query) and (b"X-Amz-Signature=" in query or b"X-Amz-Algorithm=" in query)


def _received(x: Exchange, body: bytes) -> signing.Received:
    scope = x.scope
    return signing.Received(x.method, _raw_path(x), scope["query_string"], scope["headers"], body)


def _raw_path(x: Exchange) -> bytes:
    """The path as it was sent. Some servers leave the query on it."""
    raw: bytes = x.scope.get("raw_path") or x.path.encode()
    return raw.partition(b"?")[0]


def _claims(principal: Principal) -> SignedBy:
    """What handlers see of who signed, under the names that tokens use. Made for each request: they may change it."""
    id = principal.access_key
    claims = {
        **principal.claims,
        "sub": principal.subject,
        "username": principal.username,
        "client_id": principal.client,
        "cognito:groups": principal.groups,
        "role": principal.role,
        "access_key": id,
    }
    return SignedBy(claims, role=principal.role, key=id if id is not None and id.startswith(LASTING) else None)
