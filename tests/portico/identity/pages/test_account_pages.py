"""Looking after one's own account, and nobody else's."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from tests.portico.identity.pages.conftest import PASSWORD, Browser

from portico.identity.service import Identity
from portico.identity.users import User

Mailed = Callable[[str], Awaitable[str]]
Open = Callable[[], Browser]
ROOMS = [
    "",
    "/profile",
    "/email",
    "/email/confirm",
    "/password",
    "/security",
    "/security/app",
    "/sessions",
    "/data",
    "/delete",
]
PROTECTED = ["/email", "/security", "/security/app", "/data", "/delete"]
NEW = "quiet harbour 19 fern"


@pytest.fixture
async def signed_in(browser: Browser, ada: User) -> Browser:
    await browser.sign_in()
    return browser


@pytest.mark.parametrize("room", ROOMS)
async def test_strangers_are_sent_to_the_sign_in_and_back(browser: Browser, ada: User, room: str) -> None:
    answer = await browser.get(f"/account{room}")
    assert urlsplit(answer.headers["location"]).path == "/auth/main/login"
    back = await browser.sign_in(query=f"?{urlsplit(answer.headers['location']).query}")
    assert back.headers["location"] == f"/auth/main/account{room}"
    assert (await browser.get(f"/account{room}")).status_code == 200


@pytest.mark.parametrize("room", PROTECTED)
async def test_what_protects_the_account_wants_a_sign_in_of_just_now(signed_in: Browser, clock: Any, room: str) -> None:
    page = await signed_in.get(f"/account{room}")
    assert page.status_code == 200
    clock.advance(301)
    for answer in (await signed_in.get(f"/account{room}"), await signed_in.post(page, {"username": "ada"})):
        assert answer.headers["location"].startswith("/auth/main/login?return_to=")
        assert answer.headers["location"].endswith("note=again")
    await signed_in.sign_in(query=f"?{urlsplit(answer.headers['location']).query}")
    assert (await signed_in.get(f"/account{room}")).status_code == 200


@pytest.mark.parametrize("room", ["/profile", "/password", "/email", "/security", "/sessions", "/data", "/delete"])
async def test_forms_of_other_sites_change_nothing(signed_in: Browser, room: str, identity: Identity) -> None:
    values = {
        "username": "ada",
        "email": "evil@example.com",
        "act": "remove-app",
        "old_password": PASSWORD,
        "password": NEW,
    }
    answer = await signed_in.http.post(f"/auth/main/account{room}", data=values)
    assert answer.status_code == 403
    assert await identity.users.by_login("ada") is not None


async def test_one_says_something_about_oneself(signed_in: Browser, identity: Identity) -> None:
    long = await signed_in.send("/account/profile", {"attribute-nickname": "x" * 21})
    assert long.status_code == 400
    assert "at most 20 characters" in long.text
    await signed_in.post(long, {"attribute-nickname": "<b>Countess</b>"})
    page = await signed_in.get("/account/profile")
    assert 'value="&lt;b&gt;Countess&lt;/b&gt;"' in page.text


async def test_only_declared_attributes_are_taken(signed_in: Browser, identity: Identity) -> None:
    await signed_in.send("/account/profile", {"attribute-nickname": "C", "attribute-role": "admin", "role": "admin"})
    user = await identity.users.by_login("ada")
    assert user is not None
    assert user.attributes == {"nickname": "C"}


async def test_a_new_password_signs_out_all_but_this_browser(
    signed_in: Browser, open_browser: Open, clock: Any
) -> None:
    other = open_browser()
    await other.sign_in()
    before = dict(signed_in.http.cookies)
    clock.advance(1)
    wrong = await signed_in.send("/account/password", {"old_password": "not that 1 one", "password": NEW})
    assert "This is not your password" in wrong.text
    weak = await signed_in.post(wrong, {"old_password": PASSWORD, "password": "password"})
    assert 'id="password-fault"' in weak.text
    answer = await signed_in.post(weak, {"old_password": PASSWORD, "password": NEW})
    assert answer.headers["location"] == "/auth/main/account?note=password"
    assert "Your password is changed" in (await signed_in.get("/account?note=password")).text
    assert signed_in.http.cookies["portico-main"] != before["portico-main"]
    assert (await other.get("/account")).status_code == 303
    clock.advance(1)
    await other.sign_in("ada", NEW)
    assert (await other.get("/account")).status_code == 200


async def test_a_new_password_does_not_stand_in_for_the_second_factor(
    signed_in: Browser, app_of_ada: Callable[[], str], clock: Any
) -> None:
    """Who finds an open browser and knows the password could else remove the app: changing it counts as a sign-in."""
    await signed_in.sign_in()
    await signed_in.send("/mfa", {"code": app_of_ada()})
    page = await signed_in.get("/account/password")
    assert page.status_code == 200
    clock.advance(301)
    values = {"old_password": PASSWORD, "password": NEW}
    for answer in (await signed_in.get("/account/password"), await signed_in.post(page, values)):
        assert answer.headers["location"].endswith("note=again")
    query = f"?{urlsplit(answer.headers['location']).query}"
    assert (await signed_in.sign_in(password=NEW, query=query)).status_code == 400
    assert "/mfa?" in (await signed_in.sign_in(query=query)).headers["location"]


async def test_the_old_address_stays_until_the_new_one_is_proved(
    signed_in: Browser, identity: Identity, mailed: Mailed
) -> None:
    answer = await signed_in.send("/account/email", {"email": "countess@example.com"})
    assert answer.headers["location"] == "/auth/main/account/email/confirm"
    user = await identity.users.by_login("ada")
    assert user is not None
    assert user.email == "ada@example.com"
    wrong = await signed_in.send("/account/email/confirm", {"code": "000000"})
    assert wrong.status_code == 400
    answer = await signed_in.post(wrong, {"code": await mailed("countess@example.com")})
    assert answer.headers["location"] == "/auth/main/account?note=email"
    user = await identity.users.by_login("ada")
    assert user is not None
    assert user.email == "countess@example.com"


async def test_an_app_is_set_up_and_taken_away(signed_in: Browser, identity: Identity, ada: User, clock: Any) -> None:
    page = await signed_in.get("/account/security/app")
    key = re.search(r'class="key"><code>([A-Z2-7 ]+)</code>', page.text)
    assert key is not None
    totp = pyotp.TOTP(key[1].replace(" ", ""))
    wrong = await signed_in.post(page, {"code": "123"})
    assert wrong.status_code == 400
    codes = await signed_in.post(wrong, {"code": totp.at(int(clock()))})
    assert codes.text.count("<li><code>") == 10
    assert (await identity.mfa.methods_of(ada.id)).totp
    more = await signed_in.send("/account/security", {"act": "recovery-codes"})
    assert more.text.count("<li><code>") == 10
    answer = await signed_in.send("/account/security", {"act": "remove-app"})
    assert answer.headers["location"] == "/auth/main/account/security?note=removed"
    assert not (await identity.mfa.methods_of(ada.id)).any


async def test_the_last_second_factor_stays_where_one_is_required(
    signed_in: Browser, identity: Identity, ada: User, app_of_ada: Any
) -> None:
    await identity.users.add_group(ada.id, "florists")
    answer = await signed_in.send("/account/security", {"act": "remove-app"})
    assert answer.status_code == 400
    assert (await identity.mfa.methods_of(ada.id)).totp


async def test_one_sees_where_one_is_signed_in_and_signs_out_everywhere(
    signed_in: Browser, open_browser: Open, clock: Any
) -> None:
    other = open_browser()
    other.http.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0 <script>"
    await other.sign_in()
    clock.advance(10)
    page = await signed_in.get("/account/sessions")
    assert "Firefox on Windows" in page.text
    assert page.text.count("this browser") == 1
    assert "<script>" not in page.text
    answer = await signed_in.post(page, {})
    assert answer.headers["location"] == "/auth/main/signed-out"
    for one in (signed_in, other):
        assert (await one.get("/account")).status_code == 303


async def test_signing_out_here_is_one_button(signed_in: Browser) -> None:
    page = await signed_in.get("/account")
    assert 'action="/auth/main/logout"' in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    answer = await signed_in.http.post("/auth/main/logout", data={"csrf": csrf[1]})
    assert answer.headers["location"].endswith("/auth/main/signed-out")
    assert (await signed_in.get("/account")).status_code == 303
    assert "You are signed out" in (await signed_in.get("/signed-out")).text


async def test_ones_data_can_be_taken_along(signed_in: Browser) -> None:
    answer = await signed_in.send("/account/data", {})
    assert answer.headers["content-disposition"] == 'attachment; filename="main-account.json"'
    assert answer.headers["cache-control"] == "no-store"
    held = json.loads(answer.text)
    assert "ada@example.com" in answer.text
    assert held["browser_sessions"][0]["address"] == "127.0.0.1"
    assert "argon2" not in answer.text


async def test_an_account_is_deleted_when_its_name_is_typed(signed_in: Browser, identity: Identity) -> None:
    answer = await signed_in.send("/account/delete", {"username": "grace"})
    assert answer.status_code == 400
    answer = await signed_in.post(answer, {"username": "Ada"})
    assert answer.headers["location"] == "/auth/main/login?note=deleted"
    assert await identity.users.by_login("ada") is None
    assert not signed_in.is_signed_in
    assert "Your account is deleted" in (await signed_in.get("/login?note=deleted")).text


@pytest.mark.parametrize("room", ROOMS)
async def test_pages_of_an_account_are_kept_by_nobody(signed_in: Browser, room: str) -> None:
    page = await signed_in.get(f"/account{room}")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert PASSWORD not in page.text
