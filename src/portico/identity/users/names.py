"""User names and e-mail addresses: how they may look, and how they are compared.

Two names that look alike must not be two people (Unicode Technical Standard 39), so a user name is of ASCII, after
NFKC, and is compared without case. The domain of an e-mail address is in its ASCII form (RFC 5891) before it is
compared, stored or written to, so that nobody gets another's mail through a letter that folds into theirs.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass

from portico.identity.users.errors import Invalid

LONGEST_LOGIN = 254  # characters
_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")  # RFC 5321 section 4.1.2: Dot-string
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is shown, and as it is compared."""

    shown: str
    key: str


def username(text: str) -> Name:
    """A user name.

    Args:
        text: as it was typed.

    Raises:
        Invalid: it cannot be one.
    """
    shown = unicodedata.normalize("NFKC", text[:LONGEST_LOGIN]).strip()
    if not _USERNAME.fullmatch(shown):
        raise Invalid({"username": "Use 1 to 64 letters from a to z, digits, dots, hyphens and underscores."})
    return Name(shown, shown.casefold())


def generated() -> Name:
    """A user name for a pool whose people have none."""
    text = str(uuid.uuid4())
    return Name(text, text)


def email(text: str) -> Name:
    """An e-mail address.

    Args:
        text: as it was typed.

    Raises:
        Invalid: it cannot be one.
    """
    local, at, domain = text.strip()[: LONGEST_LOGIN + 1].rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    shown = f"{local}{at}{ascii_domain}"
    right = _LOCAL.fullmatch(local) and len(local) <= 64 and _DOMAIN.fullmatch(ascii_domain)
    if not right or len(shown) > LONGEST_LOGIN:
        raise Invalid({"email": "Write an e-mail address, such as ada@example.com."})
    return Name(shown, shown.casefold())
