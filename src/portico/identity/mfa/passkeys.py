"""Passkeys: registered, used as a second factor or alone, renamed, taken away."""

from __future__ import annotations

import hmac
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.mfa import challenge, repository
from portico.identity.mfa.challenge import Ceremony
from portico.identity.mfa.errors import MethodNotOffered, NotEnrolled, PasskeyRefused, TooManyPasskeys
from portico.identity.mfa.factor import Factor
from portico.identity.mfa.model import Enrolled, Passkey
from portico.identity.mfa.relying_party import New, RelyingParty, read_created, read_used
from portico.identity.mfa.repository import StoredPasskey
from portico.identity.source import Source
from portico.identity.users.model import User

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication

    from portico.identity.audit import AuditLog
    from portico.identity.mail import Mailer
    from portico.identity.pool import Pool

T = TypeVar("T")

KEY = "mfa-challenge"  # purpose of a derived key
MOST = 20  # passkeys of one user
NAME_LENGTH = 64  # characters
THREADS = 4  # that check signatures


class Passkeys(Factor):
    """The part of `Mfa` for passkeys."""

    def __init__(self, pool: Pool, *, audit: AuditLog, mailer: Mailer) -> None:
        """See `Factor`."""
        super().__init__(pool, audit=audit, mailer=mailer)
        title = pool.settings.title or pool.origin.partition("://")[2]
        self._party = RelyingParty(origin=pool.origin, title=title)
        self._limiter = anyio.CapacityLimiter(THREADS)

    @property
    def offers_passkeys(self) -> bool:
        """Whether people may set up passkeys: the pool has them, and its origin is a domain and no bare address."""
        return "passkey" in self._pool.settings.mfa_methods and self._party.has_name

    @property
    def offers_passkeys_alone(self) -> bool:
        """Whether a passkey may take the place of the password."""
        return self.offers_passkeys and self._pool.settings.passkeys_alone

    async def registration_options(self, user: User, *, browser: str) -> str:
        """What a browser needs to make a passkey.

        Args:
            user: who is signed in.
            browser: the id of their session; the answer counts only with the same.

        Returns:
            JSON for `PublicKeyCredential.parseCreationOptionsFromJSON`.

        Raises:
            MethodNotOffered: the pool does not have passkeys.
            TooManyPasskeys: the user has 20.
        """
        if not self.offers_passkeys:
            raise MethodNotOffered("Passkeys are not offered here.")
        existing = await self._pool.db.read(repository.passkeys_of, user.id)
        if len(existing) >= MOST:
            raise TooManyPasskeys(f"You have {MOST} passkeys. Remove one first.")
        return self._party.creation_options(user, self._new(Ceremony("register", browser, user.id)), existing)

    async def register_passkey(self, user: User, response: str, *, name: str, browser: str, source: Source) -> Enrolled:
        """Add the passkey that a browser has made.

        Args:
            user: who is signed in.
            response: `PublicKeyCredential.toJSON()`, as JSON.
            name: by which its owner will know it.
            browser: the id of the session, as at `registration_options`.
            source: from where.

        Returns:
            the passkey, and recovery codes where the user had none.

        Raises:
            PasskeyRefused: it does not fit.
            TooManyPasskeys: the user has 20.
        """
        credential, answered = read_created(response)
        self._accept(Ceremony("register", browser, user.id), answered)
        new = await self._in_thread(partial(self._party.created, credential, answered))
        return await self._pool.db.tx(self._add, user, new, answered, _name(name), source)

    def _add(
        self, connection: sa.Connection, user: User, new: New, answered: bytes, name: str, source: Source
    ) -> Enrolled:
        now = self._pool.clock()
        known = repository.passkey_by_credential(connection, new.credential_id)
        if known is not None or not challenge.spend(connection, answered, now):
            raise PasskeyRefused("This passkey has been added already.")
        if len(repository.passkeys_of(connection, user.id)) >= MOST:
            raise TooManyPasskeys(f"You have {MOST} passkeys. Remove one first.")
        passkey = Passkey(uuid.uuid4().hex, user.id, name, now, None, new.backed_up)
        stored = StoredPasskey(passkey, new.credential_id, new.public_key, new.sign_count, new.transports)
        repository.add_passkey(connection, stored)
        what = f'The passkey "{name}" has been added to your account.'
        self._changed(connection, Event.MFA_ADDED, user.id, source, method="passkey", what=what)
        return Enrolled(self._first_codes(connection, user.id), passkey)

    async def authentication_options(self, *, browser: str, user_id: str | None = None) -> str:
        """What a browser needs to use a passkey.

        Args:
            browser: the id of its session or form; the answer counts only with the same.
            user_id: who gave the right password. None: the passkey alone will say who it is.

        Returns:
            JSON for `PublicKeyCredential.parseRequestOptionsFromJSON`.

        Raises:
            MethodNotOffered: a passkey alone will not do here.
            NotEnrolled: the user has no passkey.
        """
        if user_id is None and not self.offers_passkeys_alone:
            raise MethodNotOffered("Signing in with a passkey alone is not offered here.")
        allowed = await self._pool.db.read(repository.passkeys_of, user_id) if user_id is not None else ()
        if user_id is not None and not allowed:
            raise NotEnrolled("There is no passkey.")
        return self._party.request_options(self._new(Ceremony("authenticate", browser, user_id or "")), allowed)

    async def verify_passkey(
        self, response: str, *, browser: str, source: Source, user_id: str | None = None
    ) -> Passkey:
        """Check the use of a passkey at sign-in.

        Args:
            response: `PublicKeyCredential.toJSON()`, as JSON.
            browser: as at `authentication_options`.
            source: from where.
            user_id: who gave the right password. None: the passkey alone says who it is.

        Returns:
            the passkey; its `user_id` says who has signed in. Whether they may is for the caller to find out.

        Raises:
            MethodNotOffered: a passkey alone will not do here.
            PasskeyRefused: it does not fit.
        """
        if user_id is None and not self.offers_passkeys_alone:
            raise MethodNotOffered("Signing in with a passkey alone is not offered here.")
        credential, answered = read_used(response)
        self._accept(Ceremony("authenticate", browser, user_id or ""), answered)
        stored = await self._pool.db.read(repository.passkey_by_credential, credential.raw_id)
        owner = stored.passkey.user_id if stored is not None else ""
        handle = credential.response.user_handle
        if stored is None or not _is_owner(owner, handle, user_id):
            raise PasskeyRefused("This passkey is not known here.")
        try:
            used = await self._in_thread(partial(self._party.used, credential, answered, stored, alone=user_id is None))
            return await self._pool.db.tx(self._use, stored, used, answered, source)
        except PasskeyRefused:
            await self._pool.db.tx(self._failed, owner, source, "passkey")
            raise

    def _use(
        self,
        connection: sa.Connection,
        stored: StoredPasskey,
        used: VerifiedAuthentication,
        answered: bytes,
        source: Source,
    ) -> Passkey:
        now, passkey = self._pool.clock(), stored.passkey
        counts = {"count": used.new_sign_count, "before": stored.sign_count}
        fresh = challenge.spend(connection, answered, now)
        backed_up = used.credential_backed_up
        if not fresh or not repository.use_passkey(connection, passkey.id, **counts, backed_up=backed_up, now=now):
            raise PasskeyRefused("This passkey was not accepted.")
        details = {"method": "passkey", "passkey": passkey.id}
        self._audit.record(connection, Event.MFA_PASSED, user=passkey.user_id, source=source, details=details)
        return replace(passkey, last_used_at=now, backed_up=backed_up)

    async def rename_passkey(self, user_id: str, passkey_id: str, name: str, source: Source) -> None:
        """Give a passkey another name.

        Raises:
            NotEnrolled: the user has no such passkey.
        """
        await self._pool.db.tx(self._rename, user_id, passkey_id, _name(name), source)

    def _rename(self, connection: sa.Connection, user_id: str, passkey_id: str, name: str, source: Source) -> None:
        if not repository.rename_passkey(connection, user_id, passkey_id, name):
            raise NotEnrolled("There is no such passkey.")
        details = {"method": "passkey", "passkey": passkey_id}
        self._audit.record(connection, Event.MFA_CHANGED, user=user_id, source=source, details=details)

    async def remove_passkey(self, user_id: str, passkey_id: str, source: Source) -> None:
        """Take a passkey away.

        Raises:
            LastMethod: a second factor is required, and this is the last.
            NotEnrolled: the user has no such passkey.
        """
        await self._pool.db.tx(self._remove, user_id, passkey_id, source)

    def _remove(self, connection: sa.Connection, user_id: str, passkey_id: str, source: Source) -> None:
        methods = repository.methods_of(connection, user_id)
        left = tuple(passkey for passkey in methods.passkeys if passkey.id != passkey_id)
        if left == methods.passkeys:
            raise NotEnrolled("There is no such passkey.")
        self._may_lose(connection, user_id, replace(methods, passkeys=left))
        repository.delete_passkey(connection, user_id, passkey_id)
        what = "A passkey has been removed from your account."
        self._changed(connection, Event.MFA_REMOVED, user_id, source, method="passkey", what=what)

    def _new(self, ceremony: Ceremony) -> bytes:
        return ceremony.challenge(self._pool.secrets.key(KEY), self._pool.clock())

    def _accept(self, ceremony: Ceremony, answered: bytes) -> None:
        if not ceremony.accepts(answered, self._pool.secrets.keys(KEY), self._pool.clock()):
            raise PasskeyRefused("This took too long, or belongs to another page. Try again.")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _is_owner(owner: str, handle: bytes | None, expected: str | None) -> bool:
    """Whether a passkey belongs to whom it should (Web Authentication section 7.2 step 6).

    Args:
        owner: of the stored passkey, by id.
        handle: the user whom the authenticator names, if it does; alone it must.
        expected: who gave the right password; None: nobody.
    """
    if expected is not None and expected != owner:
        return False
    return (handle is None and expected is not None) or hmac.compare_digest(handle or b"", owner.encode())


def _name(text: str) -> str:
    """A name as it is kept: one line, no control characters."""
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    return " ".join(kept.split())[:NAME_LENGTH] or "Passkey"
