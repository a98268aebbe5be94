"""Mails of the pool: queued in the transaction that they tell about, sent beside the server.

mailer.queue(connection, Kind.SIGN_UP_CODE, to=user.email, user=user, code="123456")   # in a transaction
await mailer.recent(10)                                                                # development: the mailbox
"""

from portico.identity.mail.errors import BadAddress, MailError, MailRefused, MailUnsent, OutboxFull
from portico.identity.mail.mailer import Mailer, MemoryMailer
from portico.identity.mail.model import Kind, Mail

__all__ = [
    "BadAddress",
    "Kind",
    "Mail",
    "MailError",
    "MailRefused",
    "MailUnsent",
    "Mailer",
    "MemoryMailer",
    "OutboxFull",
]
