"""Recovery codes: for somebody whose telephone is gone. Ten, of 80 random bits each, each good once."""

from __future__ import annotations

import hashlib
import secrets

COUNT = 10
_LENGTH, _GROUP = 16, 4  # characters
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
_READ_AS = str.maketrans("OIL", "011")


def generate() -> tuple[str, ...]:
    """New codes: "7K2M-94QX-..."."""
    return tuple(_generate_one() for _ in range(COUNT))


def digest(code: str) -> bytes:
    """What is stored of a code, sealed: the bits are too many to be tried, so SHA-256 will do.

    Args:
        code: as somebody typed it: case, blanks and hyphens do not matter, nor O for 0, I and L for 1.
    """
    typed = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(typed.translate(_READ_AS).encode("utf-8", "replace")).digest()


def _generate_one() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
