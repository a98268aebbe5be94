"""Password hashes that others made, in PHC string format: which are taken, and how argon2-cffi's gaps are filled.

$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH    also argon2i, argon2d
$scrypt$ln=15,r=8,p=1$SALT$HASH             RFC 7914
$pbkdf2-sha256$i=600000$SALT$HASH           RFC 8018; also pbkdf2-sha512, pbkdf2-sha1
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from portico.identity.users.errors import HashRefused

LONGEST = 512  # characters
MEMORY = 256 * 1024 * 1024  # bytes that verifying one hash may take
ITERATIONS = 2_000_000  # of PBKDF2
PASSES = 16  # of argon2
PBKDF2 = {"pbkdf2-sha1": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A PHC string, taken apart."""

    name: str
    parameters: dict[str, int]
    salt: bytes
    hash: bytes


def check(text: str) -> None:
    """See that a hash can be verified, at a bearable cost.

    Args:
        text: in PHC string format.

    Raises:
        HashRefused: with the reason.
    """
    if len(text) > LONGEST or not text.isascii():
        raise HashRefused(f"A hash has at most {LONGEST} characters, all of ASCII.")
    if text.startswith("$argon2"):
        _check_argon2(text)
        return
    parts = _parts(text)
    if parts.name == "scrypt":
        _check_scrypt(parts)
    elif not 1_000 <= parts.parameters.get("i", 0) <= ITERATIONS:
        raise HashRefused(f"PBKDF2 must have i=1000 to i={ITERATIONS}.")


def matches(text: str, plain: bytes) -> bool:
    """Compare with a hash of scrypt or PBKDF2.

    Args:
        text: in PHC string format.
        plain: the password, normalised.
    """
    try:
        check(text)
    except HashRefused:
        return False
    parts = _parts(text)
    found, length = parts.parameters, len(parts.hash)
    if parts.name == "scrypt":
        cost = {"n": 1 << found["ln"], "r": found["r"], "p": found["p"]}
        made = hashlib.scrypt(plain, salt=parts.salt, dklen=length, maxmem=2 * MEMORY, **cost)
    else:
        made = hashlib.pbkdf2_hmac(PBKDF2[parts.name], plain, parts.salt, found["i"], length)
    return hmac.compare_digest(made, parts.hash)


def _check_argon2(text: str) -> None:
    try:
        found = extract_parameters(text)
    except (InvalidHashError, ValueError):
        raise HashRefused("This is no hash of argon2.") from None
    if found.memory_cost * 1024 > MEMORY or found.time_cost > PASSES or found.parallelism > PASSES:
        raise HashRefused("This hash of argon2 costs too much to verify.")


def _check_scrypt(parts: _Parts) -> None:
    ln, r, p = (parts.parameters.get(name, 0) for name in ("ln", "r", "p"))
    if r == 1 and ln > 15:
        raise HashRefused("N must be less than 2^(16 r) (RFC 7914 section 2).")
    if not (10 <= ln <= 20 and 1 <= r <= 32 and 1 <= p <= 16 and (128 * r << ln) <= MEMORY):
        raise HashRefused("This hash of scrypt costs too much to verify, or too little.")


def _parts(text: str) -> _Parts:
    try:
        empty, name, parameters, salt, digest = text.split("$")
        values = {key: int(value) for key, value in (pair.split("=") for pair in parameters.split(","))}
        parts = _Parts(name, values, _decoded(salt), _decoded(digest))
    except (ValueError, binascii.Error):
        raise HashRefused("This is no hash in PHC string format: $argon2id$..., $scrypt$... or $pbkdf2-...") from None
    if empty or name not in ("scrypt", *PBKDF2) or not 16 <= len(parts.hash) <= 64 or not 8 <= len(parts.salt) <= 64:
        raise HashRefused(f"{name[:32]} is no hash that Portico verifies: argon2, scrypt or pbkdf2.")
    return parts


def _decoded(text: str) -> bytes:
    """Base64 without padding, as the format has it."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
