"""Which passwords are good enough (NIST SP 800-63B-4 section 3.1.1.2).

Length counts. A password is refused when it is among the most used ones, also with a few digits or signs after it, when
it holds the user's own name, or when it is the same few characters again and again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from portico.identity.settings import PasswordPolicy
from portico.identity.users.errors import PasswordRefused

LONGEST = 1_024  # bytes, after NFKC
OWN_NAME = 3  # characters that a name must have to be looked for
DISTINCT = 4  # different characters
_TAIL = re.compile(r"[^a-z]{1,4}$")
_CLASSES = {
    "lowercase": ("a lower-case letter", str.islower),
    "uppercase": ("an upper-case letter", str.isupper),
    "digit": ("a digit", str.isdigit),
    "symbol": ("a sign that is neither letter nor digit", lambda one: not one.isalnum()),
}


def normalised(password: str) -> bytes:
    """A password as it is hashed: the same characters, however a keyboard composes them (NFKC), as UTF-8."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def check(password: str, policy: PasswordPolicy, *names: str | None) -> None:
    """Refuse a password that is not good enough.

    Args:
        password: as it was typed.
        policy: what the pool asks for.
        names: of the user: the user name, the e-mail address.

    Raises:
        PasswordRefused: with a sentence for the person.
    """
    if len(password) > LONGEST or len(normalised(password)) > LONGEST:
        raise PasswordRefused(f"Use at most {LONGEST} bytes.")
    text = normalised(password).decode("utf-8", "replace")
    if len(text) < policy.min_length:
        raise PasswordRefused(f"Use at least {policy.min_length} characters.")
    for name in policy.require:
        described, fits = _CLASSES[name]
        if not any(fits(one) for one in text):
            raise PasswordRefused(f"Use at least {described}.")
    folded = text.casefold()
    if any(part in folded for name in names for part in _parts(name)):
        raise PasswordRefused("Leave your own name out of it.")
    if policy.refuse_breached and _is_common(folded):
        raise PasswordRefused("Many people use this password, and so everybody tries it. Choose another.")


def _parts(name: str | None) -> tuple[str, ...]:
    whole = (name or "").casefold()
    return tuple(part for part in (whole, whole.partition("@")[0]) if len(part) >= OWN_NAME)


def _is_common(folded: str) -> bool:
    known = _breached()
    return len(set(folded)) < DISTINCT or folded in known or _TAIL.sub("", folded) in known


@cache
def _breached() -> frozenset[str]:
    text = files("portico.identity.users").joinpath("breached.txt").read_text("ascii")
    return frozenset(text.split())
