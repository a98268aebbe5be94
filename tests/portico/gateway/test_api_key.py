"""API keys at the gateway: who is let in, what they are held to, and what is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.portico.clocks import ManualClock
from tests.portico.gateway.designs import document, operation

from portico import design
from portico.access.keys.ring import KeyRing
from portico.access.keys.service import ApiKeys
from portico.access.limiter import Limiter
from portico.access.plans import Plans
from portico.access.throttle import LimitStoreUnavailable, MemoryStore
from portico.access.usage import Meter, repository
from portico.errors import ConfigError
from portico.gateway.api_key import ApiKeyCheck
from portico.gateway.authority import Authority
from portico.gateway.throttle import Throttle
from portico.identity.audit import AuditLog
from portico.identity.source import LOCAL
from portico.store import Database, Secrets, State
from portico.store.feed import Change

Serve = Callable[..., TestClient]

KEY = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
TOKEN = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": f"{__name__}.bearer"}
PLANS = """
plans:
  partner:
    throttle: {rate: 2, burst: 5}
    quota: {limit: 9, period: DAY}
    operations:
      api.order: {throttle: {rate: 1, burst: 2}}
  other: {stages: test, throttle: {rate: 1}}
"""
TOKENS = {
    "ada": {"sub": "ada", "iss": "https://pool", "client_id": "web"},
    "eve": {"sub": "ada", "iss": "https://elsewhere"},
    "till": {"sub": "till", "client_id": "till", "iss": "https://pool"},
    "forged": {"sub": "eve", "iss": "https://pool", "key": "key_of_somebody", "role": "admin"},
}


def bearer(token: str) -> dict[str, Any] | None:
    if token.startswith("with-"):
        return {"sub": "somebody", "usageIdentifierKey": token.removeprefix("with-")}
    return TOKENS.get(token)


def paths(cost: int) -> dict[str, Any]:
    keyed: list[dict[str, Any]] = [{"key": []}]
    return {
        "/talk": {"get": operation("talk", security=keyed)},
        "/order": {"get": operation("order", security=keyed)},
        "/costly": {"get": operation("costly", security=keyed, **{"x-portico-cost": cost})},
        "/both": {"get": operation("both", security=[{"token": [], "key": []}])},
        "/either": {"get": operation("either", security=[{"token": []}, {"key": []}])},
        "/open": {"get": operation("open", security=[])},
    }


def said(ctx: Any) -> dict[str, Any]:
    caller = ctx.caller
    return {"key": caller.key, "subject": caller.subject, "role": caller.role, "anonymous": caller.anonymous}


class World:
    """A gateway whose operations want keys."""

    def __init__(
        self,
        root: Path,
        serve: Serve,
        database: Database,
        clock: ManualClock,
        *,
        plans: str = PLANS,
        cost: int = 1,
        store: Any = None,
        address: Callable[[Any], str] = lambda x: "192.0.2.7",
        **more: Any,
    ) -> None:
        doc = document(
            paths(cost), servers=[{"url": "/v1"}], components={"securitySchemes": {"key": KEY, "token": TOKEN}}, **more
        )
        (root / "auth").mkdir(exist_ok=True)
        (root / "auth/plans.yaml").write_text(plans)
        self.clock = clock
        self.database = database
        self.state = State(root, database, Secrets(Secrets.generate()), clock)
        self.keys = ApiKeys(self.state, AuditLog(self.state))
        self.ring = KeyRing(self.state)
        self.meter = Meter(self.state)
        loaded = Plans.load(root, [design.read(doc, root=root, name="api")])
        assert loaded is not None
        self.plans = loaded
        self.limiter = Limiter(loaded, MemoryStore(clock) if store is None else store, self.meter, clock=clock)
        check = ApiKeyCheck(self.ring, address=address, issuer="https://pool", clock=clock)
        authority = Authority(keys=check, throttle=Throttle(self.limiter, address=address, issuer="https://pool"))
        handlers = dict.fromkeys(("talk", "order", "costly", "both", "either", "open"), said)
        self.client = serve(doc, handlers, authority=authority, name="api")

    def make(self, *plans: str, **fields: Any) -> str:
        """A key's secret."""
        made = asyncio.run(self.keys.create("acme", plans or ("partner",), source=LOCAL, **fields))
        self.ring.hear(Change("api_keys", "*", self.clock(), self.clock() + 60))
        self.last = made.key
        return made.secret.reveal()

    def get(self, path: str, key: str | None = None, token: str | None = None) -> Any:
        headers = {"X-API-Key": key} if key is not None else {}
        headers |= {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.client.get(f"/v1{path}", headers=headers)

    def statuses(self, path: str, key: str | None, number: int, **more: Any) -> list[int]:
        return [self.get(path, key, **more).status_code for _ in range(number)]


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """What is tested here is the gateway, on one database."""
    return str(request.param)


Make = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path, serve: Serve, database: Database, clock: ManualClock) -> Make:
    def made(**options: Any) -> World:
        return World(tmp_path, serve, database, clock, **options)

    return made


@pytest.fixture
def world(make: Make) -> World:
    return make()


def test_a_key_opens_what_its_plan_covers_and_handlers_know_whose_it_is(world: World) -> None:
    key = world.make()
    answer = world.get("/talk", key)
    assert answer.json() == {"key": world.last.id, "subject": None, "role": None, "anonymous": False}


def test_every_answer_says_where_the_caller_stands(world: World) -> None:
    key = world.make()
    fields = [world.get("/order", key).headers["RateLimit"] for _ in range(2)]
    left = 86_400 - int(world.clock()) % 86_400
    assert fields == [
        f'"partner/api.order";r=1;t=1, "partner";r=4;t=1, "partner-day";r=8;t={left}',
        f'"partner/api.order";r=0;t=2, "partner";r=3;t=1, "partner-day";r=7;t={left}',
    ]
    refused = world.get("/order", key)
    assert refused.status_code == 429
    assert refused.headers["RateLimit"] == fields[1]
    assert refused.headers["RateLimit-Policy"] == (
        '"partner/api.order";q=2;w=2, "partner";q=5;w=3, "partner-day";q=9;w=86400'
    )
    assert "RateLimit" not in world.get("/open").headers


def test_past_the_burst_is_told_when_there_is_more(world: World) -> None:
    key = world.make()
    assert world.statuses("/talk", key, 6) == [200] * 5 + [429]
    refused = world.get("/talk", key)
    assert refused.headers["Retry-After"] == "1"
    problem = refused.json()
    assert problem["limit"] == {"name": "partner", "rate": 2.0, "burst": 5}
    assert (problem["scope"], problem["retry_after"], problem["status"]) == ("plan", 1, 429)
    world.clock.advance(0.5)
    assert world.statuses("/talk", key, 2) == [200, 429]


def test_past_the_quota_is_told_when_it_resets(world: World) -> None:
    key = world.make()
    for _ in range(9):
        world.clock.advance(1)
        assert world.get("/talk", key).status_code == 200
    world.clock.advance(1)
    refused = world.get("/talk", key)
    midnight = 86_400 - int(world.clock()) % 86_400
    assert refused.status_code == 429
    assert refused.json()["limit"] == {"name": "partner-day", "quota": 9, "period": "DAY"}
    assert refused.json()["resets_at"] == "2027-01-16T00:00:00Z"
    assert refused.headers["Retry-After"] == str(midnight)
    world.clock.advance(midnight)
    assert world.get("/talk", key).status_code == 200


def test_nothing_is_taken_from_any_bucket_unless_all_admit(world: World) -> None:
    key = world.make()
    assert world.statuses("/order", key, 12) == [200] * 2 + [429] * 10  # two of the plan's five, and of its quota
    assert world.statuses("/talk", key, 4) == [200] * 3 + [429]
    world.clock.advance(10)
    assert world.statuses("/talk", key, 5) == [200] * 4 + [429] * 1  # the quota of nine


def test_the_narrower_limit_is_named_first(make: Make) -> None:
    everything = """
plans:
  partner: {throttle: {rate: 1, burst: 3}, operations: {api.talk: {throttle: {rate: 1, burst: 4}}}}
limits:
  - {id: whole, throttle: {rate: 1, burst: 6}}
  - {id: of-the-api, api: api, throttle: {rate: 1, burst: 5}}
  - {id: of-talk, api: api, operation: talk, throttle: {rate: 1, burst: 3}}
"""
    world = make(plans=everything.replace("cost", ""))
    key = world.make()
    world.statuses("/talk", key, 3)
    assert world.get("/talk", key).json()["limit"]["name"] == "partner"
    other = world.make()
    assert world.get("/talk", other).json()["scope"] == "operation"
    assert world.statuses("/open", None, 3) == [200, 200, 429]
    assert world.get("/open").json() | {"request_id": ""} == {
        "type": "about:blank", "title": "Too Many Requests", "status": 429, "request_id": "",
        "detail": "No more than 1 request a second are admitted here, and 5 at once.",
        "limit": {"name": "of-the-api", "rate": 1.0, "burst": 5}, "scope": "api", "retry_after": 1,
    }  # fmt: skip


def test_a_costly_operation_takes_more(make: Make) -> None:
    world = make(plans="plans: {costly: {throttle: {rate: 1, burst: 10}}}", cost=4)
    key = world.make("costly")
    assert world.statuses("/costly", key, 3) == [200, 200, 429]
    assert world.get("/costly", key).headers["Retry-After"] == "2"
    assert world.statuses("/talk", key, 3) == [200, 200, 429]


def test_a_wrong_key_is_told_no_more_than_another(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown, disabled and expired keys, and what never was a key, get one answer."""
    disabled, expired = world.make(), world.make(expires_at=world.clock() + 10)
    asyncio.run(world.keys.set_enabled(world.last.id, True, source=LOCAL))
    known = asyncio.run(_all(world))
    first = next(one for one in known if one.expires_at is None)
    asyncio.run(world.keys.set_enabled(first.id, False, source=LOCAL))
    world.clock.advance(11)
    made_up = disabled[:-1] + ("a" if disabled[-1] != "a" else "b")
    answers = [
        world.get("/talk", key)
        for key in (disabled, expired, made_up, "pk_" + "a" * 49, "x", "", "ü" * 20, "k" * 5_000)
        if key.isascii()
    ]
    answers.append(world.client.get("/v1/talk", headers={b"X-API-Key": b"\xff\xfe"}))
    assert {answer.status_code for answer in answers} == {401}
    assert len({re.sub(r'"request_id":"[^"]*"', "", answer.text) for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'ApiKey realm="api"'}
    assert all(secret not in caplog.text for secret in (disabled, expired, made_up))


async def _all(world: World) -> list[Any]:
    return [key async for key in world.keys.all()]


def test_no_key_is_401_and_counts_for_nothing(world: World) -> None:
    assert world.get("/talk").status_code == 401
    assert world.get("/talk").json()["detail"] == "No authorization token provided"


@pytest.mark.parametrize(
    "fields",
    [
        {"apis": ["else"]}, {"stages": ["test"]}, {"networks": ["198.51.100.0/24"]}, {"networks": ["2001:db8::/32"]},
    ],
)  # fmt: skip
def test_a_key_is_good_for_its_apis_stages_and_networks_only(
    world: World, fields: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    answer = world.get("/talk", world.make(**fields))
    assert (answer.status_code, answer.json()["detail"]) == (403, "The API key may not be used for this.")
    assert f"may not be used here: its {next(iter(fields)).replace('apis', 'APIs')} are others" in caplog.text


def test_a_key_without_a_plan_that_has_the_api_may_not_call_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert world.get("/talk", world.make("other")).status_code == 403
    assert world.get("/talk", world.make("gone")).status_code == 403
    assert caplog.text.count("no plan of it has this") == 2
    assert world.get("/talk", world.make("gone", "partner", networks=["192.0.2.0/24"])).status_code == 200


def test_a_plan_that_is_taken_away_ends_what_it_allowed(world: World, tmp_path: Path) -> None:
    key = world.make()
    assert world.get("/talk", key).status_code == 200
    (tmp_path / "auth/plans.yaml").write_text("plans: {partner: {apis: api, throttle: {rate: 1, burst: 1}}}")
    assert world.plans.refresh()
    assert world.statuses("/talk", key, 2) == [200, 429] or world.get("/talk", key).status_code == 429
    (tmp_path / "auth/plans.yaml").write_text("plans: {}")
    assert world.plans.refresh()
    assert world.get("/talk", key).status_code == 403


def test_all_schemes_of_a_requirement_must_hold(world: World) -> None:
    key = world.make()
    assert world.get("/both", key).status_code == 401
    assert world.get("/both", token="ada").status_code == 401
    answer = world.get("/both", key, "ada")
    assert answer.json() == {"key": world.last.id, "subject": "ada", "role": None, "anonymous": False}
    assert '"partner";r=4' in answer.headers["RateLimit"]


def test_either_scheme_may_hold_and_only_a_key_is_held_to_a_plan(world: World) -> None:
    key = world.make()
    assert "RateLimit" not in world.get("/either", token="ada").headers
    assert world.get("/either", key).json()["key"] == world.last.id
    assert world.get("/either", key).headers["RateLimit"].startswith('"partner";r=3')
    assert "RateLimit" not in world.get("/either", key, "ada").headers  # the first alternative holds


def test_a_claim_is_no_key(world: World) -> None:
    """A token that says `key`, or `role`, says nothing."""
    assert world.get("/either", token="forged").json() == {
        "key": None, "subject": "eve", "role": None, "anonymous": False,
    }  # fmt: skip


AUTHORIZER = {"x-amazon-apigateway-api-key-source": "AUTHORIZER"}


def test_the_verified_identity_may_be_the_key(make: Make) -> None:
    world = make(**AUTHORIZER)
    key = world.make()
    answer = world.get("/both", token=f"with-{key}")
    assert answer.json()["key"] == world.last.id
    assert '"partner";r=4' in answer.headers["RateLimit"]
    assert world.get("/both", token="with-nonsense").status_code == 403
    assert world.get("/both", key).status_code == 401  # a header is no identity


def test_the_key_that_belongs_to_a_user_or_an_application_is_found_by_who_calls(make: Make) -> None:
    world = make(**AUTHORIZER)
    assert world.get("/both", token="ada").status_code == 403  # who has no key may not call
    world.make(user_id="ada")
    mine = world.last.id
    answer = world.get("/both", token="ada")
    assert (answer.json()["key"], answer.json()["subject"]) == (mine, "ada")
    assert world.get("/both", token="eve").status_code == 403  # an ada of another issuer
    world.make(client_id="till")
    assert world.get("/both", token="till").json()["key"] == world.last.id


def test_with_an_authorizer_a_key_alone_never_holds(make: Make) -> None:
    world = make(**AUTHORIZER)
    assert world.get("/talk", world.make()).status_code == 401


@pytest.mark.parametrize(
    "extension",
    [{"x-amazon-apigateway-authtype": "custom"}, {"x-amazon-apigateway-authorizer": {"type": "request"}}],
)
def test_what_is_written_as_a_key_but_decided_elsewhere_takes_none(
    make: Make, monkeypatch: pytest.MonkeyPatch, extension: dict[str, Any]
) -> None:
    monkeypatch.setitem(globals(), "KEY", {**KEY, **extension})
    world = make()
    assert world.get("/talk", world.make()).status_code == 401


def test_another_source_of_keys_is_an_error(make: Make) -> None:
    with pytest.raises(ConfigError, match=r"api-key-source is 'QUERY'\. Write HEADER or AUTHORIZER"):
        make(**{"x-amazon-apigateway-api-key-source": "QUERY"}).client.app.compile()  # type: ignore[attr-defined]


PERSONAL = """
plans: {partner: {}}
limits:
  - {id: mine, api: api, operation: either, per: PER, throttle: {rate: 1, burst: 2}}
"""


@pytest.mark.parametrize(
    ("per", "one", "another"),
    [("user", "ada", "eve"), ("client", "ada", "till"), ("user", "with-ü", "ada")],
)
def test_each_caller_may_have_a_bucket(make: Make, per: str, one: str, another: str) -> None:
    world = make(plans=PERSONAL.replace("PER", per))
    one, another = (text if text.isascii() else "till" for text in (one, another))
    assert world.statuses("/either", None, 3, token=one) == [200, 200, 429]
    assert world.statuses("/either", None, 3, token=another) == [200, 200, 429]
    assert world.get("/either", token=one).json()["limit"]["name"] == "mine"


@pytest.mark.parametrize(("per", "token", "owner"), [("user", "ada", "user_id"), ("client", "till", "client_id")])
def test_who_has_a_key_too_has_one_bucket(make: Make, per: str, token: str, owner: str) -> None:
    world = make(plans=PERSONAL.replace("PER", per))
    key = world.make(**{owner: token})
    assert world.statuses("/either", None, 2, token=token) == [200, 200]
    assert world.get("/either", key).status_code == 429
    assert world.get("/either", world.make()).status_code == 200  # a key that is nobody's


def test_each_key_may_have_a_bucket_beside_its_plan(make: Make) -> None:
    world = make(plans=PERSONAL.replace("PER", "key"))
    keys = [world.make() for _ in range(2)]
    assert [world.statuses("/either", key, 3) for key in keys] == [[200, 200, 429]] * 2
    assert world.statuses("/either", None, 3, token="ada") == [200] * 3


def test_each_address_has_a_bucket_and_a_network_of_ipv6_is_one(make: Make) -> None:
    here = ["192.0.2.1"]
    world = make(plans=PERSONAL.replace("PER", "address").replace("either", "open"), address=lambda x: here[0])
    assert world.statuses("/open", None, 3) == [200, 200, 429]
    here[0] = "192.0.2.2"
    assert world.statuses("/open", None, 3) == [200, 200, 429]
    for number, status in enumerate([200, 200, 429, 429]):
        here[0] = f"2001:db8:1:2::{number}"
        assert world.get("/open").status_code == status


def test_usage_is_counted_once_for_each_admitted_request(world: World) -> None:
    key = world.make()
    world.statuses("/talk", key, 7)
    world.get("/talk", "nonsense")
    asyncio.run(world.meter.flush())
    found = {cell.outcome: requests for cell, requests in world.database.look(repository.report, [world.last.id])}
    assert found == {"2xx": 5, "throttled": 2}


def test_a_quota_survives_a_restart(make: Make, world: World) -> None:
    key = world.make()
    for _ in range(9):
        world.clock.advance(1)
        world.get("/talk", key)
    asyncio.run(world.meter.flush())
    world.clock.advance(60)
    world.limiter.store = MemoryStore(world.clock)  # what a new process begins with
    world.ring.hear(Change("api_keys", "*", world.clock(), world.clock() + 60))
    assert world.get("/talk", key).json()["limit"]["name"] == "partner-day"


def test_a_quota_may_be_extended_and_reset(world: World) -> None:
    key = world.make()
    for _ in range(9):
        world.clock.advance(1)
        world.get("/talk", key)
    asyncio.run(world.meter.flush())
    world.clock.advance(60)
    assert world.get("/talk", key).status_code == 429
    quota = world.plans.all["partner"].own.quota
    assert quota is not None
    window = quota.window(world.clock())
    windows = [("partner", window.name, window.ends_at)]
    asyncio.run(world.keys.extend_quota(world.last.id, 2, windows=windows, source=LOCAL))
    world.ring.hear(Change("api_key", world.last.id, world.clock(), world.clock() + 60))
    assert world.statuses("/talk", key, 3) == [200, 200, 429]
    asyncio.run(world.meter.flush())
    asyncio.run(world.keys.reset_quota(world.last.id, source=LOCAL))
    world.ring.hear(Change("api_key", world.last.id, world.clock(), world.clock() + 60))
    world.clock.advance(60)
    assert '"partner-day";r=8' in world.get("/talk", key).headers["RateLimit"]


class Broken(MemoryStore):
    """A store that is away when it is told to be."""

    away = True

    def take(self, buckets: Any, cost: float) -> Any:
        if self.away:
            raise LimitStoreUnavailable("it is away")
        return super().take(buckets, cost)


class Distant(Broken):
    """The same, of the kind that is awaited."""

    def take(self, buckets: Any, cost: float) -> Any:
        async def later() -> Any:
            return Broken.take(self, buckets, cost)

        return later()


@pytest.mark.parametrize("store", [Broken, Distant])
@pytest.mark.parametrize(
    ("policy", "statuses"),
    [("deny", [503] * 4), ("allow", [200] * 4), ("local", [200, 200, 429, 429])],
)
def test_without_the_store_it_goes_on_as_the_plan_says(
    make: Make,
    store: type[Broken],
    policy: str,
    statuses: list[int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    plans = f"plans: {{partner: {{throttle: {{rate: 0.001, burst: 2}}, on_store_failure: {policy}}}}}"
    world = make(plans=plans, store=store())
    assert world.statuses("/talk", world.make(), 4) == statuses
    assert world.limiter.failures[policy] == 4
    assert caplog.text.count("cannot be reached") == 1


@pytest.mark.parametrize("store", [Broken, Distant])
def test_what_was_taken_without_the_store_is_told_it_when_it_is_back(
    make: Make, store: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portico.access.limiter.limiter.AGAIN", 0.0)
    kept = store()
    kept.away = False
    world = make(plans="plans: {partner: {quota: {limit: 10, period: DAY}}}", store=kept)
    with world.client as client:
        key = world.make()

        def left() -> int:
            fields = client.get("/v1/talk", headers={"X-API-Key": key}).headers["RateLimit"]
            return int(re.fullmatch(r'"partner-day";r=(\d+);t=\d+', fields)[1])  # type: ignore[index]

        assert left() == 9
        kept.away = True
        assert [left(), left()] == [8, 7]
        kept.away = False
        left()  # notices that it is back, and tells it
        while world.limiter._recovering is None or not world.limiter._recovering.done():
            world.client.get("/v1/open")
        assert left() == 5
