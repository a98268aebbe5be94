"""Who calls in a test: somebody who is signed in, or a request that is signed. Both are really verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from httpx2 import Auth, Request

from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.config import Config
    from portico.identity.mail import Mail
    from portico.identity.service import Identity
    from portico.identity.users.model import User
    from portico.signing import Credentials
    from portico.store import Clock

CLIENT = "testing"  # the client_id of tokens, where the pool declares no client
STANDARD = ("openid", "profile", "email")


class NoPool(PorticoError):
    """Nobody can sign in: the project declares no user pool."""


class NoRole(PorticoError):
    """Nothing says in which role requests shall be signed."""


def people_of(people: People | None) -> People:
    """The people of a project.

    Raises:
        NoPool: it has none.
    """
    if people is None:
        raise NoPool("This project has no auth/pool.yaml: nobody can sign in. Declare a user pool, or call as nobody.")
    return people


class People:
    """The user pool of a project that is tested."""

    def __init__(self, identity: Identity, config: Config) -> None:
        self._identity = identity
        self.region = config.signing.region
        self.clock: Clock = identity.pool.clock

    async def token(
        self, username: str, groups: Sequence[str], scopes: Sequence[str] | None, claims: Mapping[str, Any]
    ) -> str:
        """An access token of somebody, who is made when nobody has that name yet."""
        from portico.identity.oidc.claims import Grant
        from portico.identity.oidc.tokens import Lifetimes

        user = await self._person(username, groups)
        settings = self._identity.pool.settings
        grant = Grant(
            client_id=next(iter(settings.clients), CLIENT),
            scopes=tuple(scopes) if scopes is not None else (*STANDARD, *settings.scopes),
            origin_jti=f"testing-{user.id}",
            user=user,
            auth_time=self.clock(),
        )
        tokens = self._identity.tokens
        changes = await tokens.ask(grant)
        changes = replace(changes, add_claims={**changes.add_claims, **claims})
        return (await tokens.issue(grant, Lifetimes(), changes, with_id_token=False)).access_token

    async def mails(self) -> Sequence[Mail]:
        """What was mailed, the newest first."""
        return await self._identity.mailer.recent()

    async def credentials(self, role: str | None, username: str | None, groups: Sequence[str]) -> Credentials:
        """Temporary credentials of somebody, or of nobody.

        Raises:
            NoRole: none is named, and nobody of that kind may take one.
        """
        from portico.signing import Credentials

        user = None if username is None else await self._person(username, groups)
        if role is None:
            role = self._role_of(user)
        minted = self._identity.credentials.mint(role, user=user)
        return Credentials(minted.access_key_id, minted.secret_key, minted.session_token)

    def _role_of(self, user: User | None) -> str:
        from portico.identity.credentials.claims import claims_of

        role = None if user is None else self._identity.roles.role_for(claims_of(user))
        if role is None:
            raise NoRole("No role of auth/roles.yaml is for them. Name one: signed(role=...).")
        return role

    async def _person(self, username: str, groups: Sequence[str]) -> User:
        from portico.identity.users.accounts import NewUser

        users = self._identity.users
        user = await users.by_login(username)
        if user is None:
            email = f"{username}@example.com" if "@" not in username else username
            new = NewUser(username=username, email=email, email_verified=True, groups=tuple(groups))
            return await users.create(new)
        for group in set(groups) - set(user.groups):
            await users.add_group(user.id, group)
        return await users.by_id(user.id) or user


class BearerToken(Auth):
    """Adds a token to requests (RFC 6750 section 2.1)."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """Send the request with the token, unless a test says otherwise."""
        request.headers.setdefault("Authorization", self._value)
        yield request


class Signature(Auth):
    """Signs requests as AWS Signature Version 4 has it."""

    requires_request_body = True

    def __init__(self, credentials: Credentials, *, region: str, clock: Clock) -> None:
        self._credentials = credentials
        self._region = region
        self._clock = clock

    def auth_flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """Send the request with its signature."""
        from portico.signing import sign

        headers = {name: value for name, value in request.headers.items() if name in ("content-type", "host")}
        signed = sign(
            request.method,
            str(request.url),
            headers,
            request.content,
            self._credentials,
            region=self._region,
            now=self._clock(),
        )
        request.headers.update(signed)
        yield request
