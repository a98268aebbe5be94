"""As whom a request is sent: credentials to sign with, or a bearer token.

Whoever has the project's secret may make both, as any role and any user: the commands on the machine itself do.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portico.cli import terminal
from portico.cli.call.request import BadOption
from portico.design.model import Api, Operation
from portico.server.sockets import is_loopback
from portico.signing import Credentials, sign

if TYPE_CHECKING:
    from portico.identity.service import Identity
    from portico.identity.users.model import User


@dataclass(frozen=True, slots=True)
class Caller:
    """What the options of a command say about who calls."""

    signed: bool = False
    user: str | None = None  # name or e-mail address
    role: str | None = None
    token: str | None = None  # itself, or @FILE

    @property
    def signs(self) -> bool:
        """Whether the request is signed. Naming a role asks for it: tokens have none."""
        return self.signed or self.role is not None

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            BadOption: a token is given beside what makes one.
        """
        if self.token is not None and (self.signs or self.user is not None):
            raise BadOption("--token is a bearer token of its own: leave out --sign, --role and --as.")


def signed_headers(
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | None,
    credentials: Credentials,
    *,
    region: str,
) -> dict[str, str]:
    """The headers of a request that is sent now, with those that sign it.

    Args:
        method: the verb, in upper case.
        url: where it goes.
        headers: that are sent.
        content: the body.
        credentials: to sign with.
        region: to sign for.
    """
    return sign(method, url, headers, content or b"", credentials, region=region, now=time.time())


def credentials(
    root: Path | None, caller: Caller, *, development: bool = False, operation: tuple[Api, Operation] | None = None
) -> Credentials:
    """What to sign with: made here for the role or the user that is named, else those of the environment.

    Args:
        root: the project's folder; None outside of one.
        caller: what the options say.
        development: make credentials for the first role that may call the operation where nothing is said.
        operation: what is called.

    Raises:
        BadOption: nothing says which credentials, or what is said does not fit.
        PorticoError: they cannot be made.
    """
    if caller.role is None and caller.user is None:
        found = Credentials.from_environment(os.environ)
        if found is not None:
            return found
        if not development or root is None or operation is None:
            raise BadOption("Sign with which credentials? Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --role.")
    if root is None:
        raise BadOption("--role and --as make credentials of a project: run this in its folder, or say --project DIR.")
    from portico.identity.local import open_pool

    with open_pool(root) as identity:
        return asyncio.run(_minted(identity, caller, operation))


async def _minted(identity: Identity, caller: Caller, operation: tuple[Api, Operation] | None) -> Credentials:
    user = await _user(identity, caller.user) if caller.user is not None else None
    role = caller.role or (_role_of(identity, user) if user is not None else _role_for(identity, operation))
    made = identity.credentials.mint(role, user=user)
    return Credentials(made.access_key_id, made.secret_key, made.session_token)


async def _user(identity: Identity, login: str) -> User:
    user = await identity.users.by_login(login)
    if user is None:
        raise BadOption(f"There is no user {login!r}. `portico users list` shows them.")
    return user


def _role_of(identity: Identity, user: User) -> str:
    from portico.identity.credentials.claims import claims_of

    role = identity.roles.role_for(claims_of(user))
    if role is None:
        raise BadOption(f"No role of auth/roles.yaml is for {user.username}. Name one: --role ROLE.")
    return role


def _role_for(identity: Identity, operation: tuple[Api, Operation] | None) -> str:
    """The first role that may call an operation, which is told."""
    from portico.access import Call, Principal

    for role in identity.roles.all:
        if operation is not None:
            api, called = operation
            call = Call(api=api.name, operation=called.id, path=called.path, address="127.0.0.1", at=time.time())
            if not identity.roles.decide(Principal(role=role), call).allowed:
                continue
        said = f"Signed with the role {terminal.word(role)}, as nobody in particular. --role and --as name others."
        terminal.err().print(said, style="dim")
        return role
    raise BadOption("No role of auth/roles.yaml may call this operation. Name one: --role ROLE.")


def bearer(root: Path, caller: Caller, operation: tuple[Api, Operation], *, url: str) -> str:
    """The token to send: the one that is given, or one that is made here for the user that is named.

    Args:
        root: the project's folder.
        caller: what the options say; a token or a user is among it.
        operation: what is called.
        url: where the server is: on this machine, its port is that of the tokens' issuer.

    Raises:
        BadOption: the file cannot be read, or there is no such user.
        PorticoError: a token cannot be made.
    """
    if caller.token is not None:
        return _given(caller.token)
    from portico.identity.local import open_pool

    with open_pool(root, port=_local_port(url)) as identity:
        if _place(identity.pool.origin) != _place(url):
            said = f"The token is for [server] origin, {identity.pool.origin}: a server with another one refuses it."
            terminal.err().print(terminal.word(said), style="dim", soft_wrap=True)
        return asyncio.run(_access_token(identity, caller.user or "", operation[1]))


def _local_port(url: str) -> int | None:
    """The port of a server on this machine; None where it is elsewhere."""
    host, port = _place(url)
    return port if host == "localhost" else None


def _place(url: str) -> tuple[str, int | None]:
    """Host and port, with one name for this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # told when it is called
        return "", None
    host = parts.hostname or ""
    return "localhost" if is_loopback(host) else host, port


async def _access_token(identity: Identity, login: str, operation: Operation) -> str:
    """A token for a user, from the first client whose scopes fit the operation."""
    user = await _user(identity, login)
    needed = {scope for one in operation.security or () for scopes in one.schemes.values() for scope in scopes}
    clients = identity.pool.settings.clients
    best = max(clients, key=lambda name: len(needed.intersection(clients[name].scopes)), default=None)
    if best is None:
        raise BadOption("auth/pool.yaml declares no client, so nobody has a token. Declare one under `clients`.")
    return await identity.tokens.mint_access_token(user, best, clients[best].scopes)


def _given(token: str) -> str:
    if not token.startswith("@"):
        return token
    try:
        return Path(token[1:]).expanduser().read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{token[1:]} cannot be read: {error}.") from None
