"""Signing in: the form, what comes after it, and what attackers do to it."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pyotp
import pytest
import sqlalchemy as sa
from tests.portico.identity.pages.conftest import ORIGIN, PASSWORD, Browser, hidden

from portico.config import Config
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.service import Identity
from portico.identity.sessions.tables import sessions
from portico.identity.source import LOCAL
from portico.identity.users import NewUser, User
from portico.store import DatabaseUnavailable

AUTHORIZE = "/auth/main/oauth2/authorize?client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
FORM = "application/x-www-form-urlencoded"
Open = Callable[[], Browser]


def returning(pool: Pool, to: str = AUTHORIZE) -> str:
    return "?" + urlencode({"return_to": ReturnTo(pool).seal(to)})


async def test_one_signs_in_and_sees_ones_account(browser: Browser, ada: User) -> None:
    answer = await browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/main/account")
    page = await browser.get("/account")
    assert page.status_code == 200
    assert "Hello, ada" in page.text


async def test_one_goes_back_to_where_one_came_from(browser: Browser, ada: User, pool: Pool) -> None:
    answer = await browser.sign_in("ada@example.com", query=returning(pool))
    assert answer.headers["location"] == AUTHORIZE


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/auth/main/account", "\\\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_sent_elsewhere(browser: Browser, ada: User, to: str) -> None:
    """Open redirect: only what this project sealed is gone back to."""
    answer = await browser.sign_in(query="?" + urlencode({"return_to": to}))
    assert answer.headers["location"] == "/auth/main/account"


async def test_a_place_that_was_sealed_long_ago_is_forgotten(
    browser: Browser, ada: User, pool: Pool, clock: Any
) -> None:
    query = returning(pool)
    clock.advance(3_601)
    assert (await browser.sign_in(query=query)).headers["location"] == "/auth/main/account"


async def test_unknown_people_and_wrong_passwords_look_the_same(open_browser: Open, ada: User) -> None:
    wrong = await open_browser().sign_in("ada", "something else 9")
    unknown = await open_browser().sign_in("nobody", "something else 9")
    assert wrong.status_code == unknown.status_code == 400
    strip = [page.text.replace(hidden(page)["csrf"], "").replace("nobody", "ada") for page in (wrong, unknown)]
    assert strip[0] == strip[1]
    assert 'role="alert"' in wrong.text


async def test_the_name_is_kept_and_the_password_is_not(browser: Browser, ada: User) -> None:
    page = await browser.sign_in('"><script>ada', "not-this-one-1")
    assert 'value="&#34;&gt;&lt;script&gt;ada"' in page.text
    assert "not-this-one-1" not in page.text


async def test_the_session_is_another_one_after_signing_in(browser: Browser, ada: User, identity: Identity) -> None:
    """Fixation: a cookie that somebody put there, and the forms from before, are worth nothing."""
    browser.http.cookies.set("portico-main", "chosen-by-an-attacker")
    before = await browser.get("/login")
    form_cookie = browser.http.cookies["portico-main-form"]
    await browser.post(before, {"login": "ada", "password": PASSWORD})
    assert browser.http.cookies.get("portico-main", domain="localhost.local") != "chosen-by-an-attacker"
    assert browser.http.cookies["portico-main-form"] != form_cookie
    late = await browser.post(before, {"login": "ada", "password": PASSWORD})
    assert late.status_code == 403


async def test_nobody_is_signed_in_by_a_form_of_another_site(browser: Browser, ada: User, open_browser: Open) -> None:
    """Login CSRF: an attacker would like the victim to be signed in as the attacker."""
    theirs = await open_browser().get("/login")
    for values in ({}, {"csrf": "nonsense"}, {"csrf": hidden(theirs)["csrf"]}, {"csrf": "é.ü"}):
        await browser.get("/login")
        answer = await browser.http.post("/auth/main/login", data={"login": "ada", "password": PASSWORD, **values})
        assert answer.status_code == 403
        assert not browser.is_signed_in


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
     {"sec-fetch-site": "same-site"}],
)  # fmt: skip
async def test_a_form_from_another_origin_is_refused_even_with_its_token(
    browser: Browser, ada: User, headers: dict[str, str]
) -> None:
    page = await browser.get("/login")
    answer = await browser.post(page, {"login": "ada", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert not browser.is_signed_in


async def test_without_cookies_one_is_told(browser: Browser, ada: User) -> None:
    page = await browser.get("/login")
    browser.http.cookies.clear()
    answer = await browser.post(page, {"login": "ada", "password": PASSWORD})
    assert answer.status_code == 403
    assert "Allow cookies" in answer.text


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [(b"x" * 70_000, FORM, 413), (b"a=b&" * 200, FORM, 400), (b"login=%ff", FORM, 400),
     (b"--x\r\n", "multipart/form-data; boundary=x", 400), (b"{}", "application/json", 400)],
)  # fmt: skip
async def test_what_is_no_form_is_refused(browser: Browser, content: bytes, content_type: str, status: int) -> None:
    async def parts() -> Any:
        yield content  # without a length

    answer = await browser.http.post("/auth/main/login", content=parts(), headers={"content-type": content_type})
    assert answer.status_code == status


async def test_many_wrong_passwords_have_to_wait(browser: Browser, ada: User) -> None:
    for _ in range(30):
        answer = await browser.sign_in("ada", "wrong wrong wrong 1")
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


async def test_every_page_may_load_only_what_is_ours(browser: Browser, ada: User, pool: Pool) -> None:
    page = await browser.get(f"/login{returning(pool)}")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self' https://app.example"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert "onclick" not in page.text


async def test_a_title_is_text(browser: Browser) -> None:
    page = await browser.get("/login")
    assert "Archway &lt;Flowers&gt;" in page.text
    assert "<Flowers>" not in page.text


async def test_links_come_from_the_configuration(identity: Identity, browser: Browser) -> None:
    """Forged Host: no address on a page comes from the request."""
    page = await browser.get("/login", headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    assert "evil.example" not in page.text
    assert f'href="{ORIGIN}/"' in page.text


async def test_who_is_signed_in_is_asked_again_when_an_application_wants_it(
    browser: Browser, ada: User, pool: Pool
) -> None:
    await browser.sign_in()
    assert (await browser.get("/login")).headers["location"] == "/auth/main/account"
    page = await browser.get(f"/login{returning(pool)}")
    assert page.status_code == 200
    assert 'value="ada"' in page.text


async def test_an_application_can_say_whom_it_expects(browser: Browser, pool: Pool) -> None:
    page = await browser.get(f"/login{returning(pool, AUTHORIZE + '&login_hint=grace%40example.com')}")
    assert 'value="grace@example.com"' in page.text


async def test_a_password_from_an_operator_is_changed_first(browser: Browser, identity: Identity) -> None:
    user = await identity.users.create(NewUser("grace", "grace@example.com", email_verified=True))
    await identity.users.set_password(user.id, "given by hand 77", temporary=True)
    answer = await browser.sign_in("grace", "given by hand 77")
    assert answer.headers["location"] == "/auth/main/new-password"
    wrong = await browser.send("/new-password", {"old_password": "not it at all 3", "password": PASSWORD})
    assert "not the password that you were given" in wrong.text
    answer = await browser.send("/new-password", {"old_password": "given by hand 77", "password": PASSWORD})
    assert answer.headers["location"] == "/auth/main/login?note=password"
    assert not browser.is_signed_in
    identity.pool.clock.advance(1)  # type: ignore[attr-defined]
    await browser.sign_in("grace")
    assert browser.is_signed_in


async def test_a_second_factor_is_asked_for(
    browser: Browser, ada: User, app_of_ada: Callable[[], str], pool: Pool, open_browser: Open
) -> None:
    answer = await browser.sign_in(query=returning(pool))
    assert urlsplit(answer.headers["location"]).path == "/auth/main/mfa"
    assert "return_to" in parse_qs(urlsplit(answer.headers["location"]).query)
    assert not browser.is_signed_in
    assert (await browser.get("/account")).headers["location"].startswith("/auth/main/login")
    wrong = await browser.send(answer.headers["location"], {"code": "000000"})
    assert wrong.status_code == 400
    assert not browser.is_signed_in
    code = app_of_ada()
    right = await browser.send(answer.headers["location"], {"code": code})
    assert right.headers["location"] == AUTHORIZE
    assert browser.is_signed_in
    assert pool.db.look(lambda connection: connection.execute(sa.select(sessions.c.amr)).scalar()) == [
        "pwd",
        "otp",
        "mfa",
    ]
    other = open_browser()
    await other.sign_in()
    replayed = await other.send("/mfa", {"code": code})
    assert replayed.status_code == 400


async def test_the_step_after_the_password_is_worth_nothing_in_another_browser(
    browser: Browser, ada: User, app_of_ada: Callable[[], str], open_browser: Open
) -> None:
    await browser.sign_in()
    thief = open_browser()
    await thief.get("/login")
    thief.http.cookies.set("portico-main-flow", browser.http.cookies["portico-main-flow"], domain="localhost.local")
    answer = await thief.get("/mfa")
    assert answer.headers["location"] == "/auth/main/login?note=expired"


async def test_the_step_after_the_password_does_not_wait_for_long(
    browser: Browser, ada: User, app_of_ada: Callable[[], str], clock: Any
) -> None:
    await browser.sign_in()
    page = await browser.get("/mfa")
    clock.advance(601)
    answer = await browser.post(page, {"code": app_of_ada()})
    assert answer.headers["location"] == "/auth/main/login?note=expired"


async def test_a_password_reset_ends_a_sign_in_that_waits_for_its_second_factor(
    browser: Browser, ada: User, app_of_ada: Callable[[], str], identity: Identity, clock: Any
) -> None:
    await browser.sign_in()
    page = await browser.get("/mfa")
    clock.advance(1)
    await identity.users.set_password(ada.id, "another one 55 birch", temporary=False)
    answer = await browser.post(page, {"code": app_of_ada()})
    assert answer.headers["location"] == "/auth/main/login?note=expired"
    assert not browser.is_signed_in


async def test_a_recovery_code_stands_in_once(
    browser: Browser, ada: User, identity: Identity, app_of_ada: Any, open_browser: Open
) -> None:
    codes = await identity.mfa.new_recovery_codes(ada.id, LOCAL)
    await browser.sign_in()
    assert "Use a recovery code" in (await browser.get("/mfa")).text
    page = await browser.get("/mfa?recover=yes")
    answer = await browser.post(page, {"recovery_code": codes[0]})
    assert answer.headers["location"] == "/auth/main/account"
    other = open_browser()
    await other.sign_in()
    page = await other.get("/mfa?recover=yes")
    assert (await other.post(page, {"recovery_code": codes[0]})).status_code == 400


async def test_who_must_have_a_second_factor_sets_one_up_before_anything_else(
    browser: Browser, identity: Identity, ada: User, clock: Any
) -> None:
    await identity.users.add_group(ada.id, "florists")
    answer = await browser.sign_in()
    assert answer.headers["location"] == "/auth/main/mfa/setup"
    assert not browser.is_signed_in
    page = await browser.get("/mfa/setup")
    assert "<svg" in page.text
    key = re.search(r'class="key"><code>([A-Z2-7 ]+)</code>', page.text)
    assert key is not None
    totp = pyotp.TOTP(key[1].replace(" ", ""))
    wrong = await browser.post(page, {"code": "000000"})
    assert wrong.status_code == 400
    codes = await browser.post(wrong, {"code": totp.at(int(clock()))})
    assert codes.status_code == 200
    assert codes.text.count("<li><code>") == 10
    assert browser.is_signed_in
    assert "Hello, ada" in (await browser.get("/account")).text
    assert (await browser.get("/mfa/setup")).headers["location"] == "/auth/main/login?note=expired"


async def test_nobody_gets_past_the_set_up(browser: Browser, identity: Identity, ada: User) -> None:
    await identity.users.add_group(ada.id, "florists")
    await browser.sign_in()
    for path in ("/account", "/account/security", "/account/security/app"):
        assert (await browser.get(path)).headers["location"].startswith("/auth/main/login")


async def test_cookies_over_https_are_of_this_host_alone(pool: Pool) -> None:
    secure = Identity.of(dataclasses.replace(pool, origin="https://shop.example"), Config())
    transport = httpx.ASGITransport(app=secure.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://shop.example") as http:
        page = await http.get("/auth/main/login")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-portico-main-form=")
        for word in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
            assert word in cookie
        assert "Domain" not in cookie
        answer = await http.post("/auth/main/login", data={"login": "a", "password": "b"}, headers={"origin": ORIGIN})
        assert answer.status_code == 403


async def test_a_database_that_is_away_is_a_page_too(
    browser: Browser, ada: User, monkeypatch: pytest.MonkeyPatch, identity: Identity
) -> None:
    page = await browser.get("/login")

    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("postgresql://user:secret@db/portico cannot be reached")

    monkeypatch.setattr(type(identity.pool.db), "tx", away)
    answer = await browser.post(page, {"login": "ada", "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "secret" not in answer.text


async def test_the_log_holds_no_secret(
    browser: Browser, ada: User, app_of_ada: Callable[[], str], pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    query = returning(pool)
    with caplog.at_level(logging.DEBUG):
        await browser.sign_in(password="wrong wrong wrong 1")
        await browser.sign_in(query=query)
        code = app_of_ada()
        page = await browser.get(f"/mfa{query}")
        await browser.post(page, {"code": code})
    assert browser.is_signed_in
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    cookies = [value for value in browser.http.cookies.values() if value]
    for secret in (PASSWORD, "wrong wrong wrong 1", code, hidden(page)["csrf"], *cookies):
        assert secret not in ours
