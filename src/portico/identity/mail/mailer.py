"""The mailer: a transactional outbox, and what empties it.

A mail is queued in the transaction that it tells about, so it goes out if and only if that is committed, and nobody who
waits for an answer can tell by the time it takes whether one goes out. Each mail is sent by one worker at a time, tried
again with growing pauses, and given up when it is of no more use. A crash between handing over and noting it sends a
mail twice, under the same Message-ID.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import anyio
import msgspec
import sqlalchemy as sa

from portico import config
from portico.identity.audit.events import Event
from portico.identity.mail import repository
from portico.identity.mail.address import checked
from portico.identity.mail.errors import MailRefused, MailUnsent, OutboxFull
from portico.identity.mail.model import ON_REQUEST, Kind, Letter, Mail
from portico.identity.mail.render import Writer, Written
from portico.identity.mail.repository import Claimed
from portico.identity.mail.tables import PURPOSE
from portico.identity.mail.transport import Memory, Transport, transport_of
from portico.identity.source import LOCAL
from portico.identity.triggers import CustomMessage, Refused, TriggerFailed, Triggers
from portico.store import NotSealedHere, StoreError

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog
    from portico.identity.pool import Pool
    from portico.identity.users.model import User

log = logging.getLogger("portico.identity.mail")

WAITING = 10_000  # mails that may wait
AN_HOUR = 20  # mails that strangers can cause to one address in an hour
HOUR, DAY = 3_600.0, 86_400.0  # seconds
INTERVAL = 1.0  # seconds between two looks
LANES = 4  # mails that one worker sends at once
LEASE = 300.0  # seconds after which another worker may send what one has taken
PAUSE, LONGEST_PAUSE = 10.0, HOUR  # seconds after the first failure; each further pause is three times as long
KEPT = 200  # mails that the mailbox of development holds


class Mailer:
    """Queues and sends the mails of a pool."""

    def __init__(
        self,
        pool: Pool,
        *,
        config: config.Mail,
        triggers: Triggers,
        audit: AuditLog,
        transport: Transport | None = None,
    ) -> None:
        """Prepare; nothing is sent before `run` or `deliver`.

        Args:
            pool: whose people are written to.
            config: `[mail]`.
            triggers: the project's; `custom_message` may choose the words.
            audit: hears of mails that are given up.
            transport: how mails leave, where not as the configuration says.

        Raises:
            ConfigError: production without a mail server, or a server that cannot be one.
        """
        self._pool = pool
        self._triggers = triggers
        self._audit = audit
        self._transport = transport or transport_of(config, development=pool.development)
        self._keeps = pool.development and not config.server
        self._lanes = LANES if config.server else 1  # who looks at them wants them in order
        title = pool.settings.title or pool.origin.partition("://")[2]
        self._writer = Writer(title=title, origin=pool.origin, code_lifetime=pool.settings.code_lifetime)

    def queue(
        self,
        connection: sa.Connection,
        kind: Kind,
        *,
        to: str,
        user: User | None = None,
        code: str | None = None,
        link: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Let a mail go out when the transaction is committed.

        A mail that strangers can cause is dropped without a word when the address has been sent too many of them.

        Args:
            connection: of the transaction.
            kind: what it is about.
            to: one address.
            user: whom it is about.
            code: that it carries.
            link: that it carries.
            values: more, as the kind says.

        Raises:
            BadAddress: `to` is no address.
            OutboxFull: too many wait already.
        """
        now, recipient = self._pool.clock(), self._recipient(checked(to))
        if kind in ON_REQUEST and repository.sent_since(connection, recipient, ON_REQUEST, now - HOUR) >= AN_HOUR:
            log.warning("a mail (%s) was dropped: its address has been sent %d in an hour", kind, AN_HOUR)
            return
        if repository.waiting(connection) >= WAITING:
            raise OutboxFull("Too many mails wait to be sent. Try again later.")
        id = uuid.uuid4().hex
        sealed = self._seal(id, Letter(kind, to, user, code, link, dict(values or {})).packed())
        until = now + (self._pool.settings.code_lifetime if code else DAY)
        repository.add(connection, id=id, kind=kind, recipient=recipient, sealed=sealed, now=now, until=until)

    async def recent(self, limit: int = 20) -> Sequence[Mail]:
        """Development without a mail server: the last mails, newest first; what waits is sent before. Else none.

        Args:
            limit: how many at most.
        """
        if not self._keeps:
            return ()
        await self.deliver()
        rows = await self._pool.db.read(repository.kept, min(limit, KEPT))
        opened = [self._opened(id, sealed) for id, sealed in rows]
        return [msgspec.json.decode(raw, type=Mail) for raw in opened if raw is not None]

    async def run(self) -> None:
        """Send what is due, until cancelled. It may run in every worker."""
        failing, purged = False, 0.0
        while True:
            try:
                await self.deliver()
                if self._pool.clock() > purged + HOUR:
                    purged = self._pool.clock()
                    await self._pool.db.tx(repository.purge, purged - HOUR, KEPT if self._keeps else 0)
                failing = False
            except* StoreError as group:
                if not failing:
                    log.error("no mail is sent: %s", group.exceptions[0])
                failing = True
            await anyio.sleep(INTERVAL)

    async def deliver(self) -> None:
        """Send everything that is due now.

        Raises:
            ExceptionGroup: of errors of the store.
        """
        if not await self._pool.db.read(repository.is_due, self._pool.clock()):
            return
        async with anyio.create_task_group() as lanes:
            for _ in range(self._lanes):
                lanes.start_soon(self._lane)

    async def _lane(self) -> None:
        while True:
            token, now = uuid.uuid4().hex, self._pool.clock()
            claimed = await self._pool.db.tx(repository.claim, token, now, now + LEASE)
            if claimed is None:
                return
            with anyio.CancelScope(shield=True):  # a server that stops does not send a mail and forget that it did
                await self._attempt(claimed, token)

    async def _attempt(self, claimed: Claimed, token: str) -> None:
        raw = self._opened(claimed.id, claimed.sealed)
        if raw is None:
            return await self._give_up(claimed, token, "it was sealed with a secret that is gone")
        letter = Letter.unpacked(raw)
        if self._pool.clock() >= claimed.until:
            return await self._give_up(claimed, token, "it was never taken, and is of no more use", letter.user)
        try:
            mail = _mail(claimed, letter, await self._words(letter))
            await self._transport.send(mail)
        except MailUnsent as error:
            return await self._postpone(claimed, token, str(error))
        except MailRefused as error:
            return await self._give_up(claimed, token, str(error), letter.user)
        except Exception as error:  # one mail must not end the sender; the message may hold what it says
            return await self._postpone(claimed, token, f"it failed with {type(error).__name__}")
        kept = self._seal(claimed.id, msgspec.json.encode(mail)) if self._keeps else None
        await self._pool.db.tx(repository.settle, claimed.id, token, sealed=kept)

    async def _words(self, letter: Letter) -> Written:
        """The words of Portico, or those that the project's trigger chooses."""
        written = self._writer.write(letter)
        if not self._triggers.has("custom_message"):
            return written
        event = CustomMessage(
            kind=str(letter.kind),
            to=letter.to,
            user=letter.user,
            subject=written.subject,
            text=written.text,
            code=letter.code,
            link=letter.link,
            values=letter.values,
        )
        try:
            message = await self._triggers.custom_message(event)
        except Refused:
            raise MailRefused("the trigger custom_message refuses it") from None
        except TriggerFailed:
            raise MailUnsent("the trigger custom_message failed") from None
        return written if message is None else self._writer.own(letter, message)

    async def _postpone(self, claimed: Claimed, token: str, reason: str) -> None:
        pause = pause_after(claimed.attempts)
        log.warning("mail %s (%s) is tried again in %.0f s: %s", claimed.id, claimed.kind, pause, reason)
        due_at = min(self._pool.clock() + pause, claimed.until)
        await self._pool.db.tx(repository.postpone, claimed.id, token, due_at)

    async def _give_up(self, claimed: Claimed, token: str, reason: str, user: User | None = None) -> None:
        log.error("mail %s (%s) is given up: %s", claimed.id, claimed.kind, reason)
        await self._pool.db.tx(self._given_up, claimed, token, reason, user.id if user is not None else None)

    def _given_up(
        self, connection: sa.Connection, claimed: Claimed, token: str, reason: str, user_id: str | None
    ) -> None:
        if repository.settle(connection, claimed.id, token):
            event, details = Event.MAIL_FAILED, {"mail": claimed.id, "kind": claimed.kind, "reason": reason}
            self._audit.record(connection, event, user=user_id, source=LOCAL, outcome="failure", details=details)

    def _recipient(self, address: str) -> str:
        key = self._pool.secrets.key("mail-recipient")
        return hmac.new(key, address.casefold().encode(), hashlib.sha256).hexdigest()

    def _seal(self, id: str, value: bytes) -> bytes:
        return self._pool.secrets.seal(PURPOSE, value, bound_to=id)

    def _opened(self, id: str, sealed: bytes) -> bytes | None:
        try:
            return self._pool.secrets.open(PURPOSE, sealed, bound_to=id)
        except NotSealedHere:
            return None


class MemoryMailer(Mailer):
    """The same mailer, for tests: mails end in `mails`, newest last, and in `recent`."""

    def __init__(self, pool: Pool, *, triggers: Triggers, audit: AuditLog) -> None:
        """Prepare.

        Args:
            pool: whose people are written to.
            triggers: the project's.
            audit: hears of mails that are given up.
        """
        self.memory = Memory()
        super().__init__(pool, config=config.Mail(), triggers=triggers, audit=audit, transport=self.memory)

    async def recent(self, limit: int = 20) -> Sequence[Mail]:
        """The last mails, newest first; what waits is sent before."""
        await self.deliver()
        return list(self.memory.mails)[::-1][:limit]


def _mail(claimed: Claimed, letter: Letter, written: Written) -> Mail:
    return Mail(
        id=claimed.id,
        kind=letter.kind,
        to=letter.to,
        subject=written.subject,
        text=written.text,
        html=written.html,
        at=claimed.queued_at,
        code=letter.code,
        link=letter.link,
    )


def pause_after(attempts: int) -> float:
    """How long to wait after a failure.

    Args:
        attempts: so far; 1 or more.

    Returns:
        Seconds.
    """
    return float(min(PAUSE * 3 ** min(attempts - 1, 10), LONGEST_PAUSE))
