"""The grant `refresh_token` (RFC 6749 section 6), with rotation (RFC 9700 section 4.14.2).

A token that comes again is answered with the same successor for ten seconds, and revokes its family after that. A wrong
client or a wrong scope uses nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.audit.log import Detail
from portico.identity.oidc import refresh_token, repository, scopes
from portico.identity.oidc.claims import Grant
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import digest_of
from portico.identity.oidc.errors import InvalidGrant, RefreshTokenReused
from portico.identity.oidc.granted import Answer, answer
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.repository import Family
from portico.identity.oidc.tokens import Tokens
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import TokenChanges
from portico.identity.users import repository as users
from portico.identity.users.model import User


@dataclass(frozen=True, slots=True)
class Usable:
    """A refresh token that may be used, and the one that follows it."""

    family: Family
    user: User
    valid_from: float  # seconds since the epoch
    scopes: tuple[str, ...]
    successor: str
    rotates: bool  # False: it came before, just now

    def __repr__(self) -> str:
        return f"Usable(family={self.family.id!r})"


class RefreshGrant:
    """Exchanges refresh tokens."""

    name: ClassVar[str] = "refresh_token"

    def __init__(self, pool: Pool, *, audit: AuditLog, tokens: Tokens) -> None:
        self._pool = pool
        self._audit = audit
        self._tokens = tokens

    async def redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        """Exchange a refresh token.

        Args:
            client: which has proved who it is.
            parameters: of the request.
            source: from where.

        Raises:
            OAuthError: no tokens are issued.
            TriggerError: the project refuses.
        """
        try:
            return await self._redeem(client, parameters, source)
        except RefreshTokenReused as error:
            await self._pool.db.tx(self._revoke, error.family, client, source)
            raise

    async def _redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        changes = TokenChanges()
        if self._tokens.asks:  # before anything is used up: the project may refuse
            changes = await self._tokens.ask(_grant(await self._pool.db.read(self._check, client, parameters)))
        used = await self._pool.db.tx(self._use, client, parameters, source)
        issued = await self._tokens.issue(_grant(used), client.lifetimes, changes)
        return answer(issued, refresh_token=used.successor)

    def _check(self, connection: sa.Connection, client: Client, parameters: Parameters) -> Usable:
        """Whether a refresh token may be used by this client now. It changes nothing."""
        token, now = parameters.need("refresh_token"), self._pool.clock()
        found = None
        if refresh_token.is_one(token):
            found = repository.family_by_handle(connection, refresh_token.handle_of(token))
        if found is None or found.client_id != client.id:
            raise InvalidGrant("The refresh token is unknown, or another client's.")
        user, valid_from = users.by_id(connection, found.user_id), users.valid_from(connection, found.user_id)
        dead = found.revoked_at is not None or now >= found.expires_at or found.auth_time <= valid_from
        if dead or user is None:
            raise InvalidGrant("The refresh token has expired, or was revoked.")
        allowed = [scope for scope in found.scopes if scope in client.scopes]  # the client may have lost some
        narrowed = scopes.requested(parameters.get("scope"), allowed)
        keys = self._pool.secrets.keys(refresh_token.PURPOSE)
        following = {digest_of(each): each for each in (refresh_token.successor(token, key) for key in keys)}
        decision = refresh_token.decide(
            digest_of(token), current=found.current, successors=following, rotated_at=found.rotated_at, now=now
        )
        if decision == "reused":
            raise RefreshTokenReused(found.id)
        rotates = decision == "rotate"
        successor = next(iter(following.values())) if rotates else following[str(found.current)]
        return Usable(found, user, valid_from, narrowed, successor, rotates)

    def _use(self, connection: sa.Connection, client: Client, parameters: Parameters, source: Source) -> Usable:
        found, now = self._check(connection, client, parameters), self._pool.clock()
        used = digest_of(parameters.need("refresh_token"))
        if found.rotates and not repository.rotate(
            connection, found.family.id, used=used, successor=digest_of(found.successor), now=now
        ):  # used at the same moment: both are given the same successor
            found = self._check(connection, client, parameters)
            if found.rotates:
                raise InvalidGrant("The refresh token was used at the same moment. Try again.")
        details: dict[str, Detail] = {"grant": self.name, "scopes": found.scopes, "repeated": not found.rotates}
        self._audit.record(
            connection, Event.TOKEN_ISSUED, user=found.user.id, client=client.id, source=source, details=details
        )
        return found

    def _revoke(self, connection: sa.Connection, family: str, client: Client, source: Source) -> None:
        kept = repository.family(connection, family)
        if repository.revoke_family(connection, family, self._pool.clock()):
            user = None if kept is None else kept.user_id
            self._audit.record(
                connection, Event.REFRESH_REUSED, user=user, client=client.id, source=source, outcome="failure"
            )


def _grant(found: Usable) -> Grant:
    return Grant(
        client_id=found.family.client_id,
        scopes=found.scopes,
        origin_jti=found.family.id,
        user=found.user,
        auth_time=found.family.auth_time,
        amr=found.family.amr,
        valid_from=found.valid_from,
    )
