"""Browser sessions: who is signed in, for how long, and what ends it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.audit import AuditLog
from portico.identity.audit.tables import audit
from portico.identity.pool import Pool
from portico.identity.sessions import Sessions, SignInVoid, repository
from portico.identity.sessions.tables import sessions as table
from portico.identity.source import Source
from portico.identity.users import repository as users
from portico.identity.users.model import User

FIREFOX = Source("198.51.100.7", "Firefox")


class Browser:
    """Keeps the cookies of the answers, as a browser does."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.last = ""  # the Set-Cookie header that came last

    def request(self) -> Request:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = [(b"cookie", cookies.encode())] if cookies else []
        return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})

    def take(self, response: Response) -> None:
        for header in response.headers.getlist("set-cookie"):
            self.last = header
            name, _, value = header.partition(";")[0].partition("=")
            if "Max-Age=0" in header:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


@pytest.fixture
def sessions(pool: Pool) -> Sessions:
    return Sessions(pool, audit=AuditLog(pool))


@pytest.fixture
def ada(pool: Pool) -> User:
    return add(pool, "ada")


def add(pool: Pool, name: str) -> User:
    row = users.Row(name, name, name, None, None, False, "confirmed", True, None, {}, pool.clock())
    pool.db.run(users.insert, row)
    found = pool.db.run(users.by_id, name)
    assert found is not None
    return found


async def sign_in(sessions: Sessions, browser: Browser, user: User, *, auth_time: float | None = None) -> str:
    response = Response()
    session = await sessions.begin(browser.request(), response, user, amr=["pwd"], source=FIREFOX, auth_time=auth_time)
    browser.take(response)
    return session.id


async def test_a_browser_that_signed_in_is_known(sessions: Sessions, ada: User, clock: Any) -> None:
    browser = Browser()
    assert await sessions.current(browser.request()) is None
    id = await sign_in(sessions, browser, ada)
    session = await sessions.current(browser.request())
    assert session is not None
    assert (session.id, session.user_id, session.amr) == (id, "ada", ("pwd",))
    assert session.auth_time == session.created_at == clock()
    assert session.origin_jti != session.id


async def test_the_database_does_not_hold_what_the_cookie_holds(sessions: Sessions, ada: User, pool: Pool) -> None:
    browser = Browser()
    await sign_in(sessions, browser, ada)
    [secret] = browser.cookies.values()
    row = pool.db.look(lambda connection: connection.execute(sa.select(table)).one())
    assert secret not in str(row)


async def test_the_cookie_is_for_this_host_alone(pool: Pool, ada: User) -> None:
    browser = Browser()
    secure = Sessions(dataclasses.replace(pool, origin="https://shop.example"), audit=AuditLog(pool))
    await sign_in(secure, browser, ada)
    assert browser.last.startswith("__Host-portico-main=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in browser.last
    assert "Domain" not in browser.last


async def test_signing_in_changes_the_id_and_ends_what_was_there(sessions: Sessions, ada: User, pool: Pool) -> None:
    """Session fixation: what somebody put into the browser before is worth nothing after."""
    browser, attacker = Browser(), Browser()
    await sign_in(sessions, browser, add(pool, "mallory"))
    attacker.cookies = dict(browser.cookies)
    await sign_in(sessions, browser, ada)
    assert await sessions.current(attacker.request()) is None
    session = await sessions.current(browser.request())
    assert session is not None
    assert session.user_id == "ada"


async def test_a_value_that_the_server_did_not_give_is_never_taken(sessions: Sessions, ada: User) -> None:
    browser = Browser()
    browser.cookies["portico-main"] = "chosen-by-an-attacker"
    await sign_in(sessions, browser, ada)
    assert browser.cookies["portico-main"] != "chosen-by-an-attacker"


async def test_it_ends_without_visits(sessions: Sessions, ada: User, pool: Pool, clock: Any) -> None:
    browser = Browser()
    await sign_in(sessions, browser, ada)
    for _ in range(3):
        clock.advance(pool.settings.session_idle - 1)
        assert await sessions.current(browser.request()) is not None
    clock.advance(pool.settings.session_idle)
    assert await sessions.current(browser.request()) is None


async def test_it_ends_at_last_in_spite_of_visits(sessions: Sessions, ada: User, pool: Pool, clock: Any) -> None:
    browser = Browser()
    await sign_in(sessions, browser, ada)
    for _ in range(int(pool.settings.session_lifetime / 3_600) - 1):
        clock.advance(3_600)
        assert await sessions.current(browser.request()) is not None
    clock.advance(3_600)
    assert await sessions.current(browser.request()) is None


async def test_signing_out_everywhere_ends_it(sessions: Sessions, ada: User, pool: Pool, clock: Any) -> None:
    here, there = Browser(), Browser()
    await sign_in(sessions, here, ada)
    await sign_in(sessions, there, ada)
    pool.db.run(users.end_tokens, ada.id, clock())
    assert await sessions.current(here.request()) is None
    assert await sessions.current(there.request()) is None
    assert await sessions.of_user(ada.id) == []
    await sign_in(sessions, here, ada)
    assert await sessions.current(here.request()) is not None


async def test_a_password_that_was_changed_meanwhile_signs_nobody_in(
    sessions: Sessions, ada: User, pool: Pool, clock: Any
) -> None:
    started = clock()
    clock.advance(1)
    pool.db.run(users.end_tokens, ada.id, clock())
    with pytest.raises(SignInVoid):
        await sign_in(sessions, Browser(), ada, auth_time=started)


async def test_a_disabled_user_is_signed_in_nowhere(sessions: Sessions, ada: User, pool: Pool, clock: Any) -> None:
    browser = Browser()
    await sign_in(sessions, browser, ada)
    pool.db.run(users.update, ada.id, now=clock(), enabled=False)
    assert await sessions.current(browser.request()) is None
    with pytest.raises(SignInVoid):
        await sign_in(sessions, browser, ada)


async def test_signing_out_here_leaves_the_others(sessions: Sessions, ada: User, pool: Pool) -> None:
    here, there = Browser(), Browser()
    id = await sign_in(sessions, here, ada)
    await sign_in(sessions, there, ada)
    stolen = Browser()
    stolen.cookies = dict(here.cookies)
    response = Response()
    ended = await sessions.end(here.request(), response)
    here.take(response)
    assert ended is not None
    assert ended.id == id
    assert here.cookies == {}
    assert await sessions.current(stolen.request()) is None
    assert await sessions.current(there.request()) is not None
    events = pool.db.look(
        lambda connection: connection.execute(sa.select(audit.c.event).order_by(audit.c.id)).scalars().all()
    )
    assert list(events) == ["session_begun", "session_begun", "sign_out"]
    assert await sessions.end(stolen.request(), Response()) is None


async def test_one_sees_where_one_is_signed_in(sessions: Sessions, ada: User, clock: Any) -> None:
    first, second = Browser(), Browser()
    await sign_in(sessions, first, ada)
    clock.advance(100)
    await sign_in(sessions, second, ada)
    visits = await sessions.of_user(ada.id)
    assert [visit.seen_at for visit in visits] == [clock(), clock() - 100]
    assert visits[0].user_agent == "Firefox"
    assert visits[0].address == "198.51.100.7"


async def test_sessions_that_are_over_are_deleted(sessions: Sessions, ada: User, pool: Pool, clock: Any) -> None:
    for _ in range(5):
        await sign_in(sessions, Browser(), ada)
    clock.advance(pool.settings.session_lifetime + 1)
    await sign_in(sessions, Browser(), ada)
    count = pool.db.look(lambda connection: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar())
    assert count == 1


async def test_nobody_fills_the_database_with_sessions(
    sessions: Sessions, ada: User, pool: Pool, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "KEPT", 3)
    first, last = Browser(), Browser()
    await sign_in(sessions, first, ada)
    for browser in (Browser(), Browser(), last):
        clock.advance(1)
        await sign_in(sessions, browser, ada)
    count = pool.db.look(lambda connection: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar())
    assert count == 3
    assert await sessions.current(first.request()) is None
    assert await sessions.current(last.request()) is not None


@pytest.mark.parametrize("value", ["", "x" * 5_000, "\udcff", "a;b", "../../etc"])
async def test_nonsense_in_the_cookie_is_nobody(sessions: Sessions, value: str) -> None:
    request = Request(
        {"type": "http", "method": "GET", "path": "/", "query_string": b"",
         "headers": [(b"cookie", f"portico-main={value}".encode("latin-1", "replace"))]}
    )  # fmt: skip
    assert await sessions.current(request) is None
