"""The project's secret, and the keys that are derived from it.

There is one secret a project. Each purpose has a key of its own, derived with HKDF-SHA256 (RFC 5869), so that what is
sealed for one purpose cannot be opened for another. Values are sealed with AES-256-GCM (NIST SP 800-38D) under a random
96-bit nonce, and bound to where they belong, so that one cannot be put in another's place.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import re
import secrets as random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portico.store import secret_file
from portico.store.errors import NotSealedHere, SecretMissing

log = logging.getLogger("portico.store")

LOOK_AGAIN = 1.0  # seconds after which a file is asked whether the secret was rotated
_FORM = re.compile(r"[A-Za-z0-9_-]{43,128}")  # 256 bits or more, as base64url
_VARIED = 16  # different characters: no random secret has fewer, and a placeholder has
_ID, _NONCE = 4, 12  # bytes

Again = Callable[[], Sequence[str] | None]
"""Gives all secrets anew when they have changed since it was last asked, else None."""


@dataclass(frozen=True, slots=True)
class _Key:
    raw: bytes
    id: bytes = field(init=False)  # names the key without telling it
    cipher: AESGCM = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", _derive(self.raw, "portico/id", _ID))
        object.__setattr__(self, "cipher", AESGCM(self.raw))


@dataclass(frozen=True, slots=True)
class _Ring:
    all: tuple[str, ...]
    keys: dict[str, tuple[_Key, ...]] = field(default_factory=dict)  # by purpose, of which there are a few

    def of(self, purpose: str) -> tuple[_Key, ...]:
        keys = self.keys.get(purpose)
        if keys is None:
            keys = tuple(_Key(_derive(one.encode(), f"portico/{purpose}", 32)) for one in self.all)
            self.keys[purpose] = keys
        return keys


class Secrets:
    """The current secret of a project and those before it, which still open what was sealed with them."""

    def __init__(self, current: str, previous: Sequence[str] = (), *, again: Again | None = None) -> None:
        """Hold secrets.

        Args:
            current: seals and opens.
            previous: only open.
            again: asked once a second, and when something was sealed with an unknown secret, whether they have changed.

        Raises:
            SecretMissing: one is not 43 random characters or more of A-Z a-z 0-9 - _.
        """
        self._ring = _Ring(_checked((current, *previous)))
        self._generation = 0
        self._again = again
        self._next = time.monotonic() + LOOK_AGAIN

    def __repr__(self) -> str:
        return "Secrets(***)"

    @staticmethod
    def generate() -> str:
        """A new secret: 256 random bits."""
        return random.token_urlsafe(32)

    @classmethod
    def load(cls, root: Path, environ: Mapping[str, str] = os.environ, *, create: bool = False) -> Secrets:
        """The secrets of the project in `root`: the variable, else the file, whose changes are taken while it runs.

        Args:
            root: the project's folder.
            environ: the environment variables.
            create: make the file when there is neither (development).

        Raises:
            SecretMissing: there is none.
        """
        again = None if environ.get(secret_file.VARIABLE) else secret_file.watch(root)
        found = secret_file.read(root, environ)
        if not found and create:
            secret_file.create(root, cls.generate())  # or another worker is first
            found = secret_file.read(root, environ)
        if not found:
            raise SecretMissing(
                f"This project has no secret. Set {secret_file.VARIABLE}, or write {secret_file.FILE}: "
                "`portico secret new`."
            )
        return cls(found[0], found[1:], again=again)

    @property
    def has_earlier(self) -> bool:
        """Whether a rotation has not been ended: an earlier secret still opens."""
        return len(self._ring.all) > 1

    @property
    def generation(self) -> int:
        """Grows whenever the secrets change: what was opened before may not open any more."""
        if self._again is not None and time.monotonic() > self._next:
            self._look_again()
        return self._generation

    def key(self, purpose: str) -> bytes:
        """The current key of a purpose, 32 bytes."""
        return self._of(purpose)[0].raw

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """All keys of a purpose, the current one first."""
        return tuple(key.raw for key in self._of(purpose))

    def seal(self, purpose: str, plain: bytes, *, bound_to: str = "") -> bytes:
        """Encrypt and authenticate.

        Args:
            purpose: what for; only the same purpose opens it.
            plain: the value.
            bound_to: where it belongs, such as a row's id; only the same opens it.
        """
        key, nonce = self._of(purpose)[0], random.token_bytes(_NONCE)
        return key.id + nonce + key.cipher.encrypt(nonce, plain, bound_to.encode())

    def open(self, purpose: str, sealed: bytes, *, bound_to: str = "") -> bytes:
        """The value again.

        Raises:
            NotSealedHere: it was not sealed with this project's secret, purpose and place, or has been changed.
        """
        found, nonce, rest = sealed[:_ID], sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        keys = self._of(purpose)
        if all(key.id != found for key in keys):
            self._look_again()  # another process may have rotated this moment
            keys = self._of(purpose)
        for key in keys:
            if key.id == found and len(nonce) == _NONCE:
                try:
                    return key.cipher.decrypt(nonce, rest, bound_to.encode())
                except InvalidTag:
                    continue
        raise NotSealedHere(f"A value ({purpose}) was not sealed with this project's secret, or was changed since.")

    def seal_text(self, purpose: str, plain: bytes, *, bound_to: str = "") -> str:
        """`seal`, as base64url without padding: for URLs, cookies and tokens."""
        return base64.urlsafe_b64encode(self.seal(purpose, plain, bound_to=bound_to)).rstrip(b"=").decode()

    def open_text(self, purpose: str, sealed: str, *, bound_to: str = "") -> bytes:
        """`open` for what `seal_text` gave.

        Raises:
            NotSealedHere: see `open`.
        """
        return self.open(purpose, _raw(purpose, sealed), bound_to=bound_to)

    def reseal(self, purpose: str, sealed: bytes | str, *, bound_to: str = "") -> bytes | str | None:
        """The same value sealed with the current secret, in the form that it had; None where it is already.

        Raises:
            NotSealedHere: see `open`.
        """
        raw = _raw(purpose, sealed) if isinstance(sealed, str) else sealed
        plain = self.open(purpose, raw, bound_to=bound_to)
        if raw[:_ID] == self._of(purpose)[0].id:
            return None
        seal = self.seal_text if isinstance(sealed, str) else self.seal
        return seal(purpose, plain, bound_to=bound_to)

    def _of(self, purpose: str) -> tuple[_Key, ...]:
        if self._again is not None and time.monotonic() > self._next:
            self._look_again()
        return self._ring.of(purpose)

    def _look_again(self) -> None:
        self._next = time.monotonic() + LOOK_AGAIN
        try:
            changed = self._again() if self._again is not None else None
            if changed:
                self._ring = _Ring(_checked(changed))
                self._generation += 1
        except SecretMissing as error:
            log.error("the project's secret was changed, and is not taken: %s", error)


def _checked(secrets: Sequence[str]) -> tuple[str, ...]:
    for one in secrets:
        if not _FORM.fullmatch(one) or len(set(one)) < _VARIED:
            raise SecretMissing(
                "The project's secret must be 43 random characters or more of A-Z a-z 0-9 - _: "
                "`portico secret new --print` makes one."
            )
    return tuple(secrets)


def _raw(purpose: str, sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotSealedHere(f"A value ({purpose}) was not sealed here.") from None


def _derive(secret: bytes, info: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(secret)
