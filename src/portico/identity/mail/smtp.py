"""Mails to a mail server (RFC 5321), one at a time, in a thread. TLS is verified (RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
import urllib.parse
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate, parseaddr

import anyio
import anyio.to_thread

from portico import config
from portico.errors import ConfigError
from portico.identity.mail.address import wire
from portico.identity.mail.errors import BadAddress, MailRefused, MailUnsent
from portico.identity.mail.model import Mail

TIMEOUT = 10.0  # seconds for each step of the conversation
CONNECTIONS = 4  # to the mail server at once
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
FORM = "smtps://user:password@host:465, smtp+starttls://user:password@host:587 or smtp://host:25"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Smtp:
    """A mail server."""

    def __init__(self, settings: config.Mail, *, tls: ssl.SSLContext | None = None) -> None:
        """Read where it is; nothing is connected.

        Args:
            settings: `[mail]`.
            tls: what certificates are believed; those that the machine believes.

        Raises:
            ConfigError: the URL or the sender cannot be used.
        """
        url = _url(settings.server.reveal())
        self._scheme, self._host = url.scheme, url.hostname or ""
        self._port = url.port or PORTS[url.scheme]
        self._user, self._password = urllib.parse.unquote(url.username or ""), urllib.parse.unquote(url.password or "")
        self._sender = _sender(settings.sender)
        self._tls = tls or ssl.create_default_context()
        self._limiter = anyio.CapacityLimiter(CONNECTIONS)

    async def send(self, mail: Mail) -> None:
        """Hand a mail over.

        Raises:
            MailUnsent: the server cannot be reached, or asks to come back later.
            MailRefused: the server will never take it.
        """
        await anyio.to_thread.run_sync(self._deliver, mail, limiter=self._limiter)

    def _deliver(self, mail: Mail) -> None:
        try:
            message = message_of(mail, self._sender)
            with self._connected() as server:
                server.send_message(message, to_addrs=[wire(mail.to)])
        except smtplib.SMTPRecipientsRefused as error:
            raise _told(*min(error.recipients.values())) from None
        except smtplib.SMTPAuthenticationError:
            raise MailUnsent("the mail server refuses the user or the password of [mail] server") from None
        except smtplib.SMTPResponseException as error:
            raise _told(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise MailUnsent(f"the mail server cannot do what is needed: {error}") from None
        except BadAddress as error:
            raise MailRefused(str(error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnsent(f"the mail server cannot be used: {type(error).__name__}") from None

    def _connected(self) -> smtplib.SMTP:
        if self._scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=self._tls)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=self._tls)  # raises where the server offers none: no mail in the clear
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def message_of(mail: Mail, sender: Address) -> EmailMessage:
    """A mail as a message (RFC 5322): its text, and the same as HTML.

    Raises:
        BadAddress: the recipient is none.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = wire(mail.to)
    message["Subject"] = " ".join(mail.subject.split())  # no line break can begin another header
    message["Date"] = formatdate(mail.at)
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"  # the same at each attempt: receivers can drop the second
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers with an absence note
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _told(code: int, reason: bytes | str) -> MailUnsent | MailRefused:
    """What a reply means: 5yz is for good (RFC 5321 section 4.2.1). The server's words may name the recipient."""
    kind = MailRefused if code >= 500 else MailUnsent
    return kind(f"the mail server answered {code}")


def _url(text: str) -> urllib.parse.SplitResult:
    try:
        url = urllib.parse.urlsplit(text)
        usable = url.scheme in PORTS and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"[mail] server is no address of a mail server: {FORM}")
    if url.username and url.scheme == "smtp" and url.hostname not in _LOCAL:
        raise ConfigError("[mail] server: a password over smtp:// would be readable; use smtps or smtp+starttls.")
    return url


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        if not text.isprintable():
            raise BadAddress
        return Address(display_name=name, addr_spec=wire(address))
    except (BadAddress, ValueError):
        raise ConfigError('[mail] sender is no address: sender = "Shop <no-reply@shop.example>"') from None
