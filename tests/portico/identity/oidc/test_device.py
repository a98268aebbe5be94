"""A device without a browser is signed in by a person who has one (RFC 8628); and what attackers get of it.

In one file, though long: all of it is about one device, the person who lets it in, and the same few steps between them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import ISSUER, Party, claims_of, sign_in

from portico.identity.audit.tables import audit
from portico.identity.oidc import device_authorization, device_code, device_repository
from portico.identity.oidc.device_code import Waiter, displaced
from portico.identity.oidc.tables import device_codes
from portico.identity.service import Identity
from portico.identity.settings import Client, PoolSettings
from portico.identity.triggers import PreToken, Refused, TokenChanges
from portico.identity.users import NewUser, User
from portico.store import metadata

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ("openid", "email", "concierge/chat", "concierge/orders")


@pytest.fixture
def settings(settings: PoolSettings) -> PoolSettings:
    clients = {
        "tv": Client(title="The <TV>", grants=("device_code", "refresh_token"), scopes=SCOPES),
        "radio": Client(grants=("device_code",), scopes=SCOPES),
        "kiosk": Client(type="confidential", grants=("device_code", "refresh_token"), scopes=SCOPES),
    }
    return msgspec.structs.replace(settings, clients={**settings.clients, **clients})


@dataclass
class Device:
    """A program without a browser. It has no cookies."""

    web: httpx.AsyncClient
    id: str = "tv"
    secret: str | None = None

    async def post(self, endpoint: str, **form: str | None) -> httpx.Response:
        return await Party(self.web, self.id, secret=self.secret).post(endpoint, **form)

    async def ask(self, **form: str | None) -> dict[str, Any]:
        response = await self.post("device_authorization", **form)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def poll(self, asked: dict[str, Any], **changes: str | None) -> httpx.Response:
        return await self.post("token", **{"grant_type": GRANT, "device_code": asked["device_code"], **changes})

    async def error(self, asked: dict[str, Any], **changes: str | None) -> str:
        response = await self.poll(asked, **changes)
        assert response.status_code == 400, response.text
        assert response.headers["cache-control"] == "no-store"
        return str(response.json()["error"])


@pytest.fixture
async def elsewhere(identity: Identity) -> AsyncIterator[httpx.AsyncClient]:
    """The network of the devices."""
    transport = httpx.ASGITransport(identity.app, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=identity.pool.origin) as web:
        yield web


@pytest.fixture
def tv(elsewhere: httpx.AsyncClient) -> Device:
    return Device(elsewhere)


@pytest.fixture
async def adas(identity: Identity, web: httpx.AsyncClient, ada: User) -> httpx.AsyncClient:
    """The browser in which Ada is signed in."""
    await sign_in(identity, web, ada)
    return web


async def look(web: httpx.AsyncClient, user_code: str | None = None) -> httpx.Response:
    query = {} if user_code is None else {"user_code": user_code}
    return await web.get("/auth/main/device", params=query)


async def decide(web: httpx.AsyncClient, user_code: str, decision: str = "allow") -> httpx.Response:
    page = await look(web)
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    form = {"csrf": csrf, "user_code": user_code, "decision": decision}
    return await web.post("/auth/main/device", data=form)


async def audited(identity: Identity) -> list[tuple[str, str | None, str | None, str]]:
    def read(connection: sa.Connection) -> list[tuple[str, str | None, str | None, str]]:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id))
        return [(row.event, row.user_id, row.client_id, row.outcome) for row in rows]

    return await identity.pool.db.read(read)


async def test_a_device_gets_two_codes_and_says_where_to_type_the_short_one(tv: Device) -> None:
    response = await tv.post("device_authorization", scope="openid concierge/chat")
    asked = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.pop("device_code"))
    code = asked.pop("user_code")
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", code)
    assert asked == {
        "verification_uri": f"{ISSUER}/device",
        "verification_uri_complete": f"{ISSUER}/device?user_code={code}",
        "expires_in": 600,
        "interval": 5,
    }


async def test_a_person_allows_it_and_the_device_gets_what_a_browser_would_get(
    tv: Device, adas: httpx.AsyncClient, ada: User, clock: ManualClock, identity: Identity
) -> None:
    at = int(clock.now)
    asked = await tv.ask(scope="openid email concierge/chat")
    assert await tv.error(asked) == "authorization_pending"
    clock.advance(20)
    page = await look(adas, asked["user_code"])
    for text in (
        "Allow this device?",
        "<strong>The &lt;TV&gt;</strong>",
        asked["user_code"],
        "203.0.113.7",
        "Talk",
        "<strong>Ada</strong>",
    ):
        assert text in page.text
    assert "Order" not in page.text
    assert "Has somebody sent you" in page.text
    assert (await decide(adas, asked["user_code"])).headers["location"] == "/auth/main/device/done?note=allowed"
    clock.advance(5)
    response = await tv.poll(asked)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    access, id = claims_of(answer["access_token"]), claims_of(answer["id_token"])
    assert (access["sub"], access["client_id"], access["scope"]) == (ada.id, "tv", "openid email concierge/chat")
    assert (access["auth_time"], id["auth_time"], id["amr"], id["aud"]) == (at, at, ["pwd"], "tv")
    assert "nonce" not in id
    assert id["origin_jti"] == access["origin_jti"]
    party = Party(tv.web, "tv")
    assert (await party.userinfo(answer["access_token"])).json()["email"] == "ada@example.com"
    assert (await party.refresh(answer["refresh_token"])).status_code == 200
    assert await identity.verifier.verify(answer["access_token"])
    events = [(event, user, client) for event, user, client, _ in await audited(identity) if client == "tv"]
    assert events == [
        ("device_asked", None, "tv"),
        ("device_approved", ada.id, "tv"),
        ("token_issued", ada.id, "tv"),
        ("token_issued", ada.id, "tv"),
    ]


async def test_a_client_without_refresh_tokens_gets_none(elsewhere: httpx.AsyncClient, adas: httpx.AsyncClient) -> None:
    radio = Device(elsewhere, "radio")
    asked = await radio.ask()
    await decide(adas, asked["user_code"])
    assert "refresh_token" not in (await radio.poll(asked)).json()


async def test_a_person_says_no(tv: Device, adas: httpx.AsyncClient, identity: Identity, ada: User) -> None:
    asked = await tv.ask()
    assert (await decide(adas, asked["user_code"], "deny")).headers["location"].endswith("/done?note=denied")
    assert await tv.error(asked) == "access_denied"
    assert (await decide(adas, asked["user_code"])).status_code == 400  # it is decided
    assert await tv.error(asked) == "access_denied"
    assert ("device_denied", ada.id, "tv", "failure") in await audited(identity)


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(
    tv: Device, web: httpx.AsyncClient, identity: Identity, ada: User
) -> None:
    asked = await tv.ask()
    for response in (await look(web, asked["user_code"].lower()), await look(web), await look(web, "x\r\ny" * 5_000)):
        assert response.status_code == 303
        assert response.headers["location"].startswith("/auth/main/login?return_to=")
    sealed = httpx.URL((await look(web, asked["user_code"].lower())).headers["location"]).params["return_to"]
    assert identity.pages.desk.returning.open(sealed) == f"/auth/main/device?user_code={asked['user_code']}"
    sealed = httpx.URL((await look(web, "javascript:alert(1)")).headers["location"]).params["return_to"]
    assert identity.pages.desk.returning.open(sealed) == "/auth/main/device"
    await sign_in(identity, web, ada)
    assert "Allow this device?" in (await look(web, asked["user_code"])).text


@pytest.mark.parametrize("written", ["{0}-{1}", "{0}{1}", "{0} {1}", " {0} - {1} ", "{0}\u2013{1}", "{0}.{1}"])
async def test_a_code_is_typed_in_any_case_and_with_any_dashes(
    tv: Device, adas: httpx.AsyncClient, written: str
) -> None:
    asked = await tv.ask()
    typed = written.format(*asked["user_code"].split("-")).lower()
    page = await look(adas)
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    response = await adas.post("/auth/main/device", data={"csrf": csrf, "user_code": typed})
    assert response.headers["location"] == f"/auth/main/device?user_code={asked['user_code']}"
    assert (await look(adas, typed)).status_code == 200
    assert (await decide(adas, typed)).status_code == 303


@pytest.mark.parametrize(
    "typed", ["AEIO-UAEI", "BCDF", "BCDF-GHJK-L", "BCDF\0GHJK", "<b>", "BCDF-GHJ1", "\u017f" * 8, "\ud7ff" * 8]
)
async def test_what_can_be_no_code_is_told_and_is_no_guess(
    adas: httpx.AsyncClient, typed: str, identity: Identity
) -> None:
    for _ in range(7):
        response = await look(adas, typed)
        assert response.status_code == 400
        assert "eight letters" in response.text
        assert "<b>" not in response.text
    assert not [event for event, *_ in await audited(identity) if event == "code_refused"]


async def test_a_decision_comes_from_our_own_page_only(tv: Device, adas: httpx.AsyncClient) -> None:
    asked = await tv.ask()
    form = {"user_code": asked["user_code"], "decision": "allow"}
    page = await look(adas, asked["user_code"])
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    for more, headers in (
        ({}, {}),
        ({"csrf": "x.y"}, {}),
        ({"csrf": csrf}, {"Origin": "https://evil.example"}),
        ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        refused = await adas.post("/auth/main/device", data={**form, **more}, headers=headers)
        assert refused.status_code == 403
    assert (await adas.get("/auth/main/device", params=form)).status_code == 200  # a link decides nothing
    assert await tv.error(asked) == "authorization_pending"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_who_polls_too_often_is_told_to_slow_down_and_waits_longer_from_then_on(
    tv: Device, adas: httpx.AsyncClient, clock: ManualClock
) -> None:
    asked = await tv.ask()
    expected = [
        (0, "authorization_pending"),
        (5, "authorization_pending"),
        (4, "slow_down"),  # 10 seconds from now on
        (9, "slow_down"),  # 15
        (15, "authorization_pending"),
        (14, "slow_down"),  # 20
        (0, "slow_down"),  # 25
        (25, "authorization_pending"),
    ]
    for pause, error in expected:
        clock.advance(pause)
        assert await tv.error(asked) == error, pause
    await decide(adas, asked["user_code"])
    assert (await tv.poll(asked)).status_code == 200  # nobody waits for what is decided


async def test_waiting_is_no_refusal_and_fills_no_log(tv: Device, identity: Identity, clock: ManualClock) -> None:
    asked = await tv.ask()
    for _ in range(5):
        await tv.poll(asked)
    assert [event for event, *_ in await audited(identity)] == ["device_asked"]


async def test_a_code_ends_after_ten_minutes_allowed_or_not(
    tv: Device, adas: httpx.AsyncClient, clock: ManualClock
) -> None:
    one, other = await tv.ask(), await tv.ask()
    clock.advance(599)
    assert (await decide(adas, one["user_code"])).status_code == 303
    clock.advance(1)
    assert await tv.error(one) == "expired_token"
    assert await tv.error(other) == "expired_token"
    late = await decide(adas, other["user_code"])
    assert late.status_code == 400
    assert "There is no such code" in late.text


async def test_a_code_redeemed_twenty_times_at_once_has_one_winner(tv: Device, adas: httpx.AsyncClient) -> None:
    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    answers = await asyncio.gather(*(tv.poll(asked) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_a_code_that_comes_again_revokes_what_it_was_used_for(
    tv: Device, adas: httpx.AsyncClient, identity: Identity
) -> None:
    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    answer = (await tv.poll(asked)).json()
    assert await tv.error(asked) == "invalid_grant"
    party = Party(tv.web, "tv")
    assert (await party.userinfo(answer["access_token"])).status_code == 401
    assert (await party.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"
    assert "code_replayed" in [event for event, *_ in await audited(identity)]


async def test_a_code_belongs_to_its_client(
    tv: Device, elsewhere: httpx.AsyncClient, adas: httpx.AsyncClient, identity: Identity
) -> None:
    secret = (await identity.provider.clients.new_secret("kiosk")).reveal()
    kiosk, radio = Device(elsewhere, "kiosk", secret), Device(elsewhere, "radio")
    asked, theirs = await tv.ask(), await kiosk.ask()
    await decide(adas, asked["user_code"])
    await decide(adas, theirs["user_code"])
    assert await radio.error(asked) == "invalid_grant"
    assert await kiosk.error(asked) == "invalid_grant"
    assert await tv.error(theirs) == "invalid_grant"
    unproved = await Device(elsewhere, "kiosk").poll(theirs)
    assert (unproved.status_code, unproved.json()["error"]) == (401, "invalid_client")
    for device, own in ((tv, asked), (kiosk, theirs)):
        assert (await device.poll(own)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device_code": None}, "invalid_request"),
        ({"device_code": "x" * 43}, "invalid_grant"),
        ({"device_code": "²"}, "invalid_grant"),
        ({"grant_type": "device_code"}, "unsupported_grant_type"),
        ({"client_id": "chat"}, "unauthorized_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_secret": "guess"}, "invalid_client"),
    ],
)
async def test_what_is_wrong_uses_no_code_up(
    tv: Device, adas: httpx.AsyncClient, changes: dict[str, str | None], error: str
) -> None:
    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    assert (await tv.poll(asked, **changes)).json()["error"] == error
    assert (await tv.poll(asked)).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "chat"}, "unauthorized_client"),
        ({"client_id": None, "scope": "openid"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "kiosk"}, "invalid_client"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"scope": "openid stock/read"}, "invalid_scope"),
        ({"scope": "a\0b"}, "invalid_request"),
    ],
)
async def test_who_may_not_ask_is_told_why(tv: Device, form: dict[str, str | None], error: str) -> None:
    response = await tv.post("device_authorization", **form)
    assert response.json()["error"] == error
    assert response.status_code == (401 if error == "invalid_client" else 400)
    assert response.headers["cache-control"] == "no-store"


async def test_it_is_asked_for_with_a_form_and_not_from_the_pages_of_others(tv: Device) -> None:
    path = "/auth/main/oauth2/device_authorization"
    assert (await tv.web.post(path, json={"client_id": "tv"})).json()["error"] == "invalid_request"
    assert (await tv.web.post(f"{path}?client_id=tv")).json()["error"] == "invalid_request"
    response = await tv.web.post(path, data={"client_id": "tv"}, headers={"Origin": "https://spa.example"})
    assert "access-control-allow-origin" not in response.headers


async def test_codes_cannot_be_guessed_by_one_person_from_many_addresses(
    tv: Device, adas: httpx.AsyncClient, identity: Identity, clock: ManualClock
) -> None:
    asked = await tv.ask()
    for number in range(5):
        assert (await look(adas, "BCDF-GHJ" + device_code.LETTERS[number])).status_code == 400
    held = await look(adas, "BCDF-GHJZ")
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1
    assert (await look(adas, asked["user_code"])).status_code == 429  # the right one tells nothing either
    assert (await decide(adas, asked["user_code"])).status_code == 429
    assert await tv.error(asked) == "authorization_pending"
    clock.advance(2)
    assert (await look(adas, asked["user_code"])).status_code == 200
    assert (await decide(adas, asked["user_code"])).status_code == 303  # what is right does not make one wait
    assert (await look(adas, "BCDF-GHJZ")).status_code == 400
    assert (await look(adas, "BCDF-GHJZ")).status_code == 429
    events = [(event, outcome) for event, *_, outcome in await audited(identity)]
    assert events.count(("code_refused", "failure")) == 6
    assert ("locked", "failure") in events


async def test_guesses_that_come_at_once_are_counted_too(adas: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(look(adas, f"BCDF-GHJ{letter}") for letter in device_code.LETTERS))
    assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 15


async def test_twenty_devices_ask_at_once(tv: Device) -> None:
    asked = await asyncio.gather(*(tv.ask() for _ in range(20)))
    assert len({one["user_code"] for one in asked}) == 20


async def test_a_code_of_ones_own_takes_no_guess_back(tv: Device, adas: httpx.AsyncClient) -> None:
    for number in range(5):
        own = await tv.ask()
        assert (await decide(adas, own["user_code"])).status_code == 303
        assert (await look(adas, "BCDF-GHJ" + device_code.LETTERS[number])).status_code == 400
    assert (await look(adas, "BCDF-GHJZ")).status_code == 429


async def test_codes_cannot_be_guessed_from_one_address_by_many_people(
    identity: Identity, web: httpx.AsyncClient
) -> None:
    statuses = []
    for person in range(26):
        user = await identity.users.create(NewUser(username=f"eve{person}", email=f"eve{person}@example.com"))
        await sign_in(identity, web, user)
        for letter in "BCDF":
            statuses.append((await look(web, f"BCDF-GHJ{letter}")).status_code)
    assert statuses[:100] == [400] * 100
    assert 429 in statuses[100:]


async def test_one_address_may_not_ask_for_codes_without_end(tv: Device, clock: ManualClock) -> None:
    for _ in range(device_authorization.OF_ADDRESS):
        await tv.ask()
    response = await tv.post("device_authorization")
    assert response.status_code == 429
    assert response.json()["error"] == "temporarily_unavailable"
    assert 0 < int(response.headers["retry-after"]) <= 600
    clock.advance(600)
    await tv.ask()


@pytest.fixture
def waiting_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for few."""
    monkeypatch.setattr(device_authorization, "OF_CLIENT", 3)
    monkeypatch.setattr(device_authorization, "IN_ALL", 4)


@pytest.mark.usefixtures("waiting_room")
async def test_the_devices_that_wait_are_bounded_of_each_client_and_in_all(
    tv: Device, elsewhere: httpx.AsyncClient, identity: Identity, clock: ManualClock
) -> None:
    for _ in range(6):
        await tv.ask()
    assert await identity.pool.db.read(device_repository.waiting_count, "tv", clock()) == (3, 3)
    radio = Device(elsewhere, "radio")
    for _ in range(4):
        await radio.ask()
    assert (await identity.pool.db.read(device_repository.waiting_count, "tv", clock()))[1] == 4


@pytest.mark.usefixtures("waiting_room")
async def test_whoever_asks_without_end_pushes_out_their_own_codes_and_nobody_elses(
    tv: Device, web: httpx.AsyncClient, clock: ManualClock
) -> None:
    theirs = await Device(web).ask()
    mine = [await tv.ask() for _ in range(2)]
    for _ in range(10):
        clock.advance(0.01)
        mine.append(await tv.ask())
    assert await Device(web).error(theirs) == "authorization_pending"
    assert await tv.error(mine[0]) == "invalid_grant"
    assert await tv.error(mine[-1]) == "authorization_pending"


@pytest.mark.usefixtures("waiting_room")
async def test_who_comes_from_elsewhere_finds_room(tv: Device, web: httpx.AsyncClient) -> None:
    flood = [await tv.ask() for _ in range(3)]
    for code in flood:
        await tv.poll(code)
    theirs = await Device(web).ask()
    assert await Device(web).error(theirs) == "authorization_pending"


def waiter(address: str, at: float, *, polled: bool = False) -> Waiter:
    return Waiter(f"{address} {at}", address, at, polled)


@pytest.mark.parametrize(
    ("waiting", "gone"),
    [
        ((waiter("a", 1), waiter("b", 2), waiter("b", 3)), "b 2"),
        ((waiter("a", 1), waiter("b", 2, polled=True), waiter("b", 3)), "b 3"),
        ((waiter("a", 1), waiter("b", 2, polled=True), waiter("b", 3, polled=True)), "a 1"),
        ((waiter("a", 1, polled=True), waiter("b", 3, polled=True), waiter("b", 2, polled=True)), "b 2"),
        ((waiter("2001:db8::1", 4), waiter("a", 1), waiter("2001:db8::2", 5)), "2001:db8::1 4"),
        ((waiter("a", 1, polled=True), waiter("b", 2, polled=True)), None),
        ((), None),
    ],
)
def test_the_oldest_code_of_whoever_has_most_gives_way(waiting: tuple[Waiter, ...], gone: str | None) -> None:
    assert displaced(waiting) == gone


@pytest.mark.usefixtures("waiting_room")
async def test_where_everybody_waits_for_one_device_nobody_gives_way(
    tv: Device, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_authorization, "OF_CLIENT", 2)
    other = Device(web)
    await tv.poll(await tv.ask())
    await other.poll(await other.ask())
    assert (await tv.post("device_authorization")).status_code == 429


async def test_what_is_long_over_is_forgotten(tv: Device, identity: Identity, clock: ManualClock) -> None:
    def kept(connection: sa.Connection) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(device_codes)).scalar_one()

    for _ in range(3):
        await tv.ask()
    clock.advance(600 + 3_601)
    await tv.ask()
    assert await identity.pool.db.read(kept) == 1


async def test_an_approval_ends_with_the_sign_in_that_gave_it(
    tv: Device, adas: httpx.AsyncClient, identity: Identity, ada: User
) -> None:
    everywhere, here = await tv.ask(), await tv.ask()
    await decide(adas, here["user_code"])
    page = await adas.get("/auth/main/logout")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    await adas.post("/auth/main/logout", data={"csrf": csrf})
    assert await tv.error(here) == "invalid_grant"
    await sign_in(identity, adas, ada)
    await decide(adas, everywhere["user_code"])
    await identity.users.disable(ada.id)
    assert await tv.error(everywhere) == "invalid_grant"


async def test_signing_out_of_the_browser_ends_what_the_device_was_given(tv: Device, adas: httpx.AsyncClient) -> None:
    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    answer = (await tv.poll(asked)).json()
    page = await adas.get("/auth/main/logout")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    await adas.post("/auth/main/logout", data={"csrf": csrf})
    assert (await Party(tv.web, "tv").refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_client_that_is_deleted_takes_its_codes_along(
    elsewhere: httpx.AsyncClient, adas: httpx.AsyncClient, identity: Identity
) -> None:
    clients = identity.provider.clients
    declared = Client(grants=("device_code",), scopes=("openid",))
    await clients.create("gone", declared)
    gone = Device(elsewhere, "gone")
    asked = await gone.ask()
    await clients.delete("gone")
    assert (await look(adas, asked["user_code"])).status_code == 400
    await clients.create("gone", declared)
    assert await gone.error(asked) == "invalid_grant"


async def test_a_trigger_that_refuses_burns_nothing(tv: Device, adas: httpx.AsyncClient, identity: Identity) -> None:
    def pre_token(event: PreToken) -> TokenChanges:
        assert event.client_id == "tv"
        raise Refused("Not today.")

    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    identity.triggers._functions["pre_token"] = pre_token
    assert await tv.error(asked) == "access_denied"
    del identity.triggers._functions["pre_token"]
    assert (await tv.poll(asked)).status_code == 200


async def test_no_code_is_stored_as_it_is_or_written_to_the_audit_log(
    tv: Device, adas: httpx.AsyncClient, identity: Identity
) -> None:
    asked = await tv.ask()
    await decide(adas, asked["user_code"])
    answer = (await tv.poll(asked)).json()

    def everything(connection: sa.Connection) -> str:
        return " ".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(table.select()).all()
        )

    held = await identity.pool.db.read(everything)
    for secret in (
        asked["device_code"],
        asked["user_code"],
        asked["user_code"].replace("-", ""),
        answer["refresh_token"],
        answer["access_token"],
    ):
        assert secret not in held


async def test_the_metadata_says_where_devices_ask(tv: Device) -> None:
    found = (await tv.web.get("/auth/main/.well-known/openid-configuration")).json()
    assert found["device_authorization_endpoint"] == f"{ISSUER}/oauth2/device_authorization"
    assert GRANT in found["grant_types_supported"]


class TestRegistration:
    @pytest.fixture
    def settings(self, settings: PoolSettings) -> PoolSettings:
        return msgspec.structs.replace(settings, dynamic_registration=True)

    async def test_a_client_that_registers_itself_cannot_ask_for_devices(self, tv: Device) -> None:
        for name in (GRANT, "device_code"):
            asked = {"redirect_uris": ["https://dyn.example/cb"], "grant_types": ["authorization_code", name]}
            response = await tv.web.post("/auth/main/oauth2/register", json=asked)
            assert response.json()["error"] == "invalid_client_metadata"
