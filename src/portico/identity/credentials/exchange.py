"""A token in, temporary credentials out: the endpoint `POST {issuer}/credentials`, as a list of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.access import Roles
from portico.access.assignment import GROUPS, is_machine
from portico.identity.audit import AuditLog, Event
from portico.identity.credentials import answers
from portico.identity.credentials.claims import claims_of
from portico.identity.credentials.errors import (
    BodyInvalid,
    ClientNotTrusted,
    CredentialsRevoked,
    DurationNotAllowed,
    ExchangeRefused,
    NoRole,
    TooManyGuests,
)
from portico.identity.credentials.guests import GuestLimit
from portico.identity.credentials.mint import Grant, client_of, mint
from portico.identity.credentials.model import TemporaryCredentials
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.users import repository as users
from portico.identity.verify import TokenVerifier
from portico.store import DatabaseBusy, DatabaseUnavailable
from portico.tokens import InvalidToken

LARGEST = 65_536  # bytes of a request's body
REVOKED = "The user of this token is gone, or has signed out everywhere."


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="pascal"):
    """What the body may say."""

    preferred_role: str | None = None
    duration_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """The endpoint."""

    pool: Pool
    roles: Roles
    audit: AuditLog
    verify: TokenVerifier
    guests: GuestLimit

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        source = Source.of(request, self.pool.trusted_proxies)
        try:
            asked = await self.read_body(request)
            claims = await self.read_token(request)
            if claims is None:
                self.check_guest(source)
            else:
                self.check_client(claims)
            found = await self.give(claims, asked, source)
        except InvalidToken as error:
            return answers.unauthorized(request, self.pool.issuer, str(error), invalid=_bearer(request) is not None)
        except CredentialsRevoked:
            return answers.unauthorized(request, self.pool.issuer, REVOKED, invalid=True)
        except ExchangeRefused as error:
            return _refusal(request, error)
        except (DatabaseBusy, DatabaseUnavailable):
            return answers.problem(request, 503, "Try again shortly.", {"Retry-After": "1"})
        return answers.credentials(found)

    async def read_body(self, request: Request) -> Asked:
        """What is asked for; nothing in particular where there is no body."""
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                raise BodyInvalid(f"The body may have {LARGEST:,} bytes.")
        try:
            return msgspec.json.decode(bytes(body), type=Asked) if body.strip() else Asked()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BodyInvalid(
                f'The body must be {{"PreferredRole": "...", "DurationSeconds": 3600}}: {error}.'
            ) from None

    async def read_token(self, request: Request) -> Mapping[str, Any] | None:
        """The claims of the token; None for a guest.

        Raises:
            InvalidToken: it proves nothing, or there is none and nobody may be a guest.
        """
        token = _bearer(request)
        if token is not None:
            return await self.verify.verify(token, use=("access", "id"))
        if "authorization" in request.headers or not self.pool.settings.guests:
            raise InvalidToken("Send an access token or an ID token of this pool: Authorization: Bearer ...")
        return None

    def check_guest(self, source: Source) -> None:
        """Refuse who asks too often."""
        wait = self.guests.admit(source.address, self.pool.clock())
        if wait:
            raise TooManyGuests(wait)

    def check_client(self, claims: Mapping[str, Any]) -> None:
        """Refuse tokens of clients that people gave a few scopes only; a machine's roles name it anyway."""
        client = client_of(claims)
        if not is_machine(claims) and not self.roles.takes_from(client):
            raise ClientNotTrusted(
                f"Tokens of the client {client} are not exchanged for credentials, unless auth/roles.yaml names it."
            )

    async def give(self, claims: Mapping[str, Any] | None, asked: Asked, source: Source) -> TemporaryCredentials:
        """Choose the role and make the credentials, by what the database holds of the user now.

        Raises:
            CredentialsRevoked: the user is gone, disabled, or has signed out everywhere since.
            ExchangeRefused: there is no role for them, or not for that long.
        """
        found = await self.pool.db.tx(self._give, claims, asked, source)
        if isinstance(found, Exception):  # returned, so that the audit log keeps it
            raise found
        return found

    def _give(
        self, connection: sa.Connection, claims: Mapping[str, Any] | None, asked: Asked, source: Source
    ) -> TemporaryCredentials | ExchangeRefused:
        user = client = None
        if claims is not None:
            client = client_of(claims)
            if not is_machine(claims):
                claims, user = _current(connection, claims), str(claims["sub"])
        try:
            found = self._mint(claims, asked)
        except ExchangeRefused as error:
            self.audit.record(
                connection,
                Event.CREDENTIALS_REFUSED,
                user=user,
                client=client,
                source=source,
                outcome="failure",
                details={"reason": type(error).__name__, "asked": asked.preferred_role},
            )
            return error
        details: dict[str, str | int] = {
            "role": found.role,
            "access_key": found.access_key_id,
            "seconds": round(found.expires_at - self.pool.clock()),
        }
        self.audit.record(
            connection, Event.CREDENTIALS_ISSUED, user=user, client=client, source=source, details=details
        )
        return found

    def _mint(self, claims: Mapping[str, Any] | None, asked: Asked) -> TemporaryCredentials:
        role = self.roles.role_for(claims, asked.preferred_role)
        if role is None:
            raise NoRole(
                "No role is for you."
                if asked.preferred_role is None
                else f"You may not take the role {asked.preferred_role!r}."
            )
        grant = Grant(role, asked.duration_seconds, claims, exchanged=True)
        return mint(self.pool, self.roles, grant, self.pool.clock())


def _current(connection: sa.Connection, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The token's claims, and of the user's attributes those that it does not tell.

    An access token tells less than an ID token: a policy that denies by an attribute must not depend on which is sent.
    The groups are the token's: the trigger `pre_token` may have changed them, and the change feed keeps them current.

    Raises:
        CredentialsRevoked: the user is gone or disabled, or the token is older than a sign-out everywhere.
    """
    user = users.by_id(connection, str(claims["sub"]))
    if user is None or float(claims["iat"]) < users.valid_from(connection, user.id):
        raise CredentialsRevoked
    return {**claims_of(user), **claims, GROUPS: claims.get(GROUPS) or []}


def _bearer(request: Request) -> str | None:
    """The token of the header (RFC 6750 section 2.1)."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _refusal(request: Request, error: ExchangeRefused) -> Response:
    if isinstance(error, TooManyGuests):
        return answers.problem(request, 429, str(error), {"Retry-After": str(int(error.retry_after) + 1)})
    status = 400 if isinstance(error, BodyInvalid | DurationNotAllowed) else 403
    return answers.problem(request, status, str(error))
