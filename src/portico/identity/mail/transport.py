"""Ways in which a mail leaves: a mail server, the terminal (development), memory (tests)."""

from __future__ import annotations

import sys
from collections import deque
from typing import Protocol

from portico import config
from portico.errors import ConfigError
from portico.identity.mail.model import Mail
from portico.identity.mail.smtp import Smtp

WIDTH = 78  # columns of the frame
KEPT = 1_000  # mails that memory holds


class Transport(Protocol):
    """Takes one mail after another."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over.

        Raises:
            MailUnsent: it can be tried again.
            MailRefused: it cannot.
        """


class Terminal:
    """Prints mails on stderr, for the developer who would otherwise need a mail server."""

    async def send(self, mail: Mail) -> None:
        """Print a mail in a frame."""
        sys.stderr.write(framed(mail))
        sys.stderr.flush()


class Memory:
    """Holds the last mails."""

    def __init__(self) -> None:
        self.mails: deque[Mail] = deque(maxlen=KEPT)

    async def send(self, mail: Mail) -> None:
        """Hold a mail."""
        self.mails.append(mail)


def framed(mail: Mail) -> str:
    """A mail as a text in a frame; characters that steer a terminal are replaced."""
    lines = [f"To: {mail.to}", f"Subject: {mail.subject}", "", *mail.text.strip().splitlines()]
    body = "".join(f"│ {_shown(line)}\n" for line in lines)
    return f"┌─ mail {'─' * (WIDTH - 8)}\n{body}└{'─' * (WIDTH - 1)}\n"


def _shown(line: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)


def transport_of(settings: config.Mail, *, development: bool) -> Transport:
    """The transport that a project's configuration asks for.

    Args:
        settings: `[mail]`.
        development: whether a terminal will do where there is no server.

    Raises:
        ConfigError: production without a server, or a server that cannot be one.
    """
    if settings.server:
        return Smtp(settings)
    if development:
        return Terminal()
    raise ConfigError(
        "[mail] server is not set, and people get their codes by mail: set PORTICO_MAIL_SERVER to "
        '"smtps://user:password@host:465", and [mail] sender. (mode = "development" prints mails instead.)'
    )
