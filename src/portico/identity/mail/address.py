"""Addresses that a mail may go to: one person's, and nothing that could become a header (CWE-93)."""

from __future__ import annotations

import re

from portico.identity.mail.errors import BadAddress

LENGTH = 254  # characters (RFC 5321 section 4.5.3.1, erratum 1690)
_FORM = re.compile(r"""[^\s\x00-\x20\x7f-\x9f@<>()\[\]\\,;:"]{1,64}@[^\s\x00-\x20\x7f-\x9f@<>()\[\]\\,;:"]{1,253}""")


def checked(address: str) -> str:
    """An address, as it is.

    Args:
        address: such as ada@example.com; without a name, quotes or comments.

    Raises:
        BadAddress: it is none.
    """
    if len(address) > LENGTH or not _FORM.fullmatch(address):
        raise BadAddress("A mail goes to one address, written as name@example.com.")
    return address


def wire(address: str) -> str:
    """An address for a mail server: a domain of other scripts in its ASCII form (RFC 5891).

    Raises:
        BadAddress: the domain has no such form.
    """
    local, _, domain = checked(address).rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise BadAddress("The domain of an address is none.") from None
