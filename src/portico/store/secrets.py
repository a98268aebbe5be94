"""The project's secret, and the keys that are derived from it.

There is one secret a project. Each purpose has a key of its own, derived with HKDF-SHA256 (RFC 5869), so that what is
sealed for one purpose cannot be opened for another. Values are sealed with AES-256-GCM (NIST SP 800-38D) under a random
96-bit nonce, and bound to where they belong, so that one cannot be put in another's place.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets as random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portico.store.errors import NotSealedHere, SecretMissing

VARIABLE = "PORTICO_SECRET"  # the current secret, then earlier ones, separated by blanks
FILE = Path(".portico/secret")  # a line each, the current one first
_FORM = re.compile(r"[A-Za-z0-9_-]{43,128}")  # 256 bits or more, as base64url
_ID, _NONCE = 4, 12  # bytes


class Secrets:
    """The current secret of a project and those before it, which still open what was sealed with them."""

    def __init__(self, current: str, previous: Sequence[str] = ()) -> None:
        """Hold secrets.

        Args:
            current: seals and opens.
            previous: only open.

        Raises:
            SecretMissing: one is not 43 characters or more of A-Z a-z 0-9 - _.
        """
        for one in (current, *previous):
            if not _FORM.fullmatch(one):
                raise SecretMissing(
                    f"The project's secret must be 43 characters or more of A-Z a-z 0-9 - _: `portico secret new` "
                    f"makes one. It is read from {VARIABLE}, or from {FILE}."
                )
        self._all = (current, *previous)

    def __repr__(self) -> str:
        return "Secrets(***)"

    @staticmethod
    def generate() -> str:
        """A new secret: 256 random bits."""
        return random.token_urlsafe(32)

    @classmethod
    def load(cls, root: Path, environ: Mapping[str, str] = os.environ, *, create: bool = False) -> Secrets:
        """The secrets of the project in `root`: the variable, else the file.

        Args:
            root: the project's folder.
            environ: the environment variables.
            create: make the file when there is neither (development).

        Raises:
            SecretMissing: there is none.
        """
        path = root / FILE
        text = environ.get(VARIABLE) or (path.read_text("ascii") if path.is_file() else "")
        if not text.split() and create:
            text = cls.generate()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(f"{text}\n")
            except FileExistsError:  # another worker was first
                text = path.read_text("ascii")
        if not text.split():
            raise SecretMissing(f"This project has no secret. Set {VARIABLE}, or write {FILE}: `portico secret new`.")
        current, *previous = text.split()
        return cls(current, previous)

    def key(self, purpose: str) -> bytes:
        """The current key of a purpose, 32 bytes."""
        return _derived(self._all[0], purpose)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """All keys of a purpose, the current one first."""
        return tuple(_derived(one, purpose) for one in self._all)

    def seal(self, purpose: str, plain: bytes, *, bound_to: str = "") -> bytes:
        """Encrypt and authenticate.

        Args:
            purpose: what for; only the same purpose opens it.
            plain: the value.
            bound_to: where it belongs, such as a row's id; only the same opens it.
        """
        key, nonce = self.key(purpose), random.token_bytes(_NONCE)
        return _id(key) + nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())

    def open(self, purpose: str, sealed: bytes, *, bound_to: str = "") -> bytes:
        """The value again.

        Raises:
            NotSealedHere: it was not sealed with this project's secret, purpose and place, or has been changed.
        """
        found, nonce, rest = sealed[:_ID], sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        for key in self.keys(purpose):
            if _id(key) == found and len(nonce) == _NONCE:
                try:
                    return AESGCM(key).decrypt(nonce, rest, bound_to.encode())
                except InvalidTag:
                    continue
        raise NotSealedHere(f"A value ({purpose}) was not sealed with this project's secret, or was changed since.")

    def is_current(self, purpose: str, sealed: bytes) -> bool:
        """Whether a value was sealed with the current secret."""
        return sealed[:_ID] == _id(self.key(purpose))

    def seal_text(self, purpose: str, plain: bytes, *, bound_to: str = "") -> str:
        """`seal`, as base64url without padding: for URLs, cookies and tokens."""
        return base64.urlsafe_b64encode(self.seal(purpose, plain, bound_to=bound_to)).rstrip(b"=").decode()

    def open_text(self, purpose: str, sealed: str, *, bound_to: str = "") -> bytes:
        """`open` for what `seal_text` gave.

        Raises:
            NotSealedHere: see `open`.
        """
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise NotSealedHere(f"A value ({purpose}) was not sealed here.") from None
        return self.open(purpose, raw, bound_to=bound_to)


@lru_cache(maxsize=256)
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"portico/{purpose}".encode()).derive(secret.encode())


def _id(key: bytes) -> bytes:
    """Names a key without telling it."""
    return HKDF(algorithm=SHA256(), length=_ID, salt=None, info=b"portico/id").derive(key)
