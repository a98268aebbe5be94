"""Sessions: who is signed in, in which browser."""

from __future__ import annotations

import math
import secrets
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from starlette.requests import HTTPConnection
from starlette.responses import Response

from portico.identity.audit import AuditLog, Event
from portico.identity.pool import Pool
from portico.identity.sessions import repository
from portico.identity.sessions.cookies import Cookie
from portico.identity.sessions.errors import SignInVoid
from portico.identity.sessions.model import Session, Visit
from portico.identity.source import Source
from portico.identity.users import repository as users
from portico.identity.users.model import User

BYTES = 32  # of the random value in the cookie: 256 bits
SEEN_EVERY = 60.0  # seconds; a visit is remembered no oftener


class Sessions:
    """The browser sessions of a pool. The cookie holds 256 random bits, the database their SHA-256."""

    def __init__(self, pool: Pool, *, audit: AuditLog) -> None:
        self._pool = pool
        self._audit = audit
        self._cookie = Cookie(pool)

    async def current(self, request: HTTPConnection, *, seen: bool = True) -> Session | None:
        """The session of a request; None where nobody is signed in.

        Args:
            request: whose cookie names the session.
            seen: whether somebody is there. What a page asks by itself keeps no session alive.
        """
        token = self._cookie.read(request)
        if token is None:
            return None
        now, idle = self._pool.clock(), self._pool.settings.session_idle
        found = await self._pool.db.read(repository.current, token, now=now, idle=idle)
        if found is None:
            return None
        session, seen_at = found
        if seen and now - seen_at > min(SEEN_EVERY, idle / 4):
            await self._pool.db.tx(repository.touch, session.id, now)
        return session

    async def begin(
        self,
        request: HTTPConnection,
        response: Response,
        user: User,
        *,
        amr: Sequence[str],
        source: Source,
        auth_time: float | None = None,
    ) -> Session:
        """Sign somebody in: always under a new id, and the session that the browser had is over (no fixation).

        Args:
            request: from the browser.
            response: which takes the cookie along.
            user: who.
            amr: how they proved who they are (RFC 8176).
            source: where from.
            auth_time: when they *began* to, in seconds since the epoch: a password that is changed meanwhile makes the
                session void. None: only now, after anything that made earlier sessions void.
        """
        token, now = secrets.token_urlsafe(BYTES), self._pool.clock()
        lifetime = self._pool.settings.session_lifetime
        replaces, id, origin_jti = self._cookie.read(request), uuid.uuid4().hex, uuid.uuid4().hex

        def work(connection: sa.Connection) -> Session:
            valid_from = users.valid_from(connection, user.id)
            since = max(now, math.nextafter(valid_from, math.inf)) if auth_time is None else auth_time
            if since <= valid_from:
                raise SignInVoid
            session = Session(id, user.id, origin_jti, since, tuple(amr), now)
            repository.begin(
                connection,
                session,
                token=token,
                replaces=replaces,
                ends_at=now + lifetime,
                address=source.address,
                user_agent=source.user_agent,
            )
            self._audit.record(
                connection, Event.SESSION_BEGUN, user=user.id, source=source, details={"how": session.amr}
            )
            return session

        session = await self._pool.db.tx(work)
        self._cookie.write(response, token, max_age=lifetime)
        return session

    async def end(self, request: HTTPConnection, response: Response) -> Session | None:
        """Sign out in this browser. What the session was is given back, so that its tokens can be revoked too.

        A request without the cookie takes none away: it may be a form of another site, which browsers send without.

        Args:
            request: whose cookie names the session.
            response: which takes the cookie away.
        """
        token = self._cookie.read(request)
        if token is None:
            return None
        self._cookie.clear(response)
        return await self._pool.db.tx(self._end, token, Source.of(request, self._pool.trusted_proxies))

    def _end(self, connection: sa.Connection, token: str, source: Source) -> Session | None:
        session = repository.end_by_token(connection, token)
        if session is not None:
            self._audit.record(connection, Event.SIGN_OUT, user=session.user_id, source=source)
        return session

    async def of_user(self, user_id: str) -> list[Visit]:
        """The live sessions of somebody, the last seen first."""
        now, idle = self._pool.clock(), self._pool.settings.session_idle
        return await self._pool.db.read(repository.of_user, user_id, now=now, idle=idle)
