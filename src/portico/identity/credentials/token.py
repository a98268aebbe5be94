"""The session token: everything that a worker must know of temporary credentials, sealed.

It is sealed with AES-256-GCM for the access key id that it was given with, so nobody reads it, changes it, or shows it
with another id. No worker looks anything up, and a token that was made under the project's earlier secret still opens.
"""

from __future__ import annotations

import base64
import secrets as random
from typing import Any

import msgspec

from portico.access import Principal
from portico.access.assignment import GROUPS
from portico.identity.credentials.errors import SessionTokenInvalid, TooLarge
from portico.secret import Secret
from portico.store import NotSealedHere, Secrets

PURPOSE = "session-token"
LONGEST = 2_048  # characters of a session token
ID_BYTES, SECRET_BYTES = 10, 30  # 16 characters of base32 after "ASIA"; 40 of base64, as AWS has them


class Session(msgspec.Struct, frozen=True, kw_only=True, array_like=True, omit_defaults=True):
    """What a session token holds. The order of the fields is its format: add new ones at the end only."""

    secret: bytes
    role: str
    issued_at: float  # seconds since the epoch
    expires_at: float  # seconds since the epoch
    since: float  # seconds since the epoch: when the token was issued that was exchanged
    exchanged: bool  # the role was chosen by its assignment, which must go on to hold
    sub: str | None = None  # None for a guest
    username: str | None = None
    client: str | None = None
    origin_jti: str | None = None
    jti: str | None = None  # of the token that was exchanged
    groups: tuple[str, ...] = ()
    claims: dict[str, Any] = {}  # those that policies look at
    carried: frozenset[str] = frozenset()  # the names of the claims that are known, whether somebody has them or not

    def __repr__(self) -> str:
        return f"Session(role={self.role!r}, sub={self.sub!r})"

    @property
    def secret_key(self) -> Secret:
        """What requests are signed with."""
        return Secret(base64.b64encode(self.secret).decode())

    def identity(self, groups: tuple[str, ...]) -> dict[str, Any] | None:
        """What role assignments look at; None for a guest.

        Args:
            groups: that the user is in now.
        """
        if self.sub is None:
            return None
        own = {"sub": self.sub, "username": self.username, "client_id": self.client, GROUPS: list(groups)}
        return {**self.claims, **{name: value for name, value in own.items() if value is not None}}

    def principal(self, access_key_id: str, groups: tuple[str, ...]) -> Principal:
        """Who acts.

        Args:
            access_key_id: of the credentials.
            groups: that the user is in now.
        """
        return Principal(
            role=self.role,
            subject=self.sub,
            username=self.username,
            client=self.client,
            groups=groups,
            access_key=access_key_id,
            claims=self.identity(groups) or {},
            carried=self.carried | _OWN,
        )


_OWN = frozenset(("sub", "username", "client_id", GROUPS))
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Session)


def new_id(prefix: str) -> str:
    """A new access key id: 80 random bits.

    Args:
        prefix: `TEMPORARY` or `LASTING`.
    """
    return prefix + base64.b32encode(random.token_bytes(ID_BYTES)).decode()


def new_secret() -> bytes:
    """The random part of a secret key: 240 bits."""
    return random.token_bytes(SECRET_BYTES)


def seal(secrets: Secrets, session: Session, access_key_id: str, pool: str) -> str:
    """A session token.

    Args:
        secrets: of the project.
        session: what it holds.
        access_key_id: that it is given with.
        pool: the user pool's name.

    Raises:
        TooLarge: the groups and claims do not fit.
    """
    try:
        plain = _encoder.encode(session)
    except (TypeError, ValueError, OverflowError):  # a number beyond 64 bits, half of a surrogate pair
        raise TooLarge("A claim that auth/roles.yaml looks at cannot be put into a session token.") from None
    token = secrets.seal_text(PURPOSE, plain, bound_to=f"{pool}/{access_key_id}")
    if len(token) > LONGEST:
        raise TooLarge(
            f"The session token would have {len(token):,} characters, {LONGEST:,} are allowed: the user is in too many "
            f"groups ({len(session.groups)}), or the claims that auth/roles.yaml looks at are too long."
        )
    return token


def unseal(secrets: Secrets, token: str, access_key_id: str, pool: str) -> Session:
    """What a session token holds.

    Args:
        secrets: of the project.
        token: as it was received.
        access_key_id: that it was received with.
        pool: the user pool's name.

    Raises:
        SessionTokenInvalid: it was not made here for that access key id, or was changed.
    """
    if len(token) > LONGEST:
        raise SessionTokenInvalid
    try:
        return _decoder.decode(secrets.open_text(PURPOSE, token, bound_to=f"{pool}/{access_key_id}"))
    except (NotSealedHere, msgspec.DecodeError):
        raise SessionTokenInvalid from None
