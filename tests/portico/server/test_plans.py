"""A served project with API keys: exact over workers, heard of by each, and nothing lost or doubled over a kill.

The commands of an operator run in this process, on the same database as the server's workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.portico.server.conftest import PATIENCE, Serve, Serving, Shop, until

from portico import project as projects
from portico import store
from portico.access.keys.service import ApiKeys
from portico.access.usage import repository
from portico.identity.audit import AuditLog
from portico.identity.source import LOCAL
from portico.store import State

SOON = 2.0  # seconds in which every worker has heard

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
paths:
  /ping:
    get:
      operationId: ping
      summary: Say something
      security: [{key: []}]
      responses:
        "200": {description: it, content: {application/json: {schema: {type: object}}}}
"""
HANDLERS = """
import os


def ping(ctx):
    return {"pid": os.getpid(), "key": ctx.caller.key}
"""
PLANS = """
plans:
  partner: {quota: {limit: 300, period: MONTH}}
  free: {throttle: {rate: 1000000}}
  slow: {throttle: {rate: 0.001, burst: 3}}
"""
PING = "/shop/v1/ping"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.spec.write_text(SPEC)
    shop.handlers.write_text(HANDLERS)
    (shop.root / "auth").mkdir()
    (shop.root / "auth/plans.yaml").write_text(PLANS)
    shop.configure(mode="development")
    return shop


class Operator:
    """Somebody with the commands, beside the server."""

    def __init__(self, shop: Shop) -> None:
        project = projects.load(shop.root)
        self.state = State.open(project.root, project.config)
        store.prepare(self.state.db, development=True)
        self.keys = ApiKeys(self.state, AuditLog(self.state))

    def make(self, plan: str, **fields: Any) -> tuple[str, str]:
        """The id and the secret of a new key."""
        made = asyncio.run(self.keys.create("acme", [plan], source=LOCAL, **fields))
        return made.key.id, made.secret.reveal()

    def usage(self, key_id: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for cell, requests in self.state.db.look(repository.report, [key_id]):
            found[cell.outcome] += requests
        return found


@pytest.fixture
def operator(shop: Shop) -> Iterator[Operator]:
    operator = Operator(shop)
    yield operator
    operator.state.db.close()


def statuses(serving: Serving, secret: str, number: int, *, clients: int = 4) -> Counter[int]:
    """What a number of calls from several clients at once are answered with; those that break off count as 0."""
    found: Counter[int] = Counter()
    lock = threading.Lock()

    def call(times: int) -> None:
        for _ in range(times):
            status = 0
            with contextlib.suppress(httpx.TransportError):  # of a worker that is killed
                status = serving.get(PING, headers={"X-API-Key": secret}).status_code
            with lock:
                found[status] += 1

    threads = [threading.Thread(target=call, args=(number // clients,)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return found


def test_workers_hold_a_key_to_its_quota_together_and_after_a_restart(
    shop: Shop, serve: Serve, operator: Operator
) -> None:
    key_id, secret = operator.make("partner")
    serving = serve("--workers", "3").ready()
    found = statuses(serving, secret, 400)
    assert found == {200: 300, 429: 100}
    until(lambda: operator.usage(key_id) == {"2xx": 300, "throttled": 100})
    assert serving.stop() == 0
    (shop.root / ".portico/limits.sqlite3").unlink()  # as if the machine had lost it
    for suffix in ("-wal", "-shm"):
        (shop.root / f".portico/limits.sqlite3{suffix}").unlink(missing_ok=True)
    again = serve("--workers", "2").ready()
    assert statuses(again, secret, 8) == {429: 8}


def test_a_killed_worker_loses_and_doubles_nothing_of_a_quota(serve: Serve, operator: Operator) -> None:
    key_id, secret = operator.make("partner")
    serving = serve("--workers", "3").ready()
    found: Counter[int] = Counter()
    caller = threading.Thread(target=lambda: found.update(statuses(serving, secret, 400)))
    caller.start()
    until(lambda: operator.usage(key_id)["2xx"] > 20)
    os.kill(serving.workers()[0], signal.SIGKILL)
    caller.join(PATIENCE)
    assert 300 - found[0] <= found[200] <= 300  # one that broke off may have been admitted
    assert found[429] > 0
    counted = until(lambda: operator.usage(key_id)["throttled"] >= found[429] - 100 and operator.usage(key_id))
    assert counted["2xx"] <= 300


def test_a_killed_process_loses_a_second_of_usage_at_most(serve: Serve, operator: Operator) -> None:
    key_id, secret = operator.make("free")
    serving = serve().ready()
    answered: list[float] = []
    deadline = time.monotonic() + 3
    with httpx.Client(timeout=PATIENCE) as client:
        while time.monotonic() < deadline:
            assert client.get(serving.url + PING, headers={"X-API-Key": secret}).status_code == 200
            answered.append(time.monotonic())
    serving.process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    serving.ended()
    before = sum(moment < killed - 1.0 for moment in answered)
    assert before <= operator.usage(key_id)["2xx"] <= len(answered)


def test_each_worker_hears_of_what_is_taken_back(serve: Serve, operator: Operator) -> None:
    key_id, secret = operator.make("free")
    serving = serve("--workers", "2").ready()
    pids = set()
    until(lambda: pids.add(serving.get(PING, headers={"X-API-Key": secret}).json()["pid"]) or len(pids) == 2)
    asyncio.run(operator.keys.set_enabled(key_id, False, source=LOCAL))
    time.sleep(SOON)  # the bound itself is what is tested
    assert statuses(serving, secret, 40) == {401: 40}
    asyncio.run(operator.keys.set_enabled(key_id, True, source=LOCAL))
    made = asyncio.run(operator.keys.rotate(key_id, overlap=0, source=LOCAL))
    time.sleep(SOON)
    assert statuses(serving, secret, 40) == {401: 40}
    assert statuses(serving, made.secret.reveal(), 40) == {200: 40}


def test_a_key_that_is_made_while_the_server_runs_is_known(serve: Serve, operator: Operator) -> None:
    serving = serve("--workers", "2").ready()
    _, secret = operator.make("slow")
    time.sleep(SOON)
    assert statuses(serving, secret, 8) == {200: 3, 429: 5}


def test_plans_are_read_again_while_the_server_runs(shop: Shop, serve: Serve, operator: Operator) -> None:
    serving = serve().ready()
    _, secret = operator.make("free")
    until(lambda: serving.get(PING, headers={"X-API-Key": secret}).status_code == 200)
    (shop.root / "auth/plans.yaml").write_text("plans: {free: {stages: test}}")
    until(lambda: serving.get(PING, headers={"X-API-Key": secret}).status_code == 403)
    (shop.root / "auth/plans.yaml").write_text("plans: [")
    serving.told("the plans stay as they were")
    assert serving.get(PING, headers={"X-API-Key": secret}).status_code == 403


def test_a_fault_of_the_plans_stops_the_start_and_is_told_with_its_line(shop: Shop, serve: Serve) -> None:
    (shop.root / "auth/plans.yaml").write_text("plans:\n  a:\n    throttle: {rate: fast}\n")
    serving = serve()
    assert serving.ended() == 2
    assert "auth/plans.yaml:3:16" in "".join(serving.errors)


def test_a_flood_of_unknown_keys_takes_neither_memory_nor_the_database(serve: Serve, operator: Operator) -> None:
    operator.make("free")
    serving = serve(PORTICO_GATEWAY_FAILED_AUTHENTICATIONS="0").ready()
    rss = lambda: int(open(f"/proc/{serving.process.pid}/statm").read().split()[1]) * 4_096  # noqa: E731, SIM115
    with httpx.Client(timeout=PATIENCE) as client:
        for number in range(300):
            client.get(serving.url + PING, headers={"X-API-Key": f"{number:040}"})
        before = rss()
        for number in range(3_000):
            assert client.get(serving.url + PING, headers={"X-API-Key": f"{number:041}"}).status_code == 401
    assert rss() - before < 8_000_000


def test_a_server_without_plans_imports_nothing_of_them(shop: Shop, serve: Serve) -> None:
    (shop.root / "auth/plans.yaml").unlink()
    handlers = HANDLERS.replace('"pid": os.getpid()', '"loaded": "sqlalchemy" in __import__("sys").modules')
    shop.handlers.write_text(handlers)
    shop.spec.write_text(SPEC.replace("security: [{key: []}]", "security: []"))
    assert serve().ready().get(PING).json()["loaded"] is False
