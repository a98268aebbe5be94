"""`portico usage`: of what was really called, and of what lies in the database."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from portico import config, store
from portico.access.usage import Cell, repository
from portico.access.usage.repository import Batch
from portico.store import State

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop}]
security: [{key: []}]
paths:
  /orders:
    get: {operationId: list, responses: {"204": {description: Orders}}}
    post: {operationId: order, responses: {"201": {description: Placed, content: {application/json: {schema: {}}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}
"""
HANDLERS = '''
def list():
    """Orders."""
    return None, 204


def order():
    """Order."""
    raise RuntimeError("sold out")
'''
PLANS = """
plans:
  partner:
    title: "[red]Partners"
    description: Who sells for us
    throttle: {rate: 1, burst: 3}
    quota: {limit: 1000, period: MONTH}
    zone: Europe/Berlin
    on_store_failure: deny
    operations:
      shop.order: {quota: {limit: 5, period: DAY, offset: 6h}}
  bare: {apis: shop}
limits:
  - {id: everybody, throttle: {rate: 500}}
  - {api: shop, throttle: {rate: 300}}
  - {id: orders, api: shop, operation: order, per: user, throttle: {rate: 100}}
"""


@pytest.fixture
def shop(tmp_path):
    for name, text in (
        ("specs/shop.yaml", SPEC),
        ("handlers/__init__.py", ""),
        ("handlers/shop.py", HANDLERS),
        ("auth/plans.yaml", PLANS),
        ("portico.toml", '[server]\nmode = "development"\ndrain_delay = 0.0\n'),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def day(ago: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=ago)).isoformat()


def made(portico, shop, name="acme", plan="partner"):
    done = portico("keys", "create", "--plan", plan, "--name", name, "--json", cwd=shop)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def used(shop, *cells):
    """Let keys have called something: (key id, days ago, operation, outcome, requests)."""
    state = State.open(shop, config.load(shop))
    try:
        store.prepare(state.db, development=True)
        counted = {Cell(id, day(ago), operation, outcome): count for id, ago, operation, outcome, count in cells}
        with state.db.engine.begin() as connection:
            repository.add(connection, Batch("a test", time.time_ns(), counted, {}), time.time())
    finally:
        state.db.close()


def told(portico, shop, *words):
    done = portico("usage", *words, "--json", cwd=shop)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def call(url, key, method="GET"):
    return httpx.request(method, f"{url}/shop/orders", headers={"X-API-Key": key}, timeout=20).status_code


def scraped(url, name):
    lines = httpx.get(f"{url}/metrics", timeout=20).text.splitlines()
    return {
        line.partition("{")[2].rpartition("} ")[0]: float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith(f"{name}{{")
    }


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_a_server_admitted_and_refused_is_told_within_a_second_and_by_its_metrics(portico, shop, serving, workers):
    key = made(portico, shop)
    with serving(shop, "--workers", workers) as url:
        answers = [call(url, key["secret"]) for _ in range(3)] + [call(url, key["secret"]) for _ in range(5)]
        admitted, refused = answers.count(204), answers.count(429)
        assert (admitted + refused, refused > 0) == (8, True)
        until = time.monotonic() + 20
        while True:
            found = told(portico, shop, "acme")
            if (found["total"]["requests"], found["total"]["throttled"]) == (admitted, refused):
                break
            assert time.monotonic() < until, found
            time.sleep(0.1)
        (row,) = found["rows"]
        assert (row["operation"], row["2xx"], row["requests"], row["throttled"]) == (
            "shop.list", admitted, admitted, refused,
        )  # fmt: skip
        assert [(one["operation"], one["used"], one["left"]) for one in found["quotas"]] == [
            (None, admitted, 1000 - admitted), ("shop.order", 0, 5),
        ]  # fmt: skip
        while (held := scraped(url, "portico_throttled_total")) and sum(held.values()) < refused:
            assert time.monotonic() < until, held
            time.sleep(0.1)
        assert held == {'api="shop",kind="throttle",method="GET",operation="list"': refused}
        failures = scraped(url, "portico_limit_store_failures_total")
        assert failures == {'policy="allow"': 0, 'policy="deny"': 0, 'policy="local"': 0}


def test_calls_that_are_decided_without_the_store_of_limits_are_counted(portico, shop, serving, monkeypatch):
    key = made(portico, shop)
    monkeypatch.setenv("PORTICO_REDIS_URL", "redis://127.0.0.1:1")  # nobody is there
    with serving(shop) as url:
        assert call(url, key["secret"]) == 503
        assert scraped(url, "portico_limit_store_failures_total")['policy="deny"'] >= 1
        assert scraped(url, "portico_throttled_total") == {}


def test_a_quota_that_is_used_up_counts_as_one(portico, shop, serving):
    (shop / "auth" / "plans.yaml").write_text("plans: {partner: {quota: {limit: 2, period: DAY}}}")
    key = made(portico, shop)
    with serving(shop) as url:
        assert [call(url, key["secret"], "POST") for _ in range(3)] == [500, 500, 429]
        assert scraped(url, "portico_throttled_total") == {'api="shop",kind="quota",method="POST",operation="order"': 1}
    found = told(portico, shop, "acme")  # the server has written everything when it ended
    assert found["total"] == {"requests": 2, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 2, "throttled": 1}
    assert found["quotas"][0]["left"] == 0


def test_usage_is_shown_by_day_and_operation_with_totals_and_what_is_left(portico, shop):
    id = made(portico, shop)["id"]
    used(
        shop,
        (id, 1, "shop.list", "2xx", 1200),
        (id, 1, "shop.list", "throttled", 4),
        (id, 0, "shop.list", "4xx", 3),
        (id, 0, "shop.order", "5xx", 2),
        ("key_other", 0, "shop.order", "2xx", 9),
    )
    done = portico("usage", "acme", cwd=shop)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["DAY", "OPERATION", "REQUESTS", "2XX", "3XX", "4XX", "5XX", "THROTTLED"] in rows
    assert [day(1), "shop.list", "1,200", "1,200", "0", "0", "0", "4"] in rows
    assert [day(0), "shop.order", "2", "0", "0", "0", "2", "0"] in rows
    assert ["total", "1,205", "1,200", "0", "3", "2", "4"] in rows
    month, of_operation = rows[-2:]
    assert month[:4] == ["partner", "0", "1,000", "1,000"]
    assert month[-2:][0].startswith("00:00+0")
    assert month[-1] == "(Europe/Berlin)"
    assert of_operation[:5] == ["partner,", "shop.order", "0", "5", "5"]
    assert of_operation[-2].startswith("06:00+0")
    assert portico("usage", id, cwd=shop).stdout == done.stdout


def test_a_quota_that_was_extended_says_so(portico, shop):
    made(portico, shop)
    assert portico("keys", "extend-quota", "acme", "--by", "500", cwd=shop).returncode == 0
    assert "1,000 + 500" in portico("usage", "acme", cwd=shop).stdout
    assert [(one["granted"], one["left"]) for one in told(portico, shop, "acme")["quotas"]] == [(500, 1500), (500, 505)]


def test_usage_is_summed_up_by_what_is_asked(portico, shop):
    id = made(portico, shop)["id"]
    used(shop, (id, 1, "shop.list", "2xx", 5), (id, 0, "shop.list", "2xx", 7), (id, 0, "shop.order", "throttled", 2))
    by_day = told(portico, shop, "acme", "--by", "day")["rows"]
    assert [(row["day"], row["requests"], row["throttled"]) for row in by_day] == [(day(1), 5, 0), (day(0), 7, 2)]
    by_operation = told(portico, shop, "acme", "--by", "operation")["rows"]
    assert [(row["operation"], row["requests"]) for row in by_operation] == [("shop.list", 12), ("shop.order", 0)]
    by_outcome = told(portico, shop, "acme", "--by", "outcome")["rows"]
    assert by_outcome == [{"outcome": "2xx", "requests": 12}, {"outcome": "throttled", "requests": 2}]
    rows = [line.split() for line in portico("usage", "acme", "--by", "outcome", cwd=shop).stdout.splitlines()]
    assert ["total", "14"] in rows


def test_a_part_of_the_time_can_be_asked_for(portico, shop):
    id = made(portico, shop)["id"]
    used(shop, *((id, ago, "shop.list", "2xx", 1) for ago in (0, 3, 7, 8, 29, 45)))
    assert told(portico, shop, "acme")["total"]["requests"] == 5
    assert told(portico, shop, "acme", "--since", "7d")["total"]["requests"] == 3
    some = told(portico, shop, "acme", "--since", day(45), "--until", "7d")
    assert (some["since"], some["until"], some["total"]["requests"]) == (day(45), day(7), 4)
    for wrong in (
        ["--since", "soon"],
        ["--since", "2026-13-01"],
        ["--until", "1e9d"],
        ["--since", day(1), "--until", "5d"],
    ):
        done = portico("usage", "acme", *wrong, cwd=shop)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), wrong


def test_every_key_is_told_with_its_totals_those_that_are_deleted_too(portico, shop):
    acme, globex, gone = (made(portico, shop, name)["id"] for name in ("acme", "globex", "gone"))
    made(portico, shop, "silent")
    used(shop, (acme, 1, "shop.list", "2xx", 5), (acme, 0, "shop.order", "2xx", 6), (globex, 0, "shop.list", "4xx", 7))
    used(shop, (gone, 0, "shop.list", "2xx", 8))
    assert portico("keys", "delete", "gone", cwd=shop).returncode == 0
    found = told(portico, shop, "--all")
    sums = {(row["key_id"], row["key"]): row["requests"] for row in found["rows"]}
    assert sums == {(acme, "acme"): 11, (globex, "globex"): 7, (gone, ""): 8}
    assert found["total"]["requests"] == 26
    assert "quotas" not in found
    by_day = told(portico, shop, "--all", "--by", "day")["rows"]
    assert [row["requests"] for row in by_day if row["key"] == "acme"] == [5, 6]
    assert "globex" in portico("usage", "--all", cwd=shop).stdout
    deleted = portico("usage", gone, cwd=shop)
    assert (deleted.returncode, "deleted" in deleted.stdout, "8" in deleted.stdout) == (0, True, True)
    assert told(portico, shop, gone)["key"] == {"id": gone}


HOSTILE = ["=cmd|'/C calc'!A1", "+1", "-1", "@SUM(A1)", "'=1", '",=1', "[bold]x[/]", "a,b"]


def test_csv_runs_no_formula_and_keeps_its_columns(portico, shop):
    names = {made(portico, shop, name)["id"]: name for name in HOSTILE}
    used(shop, *((id, 0, "shop.list", "2xx", 1) for id in names))
    done = portico("usage", "--all", "--csv", cwd=shop)
    assert done.returncode == 0, done.stderr
    head, *rows = csv.reader(io.StringIO(done.stdout))
    assert head == ["key_id", "key", "requests", "2xx", "3xx", "4xx", "5xx", "throttled"]
    shown = {row[0]: row[1] for row in rows}
    assert all(len(row) == len(head) and row[2:] == ["1", "1", "0", "0", "0", "0"] for row in rows)
    for id, name in names.items():
        assert not shown[id].startswith(("=", "+", "-", "@", "\t"))
        assert shown[id].removeprefix("'").removeprefix("'") == name.removeprefix("'")


def test_csv_of_one_key_has_its_rows_only(portico, shop):
    id = made(portico, shop)["id"]
    used(shop, (id, 0, "=shop.list", "2xx", 1), (id, 0, "shop.order", "5xx", 2))
    lines = portico("usage", "acme", "--csv", cwd=shop).stdout.splitlines()
    assert lines == [
        "day,operation,requests,2xx,3xx,4xx,5xx,throttled",
        f"{day(0)},'=shop.list,1,1,0,0,0,0",
        f"{day(0)},shop.order,2,0,0,0,2,0",
    ]


def test_a_key_that_called_nothing_says_so(portico, shop):
    made(portico, shop, plan="bare")
    done = portico("usage", "acme", cwd=shop)
    assert (done.returncode, "Nothing was called." in done.stdout, "RESETS" in done.stdout) == (0, True, False)
    assert portico("usage", "acme", "--csv", cwd=shop).stdout.count("\n") == 1


def test_what_cannot_be_meant_is_refused(portico, shop):
    made(portico, shop)
    made(portico, shop)
    for words in ([], ["acme", "--all"], ["--all", "--csv", "--json"], ["nobody"], ["key_nobody"], ["acme"]):
        done = portico("usage", *words, cwd=shop)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), words
    assert "Give the id" in portico("usage", "acme", cwd=shop).stderr
    secret = made(portico, shop, "other")["secret"]
    assert secret not in portico("usage", secret, cwd=shop).stderr


def test_usage_stays_known_where_the_plans_are_gone(portico, shop):
    id = made(portico, shop)["id"]
    used(shop, (id, 0, "shop.list", "2xx", 1))
    (shop / "auth" / "plans.yaml").unlink()
    found = told(portico, shop, "acme")
    assert (found["total"]["requests"], found["quotas"]) == (1, [])
