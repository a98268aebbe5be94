"""What can go wrong with mails.

PorticoError
└── MailError
    ├── BadAddress     a recipient that is no address of one person
    ├── OutboxFull     too many mails wait already; a request is answered with 503
    ├── MailUnsent     the mail server could not be reached or asks to come back later: tried again
    └── MailRefused    the mail server, or the project's trigger, refused this mail for good
"""

from __future__ import annotations

from portico.errors import PorticoError, Unavailable


class MailError(PorticoError):
    """The root of this tree."""


class BadAddress(MailError):
    """A recipient that is no address of one person."""


class OutboxFull(MailError, Unavailable):
    """Too many mails wait already."""


class MailUnsent(MailError):
    """The mail could not be handed over now."""


class MailRefused(MailError):
    """The mail will never be taken."""
