"""The people of a pool: what pages, commands and tokens do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.pool import Pool
from portico.identity.source import LOCAL, Source
from portico.identity.users import (
    accounts,
    attempts,
    email,
    ownership,
    phc,
    policy,
    recovery,
    repository,
    sign_in,
    sign_up,
)
from portico.identity.users import attributes as declared
from portico.identity.users.accounts import NewUser
from portico.identity.users.model import User
from portico.identity.users.ownership import Exporter, Leaver
from portico.identity.users.parts import Parts
from portico.identity.users.passwords import Passwords
from portico.identity.users.races import settled
from portico.identity.users.sign_up import Whose

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog
    from portico.identity.mail import Mailer
    from portico.identity.triggers import Triggers


class Users:
    """The people of one pool. What strangers may call answers the same, and as fast, for known and unknown people."""

    def __init__(self, pool: Pool, *, audit: AuditLog, mailer: Mailer, triggers: Triggers) -> None:
        self._pool = pool
        self._audit = audit
        self._parts = Parts(pool, audit, mailer, triggers, Passwords(pool))
        self._exporters: dict[str, Exporter] = {}
        self._leaving: list[Leaver] = []

    async def sign_up(
        self,
        username: str | None,
        password: str,
        email: str,
        attributes: Mapping[str, Any],
        *,
        source: Source,
    ) -> None:
        """Register somebody who has yet to confirm, by the code that is mailed. Who has an account gets a mail too.

        Args:
            username: None in a pool whose people sign in by e-mail alone: one is made up.
            password: as it was typed.
            email: as it was typed.
            attributes: as a form gives them.
            source: where the request came from.

        Raises:
            SignUpClosed: only operators make accounts.
            Invalid: something that was given cannot be used; all of it is told.
            TooManyAttempts: this address causes too many mails, or the server is busy.
            TriggerError: the project refuses, or its trigger failed.
        """
        await sign_up.sign_up(self._parts, username, password, email, attributes, source=source)

    async def confirm(self, login: str, code: str, *, source: Source, whose: Whose = lambda _: True) -> User:
        """Confirm a sign-up. That proves the e-mail address, not the password.

        Args:
            login: the user name or the e-mail address.
            code: from the mail.
            source: where the request came from.
            whose: tells whether the account is the one that is meant: somebody else may have signed up with the same
                address since, and the latest code would confirm their password.

        Raises:
            WrongCode: nobody waits for this code; also for who is confirmed, or unknown.
            CodeExpired: it was right once.
            TooManyAttempts: this address tries too many codes.
        """
        return self._ordered(await sign_up.confirm(self._parts, login, code, source=source, whose=whose))

    async def resend_code(self, login: str, *, source: Source) -> None:
        """Mail a new code to who has signed up and not confirmed.

        Args:
            login: the user name or the e-mail address.
            source: where the request came from.

        Raises:
            TooManyAttempts: this address causes too many mails.
        """
        await sign_up.resend_code(self._parts, login, source=source)

    async def sign_in(self, login: str, password: str, *, source: Source) -> User:
        """Check who signs in.

        Args:
            login: the user name or the e-mail address, as the pool's `sign_in_with` allows.
            password: as it was typed.
            source: where the request came from.

        Raises:
            WrongCredentials: unknown, disabled, or the password is wrong.
            NotConfirmed: the password is right, the sign-up is not confirmed.
            NewPasswordRequired: the password is right and must be changed first.
            TooManyAttempts: after too many failures, or the server is busy.
            TriggerError: the project's `migrate_user` refuses or failed.
        """
        return await sign_in.sign_in(self._parts, login, password, source=source)

    async def check_password(self, user_id: str, password: str, *, source: Source) -> User:
        """Check the password of somebody who is signed in, before something that must not happen by accident.

        Args:
            user_id: whose.
            password: as it was typed.
            source: where the request came from.

        Raises:
            WrongCredentials: it is wrong.
            TooManyAttempts: after too many failures, or the server is busy.
        """
        return await sign_in.check_password(self._parts, user_id, password, source=source)

    async def forgot(self, login: str, *, source: Source) -> None:
        """Mail a code that sets a new password, to a verified address.

        Args:
            login: the user name or the e-mail address.
            source: where the request came from.

        Raises:
            TooManyAttempts: this address causes too many mails.
        """
        await recovery.forgot(self._parts, login, source=source)

    async def reset(self, login: str, code: str, new_password: str, *, source: Source) -> User:
        """Set a new password with the code of `forgot`. Everything that was issued before is dead.

        Args:
            login: as given to `forgot`.
            code: from the mail.
            new_password: as it was typed.
            source: where the request came from.

        Raises:
            PasswordRefused: the policy refuses it; the code is not used up.
            WrongCode: also for who is unknown.
            CodeExpired: it was right once.
            TooManyAttempts: this address tries too many codes, or the server is busy.
        """
        return self._ordered(await recovery.reset(self._parts, login, code, new_password, source=source))

    async def change_password(self, user_id: str, old: str, new: str, *, source: Source) -> User:
        """Set a new password with the old one. Everything that was issued before is dead.

        Args:
            user_id: whose.
            old: as it was typed.
            new: as it was typed.
            source: where the request came from.

        Raises:
            WrongCredentials: the old one is wrong.
            PasswordRefused: the policy refuses the new one.
            TooManyAttempts: after too many failures, or the server is busy.
        """
        return self._ordered(await recovery.change_password(self._parts, user_id, old, new, source=source))

    async def change_email(self, user_id: str, new_email: str, *, source: Source) -> None:
        """Mail a code to a new address. The old one stays until the code is given.

        Args:
            user_id: whose.
            new_email: as it was typed.
            source: where the request came from.

        Raises:
            Invalid: it is no address.
            UserUnknown: there is no such user.
            TooManyAttempts: this address causes too many mails.
        """
        await email.change_email(self._parts, user_id, new_email, source=source)

    async def confirm_email(self, user_id: str, code: str, *, source: Source) -> User:
        """Take the new address, and tell the old one.

        Args:
            user_id: whose.
            code: from the mail.
            source: where the request came from.

        Raises:
            WrongCode: it is wrong, or somebody else has proved this address meanwhile.
            CodeExpired: it was right once.
            TooManyAttempts: this address tries too many codes.
            UserUnknown: there is no such user.
        """
        return self._ordered(await email.confirm_email(self._parts, user_id, code, source=source))

    async def set_attributes(
        self, user_id: str, values: Mapping[str, Any], *, by_user: bool = True, source: Source = LOCAL
    ) -> User:
        """Change attributes.

        Args:
            user_id: whose.
            values: what changes; None or an empty text takes an attribute away.
            by_user: whether they do it themselves, and may not change what is immutable.
            source: where the request came from.

        Raises:
            Invalid: what is wrong, attribute by attribute.
            UserUnknown: there is no such user.
        """

        def work(connection: sa.Connection) -> User:
            user = accounts.known(connection, user_id)
            held = declared.merged(self._pool.settings.attributes, user.attributes, values, by_user=by_user)
            repository.update(connection, user_id, now=self._pool.clock(), attributes=held)
            details = {"attributes": sorted(values)}
            self._audit.record(connection, Event.USER_CHANGED, user=user_id, source=source, details=details)
            return accounts.known(connection, user_id)

        return self._ordered(await self._pool.db.tx(work))

    async def sign_out_everywhere(self, user_id: str, *, source: Source) -> None:
        """End every session, and everything that was issued.

        Args:
            user_id: whose.
            source: where the request came from.
        """

        def work(connection: sa.Connection) -> None:
            accounts.known(connection, user_id)
            repository.end_tokens(connection, user_id, self._pool.clock())
            self._audit.record(connection, Event.SIGN_OUT_EVERYWHERE, user=user_id, source=source)

        await self._pool.db.tx(work)

    async def delete(self, user_id: str, *, source: Source) -> None:
        """Forget a user.

        Args:
            user_id: whom.
            source: where the request came from.

        Raises:
            UserUnknown: there is no such user.
        """
        await self._pool.db.tx(ownership.delete, self._parts, self._leaving, user_id, source)

    async def export(self, user_id: str, *, source: Source = LOCAL) -> dict[str, object]:
        """Everything that is held about a user, but secrets, as JSON can say it.

        Args:
            user_id: whose.
            source: where the request came from.

        Raises:
            UserUnknown: there is no such user.
        """
        return await self._pool.db.tx(ownership.export, self._parts, self._exporters, user_id, source)

    def register_exporter(self, name: str, exporter: Exporter) -> None:
        """Let a feature add what it holds about somebody to `export`.

        Args:
            name: the key in the export.
            exporter: gives it.
        """
        self._exporters[name] = exporter

    def register_leaving(self, leaver: Leaver) -> None:
        """Let a feature end what somebody holds when they are disabled or deleted, in the same transaction.

        Args:
            leaver: ends it.
        """
        self._leaving.append(leaver)

    async def by_id(self, user_id: str) -> User | None:
        """The user with this id."""
        return accounts.ordered(self._pool.settings, await self._pool.db.read(repository.by_id, user_id))

    async def by_login(self, login: str) -> User | None:
        """The user who signs in with this name or e-mail address. Do not let strangers see the difference."""
        found = await self._pool.db.read(accounts.find, self._pool.settings, login)
        return accounts.ordered(self._pool.settings, found)

    async def page(self, *, after: str = "", limit: int = 100, search: str = "", group: str = "") -> Sequence[User]:
        """Users in the order of their names.

        Args:
            after: the user name that the page begins after.
            limit: how many at most.
            search: the beginning of a name or an e-mail address.
            group: only members of this group.
        """
        return await self._pool.db.read(
            repository.page, after=after.casefold(), limit=limit, search=search, group=group
        )

    async def create(self, new: NewUser, *, password: str | None = None, source: Source = LOCAL) -> User:
        """Add somebody, as an operator.

        Args:
            new: who.
            password: as it was chosen; None where there is a hash, or no password at all.
            source: where the request came from.

        Raises:
            Invalid: something that was given cannot be used.
            NameTaken: somebody has the name or the address.
            GroupUnknown: the pool does not declare it.
        """
        if password is not None:
            policy.check(password, self._pool.settings.password, new.username, new.email)
            new = accounts.with_hash(new, await self._parts.passwords.hash(password))
        user = await settled(
            self._pool.db,
            accounts.add,
            self._pool,
            self._audit,
            new,
            now=self._pool.clock(),
            source=source,
            by="operator",
        )
        return self._ordered(user)

    async def set_password(self, user_id: str, password: str, *, temporary: bool, source: Source = LOCAL) -> None:
        """Set a password, as an operator. Everything that was issued before is dead.

        Args:
            user_id: whose.
            password: as it was chosen.
            temporary: whether the user must choose another at the next sign-in.
            source: where the request came from.

        Raises:
            PasswordRefused: the policy refuses it.
            UserUnknown: there is no such user.
        """
        policy.check(password, self._pool.settings.password)
        stored = await self._parts.passwords.hash(password)
        await self._pool.db.tx(recovery.set_hash, self._parts, user_id, stored, temporary=temporary, source=source)

    async def set_password_hash(self, user_id: str, stored: str, *, source: Source = LOCAL) -> None:
        """Set the hash of a password, in PHC string format.

        Args:
            user_id: whose.
            stored: the hash.
            source: where the request came from.

        Raises:
            HashRefused: Portico does not verify it.
            UserUnknown: there is no such user.
        """
        phc.check(stored)
        await self._pool.db.tx(recovery.set_hash, self._parts, user_id, stored, temporary=False, source=source)

    async def enable(self, user_id: str, *, source: Source = LOCAL) -> None:
        """Let a user sign in again.

        Args:
            user_id: whom.
            source: where the request came from.

        Raises:
            UserUnknown: there is no such user.
        """
        await self._pool.db.tx(self._switch, user_id, True, source)

    async def disable(self, user_id: str, *, source: Source = LOCAL) -> None:
        """Let a user sign in no longer, and end everything that was issued.

        Args:
            user_id: whom.
            source: where the request came from.

        Raises:
            UserUnknown: there is no such user.
        """
        await self._pool.db.tx(self._switch, user_id, False, source)

    def _switch(self, connection: sa.Connection, user_id: str, enabled: bool, source: Source) -> None:
        logins, secrets = accounts.keys_of(accounts.known(connection, user_id)), self._pool.secrets
        now = self._pool.clock()
        repository.update(connection, user_id, now=now, enabled=enabled)
        if enabled:
            attempts.clear(connection, [attempts.keys_of(secrets, who, source.address).user for who in logins])
        else:
            repository.end_tokens(connection, user_id, now)
            for leaver in self._leaving:
                leaver(connection, user_id, source)
        event = Event.USER_ENABLED if enabled else Event.USER_DISABLED
        self._audit.record(connection, event, user=user_id, source=source)

    async def add_group(self, user_id: str, group: str, *, source: Source = LOCAL) -> bool:
        """Make a user a member of a group.

        Args:
            user_id: whom.
            group: which the pool declares.
            source: where the request came from.

        Returns:
            whether that is new.

        Raises:
            GroupUnknown: the pool does not declare it.
            UserUnknown: there is no such user.
        """
        accounts.check_group(self._pool.settings, group)
        return await self._pool.db.tx(self._change_group, user_id, group, True, source)

    async def remove_group(self, user_id: str, group: str, *, source: Source = LOCAL) -> bool:
        """End a membership, also in a group that the pool no longer declares.

        Args:
            user_id: whose.
            group: which.
            source: where the request came from.

        Returns:
            whether there was one.

        Raises:
            UserUnknown: there is no such user.
        """
        return await self._pool.db.tx(self._change_group, user_id, group, False, source)

    def _change_group(self, connection: sa.Connection, user_id: str, group: str, add: bool, source: Source) -> bool:
        accounts.known(connection, user_id)
        change = repository.add_group if add else repository.remove_group
        changed = change(connection, user_id, group, self._pool.clock())
        if changed:
            event = Event.GROUP_ADDED if add else Event.GROUP_REMOVED
            self._audit.record(connection, event, user=user_id, source=source, details={"group": group})
        return changed

    def _ordered(self, user: User) -> User:
        return accounts.ordered(self._pool.settings, user) or user
