"""The form of a secret: made so that a leak can be scanned for and a typing error is known without a look-up.

`pk_`, then 43 base62 characters of 256 random bits, then 6 base62 characters of the CRC-32 of all that is before. What
scanners look for: `pk_[0-9A-Za-z]{49}`. Secrets that were imported may have any other form of 20 to 128 characters.
"""

from __future__ import annotations

import re
import secrets as random
import zlib

from portico.secret import Secret

PREFIX = "pk_"
SCANNED_FOR = "pk_[0-9A-Za-z]{49}"
SHORTEST, LONGEST = 20, 128  # characters of an imported secret, as API Gateway has them
HINT = 4  # characters of a secret's end, to know it by

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECK = 43, 6  # characters: 62**43 > 2**256, 62**6 > 2**32
_BITS = 256
_GENERATED = re.compile(SCANNED_FOR.encode())
_IMPORTED = re.compile(rb"[\x21-\x7e]{%d,%d}" % (SHORTEST, LONGEST))
_ANYWHERE = re.compile(SCANNED_FOR)


def new_secret() -> Secret:
    """A new secret: 256 random bits."""
    body = PREFIX + _base62(random.randbits(_BITS), _RANDOM)
    return Secret(body + _checksum(body.encode()))


def may_be_one(secret: bytes) -> bool:
    """Whether a text can be a secret at all: its characters, its length, and the checksum of one that was made here.

    Args:
        secret: as it was received.
    """
    return _IMPORTED.fullmatch(secret) is not None and not is_mistyped(secret)


def is_mistyped(secret: bytes) -> bool:
    """Whether a text has the form of what is made here, and a wrong checksum.

    Args:
        secret: as it was received.
    """
    return _GENERATED.fullmatch(secret) is not None and _checksum(secret[:-_CHECK]).encode() != secret[-_CHECK:]


def holds_one(text: str) -> bool:
    """Whether somebody put a secret where everybody reads it, such as a name.

    Args:
        text: of any length.
    """
    return _ANYWHERE.search(text) is not None


def hint(secret: str) -> str:
    """The last characters of a secret, which may be shown.

    Args:
        secret: the whole.
    """
    return secret[-HINT:]


def _checksum(body: bytes) -> str:
    return _base62(zlib.crc32(body), _CHECK)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
