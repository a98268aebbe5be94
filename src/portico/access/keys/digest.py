"""What is kept of a secret: a digest that is worth nothing to whoever has the database alone.

BLAKE2b with 256 bits, keyed (RFC 7693 section 2.5) with 32 random bytes that lie sealed with the project's secret. A
slow hash is for passwords, which can be guessed; nobody guesses 256 bits, and the key protects what was imported and is
shorter. The key is made once, by whoever needs it first, and outlives rotations of the project's secret.
"""

from __future__ import annotations

import hashlib
import secrets as random

import sqlalchemy as sa

from portico.access.keys.tables import PEPPER, api_key_peppers
from portico.store import Secrets

NAME = "main"
SIZE = 32  # bytes of a digest, and of the pepper


class Digests:
    """Makes digests of secrets."""

    __slots__ = ("_begun",)

    def __init__(self, pepper: bytes) -> None:
        self._begun = hashlib.blake2b(key=pepper, digest_size=SIZE)

    def __repr__(self) -> str:
        return "Digests(***)"

    def of(self, secret: bytes) -> bytes:
        """The digest of a secret.

        Args:
            secret: as it was received.
        """
        copy = self._begun.copy()
        copy.update(secret)
        return copy.digest()


def find(connection: sa.Connection, secrets: Secrets) -> Digests | None:
    """The project's digests; None as long as it never had a key.

    Args:
        connection: of a transaction.
        secrets: of the project.

    Raises:
        NotSealedHere: the pepper was sealed with another project's secret.
    """
    row = sa.select(api_key_peppers.c.sealed).where(api_key_peppers.c.name == NAME)
    sealed = connection.execute(row).scalar_one_or_none()
    return None if sealed is None else Digests(secrets.open(PEPPER, sealed, bound_to=NAME))


def find_or_make(connection: sa.Connection, secrets: Secrets) -> Digests:
    """The project's digests. Of two processes that begin at once, the second finds what the first has made.

    Args:
        connection: of a transaction that may write: as if it ran alone.
        secrets: of the project.

    Raises:
        NotSealedHere: the pepper was sealed with another project's secret.
    """
    found = find(connection, secrets)
    if found is not None:
        return found
    pepper = random.token_bytes(SIZE)
    sealed = secrets.seal(PEPPER, pepper, bound_to=NAME)
    connection.execute(api_key_peppers.insert().values(name=NAME, sealed=sealed))
    return Digests(pepper)
