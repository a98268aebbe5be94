"""Making tokens: signed with the pool's key, in a thread."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
from joserfc import jwt

from portico.identity.keys import SigningKeys
from portico.identity.keys.material import PrivateKey
from portico.identity.oidc import claims as saying
from portico.identity.oidc.claims import Claims, Grant
from portico.identity.oidc.errors import InvalidGrant
from portico.identity.pool import LONGEST, Pool
from portico.identity.settings import Client as Declared
from portico.identity.triggers import PreToken, TokenChanges, TriggerFailed, Triggers
from portico.identity.users import repository as users
from portico.identity.users.model import User

ADDED = 4_096  # bytes of claims that a trigger may add, as JSON: tokens travel in headers
ACCESS, ID = "at+jwt", "JWT"  # values of `typ` (RFC 9068 section 2.1)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long tokens of a client are valid."""

    access: float = float(Declared().access_token_lifetime)  # seconds
    id: float = float(Declared().id_token_lifetime)  # seconds


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens that were made together."""

    access_token: str
    id_token: str | None
    scopes: tuple[str, ...]
    expires_in: int  # seconds
    jti: str  # of the access token

    def __repr__(self) -> str:
        return f"Issued(jti={self.jti!r})"


class Tokens:
    """Makes the tokens of a pool."""

    def __init__(self, pool: Pool, *, keys: SigningKeys, triggers: Triggers) -> None:
        self._pool = pool
        self._keys = keys
        self._triggers = triggers

    async def mint_access_token(
        self,
        user: User | None,
        client_id: str,
        scopes: Sequence[str],
        *,
        origin_jti: str | None = None,
        auth_time: float | None = None,
        lifetime: float | None = None,
    ) -> str:
        """An access token without a sign-in: for tests and for commands on the machine itself.

        Args:
            user: whom it speaks for; None for the client itself.
            client_id: the client that it is for.
            scopes: that it carries.
            origin_jti: the sign-in that it goes back to; a new one where it is None.
            auth_time: when the person proved who they are, in seconds since the epoch; now where it is None.
            lifetime: seconds; the client's where it is None.

        Raises:
            InvalidGrant: the user is disabled or not there any more.
            TriggerError: the project's `pre_token` trigger refuses.
        """
        since = 0.0 if user is None else await self._pool.db.read(users.valid_from, user.id)
        if since == float("inf"):
            raise InvalidGrant("The user is disabled or not there any more.")
        declared = self._pool.settings.clients.get(client_id, Declared())
        grant = Grant(
            client_id=client_id,
            scopes=tuple(scopes),
            origin_jti=origin_jti or str(uuid.uuid4()),
            user=user,
            auth_time=auth_time if user is None or auth_time is not None else self._pool.clock(),
            valid_from=since,
        )
        seconds = float(declared.access_token_lifetime) if lifetime is None else min(lifetime, LONGEST)
        issued = await self.issue(grant, Lifetimes(access=seconds), await self.ask(grant), with_id_token=False)
        return issued.access_token

    @property
    def asks(self) -> bool:
        """Whether the project has a `pre_token` trigger."""
        return self._triggers.has("pre_token")

    async def ask(self, grant: Grant) -> TokenChanges:
        """What the project's `pre_token` trigger changes.

        Args:
            grant: what tokens are about to be issued for.

        Raises:
            TriggerError: it refuses, or fails.
        """
        if not self.asks:
            return TokenChanges()
        known: Claims = {"sub": grant.client_id, "client_id": grant.client_id}
        if grant.user is not None:
            known |= {"sub": grant.user.id, **saying.released(grant.user, grant.scopes, self._pool.settings)}
        event = PreToken(user=grant.user, client_id=grant.client_id, scopes=grant.scopes, claims=known)
        changes = await self._triggers.pre_token(event)
        try:
            added = msgspec.json.encode(changes.add_claims)
        except (TypeError, ValueError):
            raise TriggerFailed("pre_token") from None
        if len(added) > ADDED:
            raise TriggerFailed("pre_token")
        return replace(changes, add_claims=msgspec.json.decode(added, type=dict[str, Any]))

    async def issue(
        self, grant: Grant, lifetimes: Lifetimes, changes: TokenChanges, *, with_id_token: bool = True
    ) -> Issued:
        """Make an access token, and an ID token where the scopes have `openid`.

        Args:
            grant: what for.
            lifetimes: of the client's tokens.
            changes: of the project's trigger; see `ask`.
            with_id_token: False for an access token alone.
        """
        kid, key = await self._keys.current()
        work = partial(self._make, saying.changed(grant, changes), lifetimes, changes, kid, key, with_id_token)
        return await self._keys.in_thread(work)

    def _make(
        self, grant: Grant, lifetimes: Lifetimes, changes: TokenChanges, kid: str, key: PrivateKey, with_id_token: bool
    ) -> Issued:
        """Two signatures take half a millisecond: once in a thread for both."""
        iat, jti = saying.issued_at(grant, self._pool.clock()), str(uuid.uuid4())
        claims = saying.access(grant, self._pool, iat=iat, lifetime=lifetimes.access, jti=jti)
        access_token = _signed(saying.with_changes(claims, changes), ACCESS, kid, key)
        id_token = None
        if with_id_token and grant.user is not None and "openid" in grant.scopes:
            claims = saying.identity(
                grant,
                grant.user,
                self._pool,
                iat=iat,
                lifetime=lifetimes.id,
                jti=str(uuid.uuid4()),
                access_token=access_token,
            )
            id_token = _signed(saying.with_changes(claims, changes), ID, kid, key)
        return Issued(access_token, id_token, grant.scopes, int(lifetimes.access), jti)


def _signed(claims: Claims, kind: str, kid: str, key: PrivateKey) -> str:
    algorithm = str(key.alg)
    return jwt.encode({"alg": algorithm, "kid": kid, "typ": kind}, claims, key, algorithms=[algorithm])
