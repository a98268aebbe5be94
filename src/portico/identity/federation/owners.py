"""Whose account it is that somebody from another provider comes for, and a new one where it is nobody's."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.federation import repository
from portico.identity.federation.claims import Identity
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import PostConfirmation, PreSignUp, TriggerError, Triggers
from portico.identity.users import accounts, names
from portico.identity.users import repository as users
from portico.identity.users.accounts import NewUser
from portico.identity.users.model import User
from portico.identity.users.races import settled

log = logging.getLogger("portico.identity.federation")


def holder_of(connection: sa.Connection, found: Identity) -> User | None:
    """Who has the verified address of somebody here; who signed up with it and never confirmed does not have it.

    Args:
        connection: of a transaction.
        found: who came.
    """
    holder = None if found.email is None else users.by_email(connection, names.email(found.email).key)
    return None if holder is None or holder.status == "unconfirmed" else holder


def owner_of(connection: sa.Connection, found: Identity) -> tuple[User | None, User | None]:
    """Whom an account at a provider is linked to, and who has its address here.

    Args:
        connection: of a transaction.
        found: who came.
    """
    owner = repository.user_of(connection, found.issuer, found.subject)
    return owner, None if owner is not None else holder_of(connection, found)


class Owners:
    """Makes accounts for people whom nobody knows here."""

    def __init__(self, pool: Pool, *, audit: AuditLog, triggers: Triggers) -> None:
        self._pool = pool
        self._audit = audit
        self._triggers = triggers

    async def make(self, found: Identity, *, email: str | None, source: Source) -> User:
        """An account, linked to where they come from. It has no password.

        Args:
            found: who came.
            email: the address that the account has; none where somebody else has it.
            source: where from.

        Raises:
            TriggerError: the project refuses, or its trigger failed.
        """
        name = names.generated().shown
        await self._triggers.pre_sign_up(PreSignUp(name, email or "", {}, source.address))
        user, is_new = await settled(self._pool.db, self._added, found, name, email, source)
        if is_new:
            await self._tell(user, source)
        return user

    def _added(
        self, connection: sa.Connection, found: Identity, name: str, email: str | None, source: Source
    ) -> tuple[User, bool]:
        owner, holder = owner_of(connection, found)
        if owner is not None:  # they came twice at once
            return owner, False
        now = self._pool.clock()
        free = None if holder is not None else email
        if free is not None:
            self._give_way(connection, free, now, source)
        new = NewUser(username=name, email=free, email_verified=free is not None, status="external")
        user = accounts.add(connection, self._pool, self._audit, new, now=now, source=source, by="federation")
        repository.link(connection, found.issuer, found.subject, user.id, now)
        return user, True

    def _give_way(self, connection: sa.Connection, email: str, now: float, source: Source) -> None:
        """Who signed up with an address and never confirmed it gives way, as to anybody else who signs up."""
        waiting = users.by_email(connection, names.email(email).key)
        if waiting is not None:
            users.delete(connection, waiting.id, now)
            details = {"by": "federation"}
            self._audit.record(connection, Event.USER_DELETED, user=waiting.id, source=source, details=details)

    async def _tell(self, user: User, source: Source) -> None:
        try:
            await self._triggers.post_confirmation(PostConfirmation(user, source.address))
        except TriggerError:
            log.error("the account is there, but the trigger post_confirmation did not do its work")
            await self._pool.db.tx(
                self._audit.record,
                Event.TRIGGER_FAILED,
                user=user.id,
                source=source,
                outcome="failure",
                details={"trigger": "post_confirmation"},
            )
