"""Starting: what is served where, and what is said when it cannot be."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest


def test_everything_has_its_address(shop: Any, serve: Any) -> None:
    serving = serve().ready()
    assert serving.get("/").text.startswith("<!doctype html>")
    assert serving.get("/shop/v1/ping").json()["says"] == "one"
    assert serving.get("/specs/shop.json").json()["info"]["title"] == "Shop"
    assert serving.get("/docs/shop").status_code == 200
    assert serving.get("/healthz").json() == {"status": "alive"}
    assert serving.get("/readyz").json() == {"status": "ready"}
    assert 'operation="ping"' in serving.get("/metrics").text
    assert serving.get("/no/such/page").status_code == 404
    for path in ("/healthz/more", "/metrics/more", "/readyzz"):
        assert serving.get(path).status_code == 404
    assert httpx.head(serving.url + "/healthz").status_code == 200
    assert httpx.post(serving.url + "/healthz").status_code == 405


def test_what_is_served_is_told_with_the_port_that_was_found(shop: Any, serve: Any) -> None:
    told = json.loads(serve().told('"event":"serving"'))
    assert not told["url"].endswith(":0")
    assert (told["operations"], told["unwritten"]) == (2, 0)


def test_an_unwritten_operation_is_told_and_answers_501_or_is_mocked(shop: Any, serve: Any) -> None:
    shop.handlers.write_text(
        "from portico import NotWritten\n\n\ndef ping():\n    raise NotWritten\n\n\n"
        "async def slow(seconds):\n    return {}\n"
    )
    plain = serve().ready()
    assert json.loads(plain.told("serving"))["unwritten"] == 1
    assert plain.get("/shop/v1/ping").status_code == 501
    assert serve("--mock").ready().get("/shop/v1/ping").status_code == 200


def test_a_missing_handler_is_a_fault_and_the_mock_answers_for_it(shop: Any, serve: Any) -> None:
    shop.handlers.write_text("async def slow(seconds):\n    return {}\n")
    refused = serve()
    assert refused.ended() == 1
    assert "portico stubs" in "".join(refused.errors)
    assert serve("--mock").ready().get("/shop/v1/ping").status_code == 200


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--reload",)], ids=["one", "workers", "reload"])
def test_a_port_that_is_taken_is_told_with_the_mend(
    shop: Any, serve: Any, free_port: int, options: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        serving = serve(*options, port=free_port)
        assert serving.ended() == 2
    text = "".join(serving.errors)
    assert f"Port {free_port} on 127.0.0.1 is taken" in text
    assert f"--port {free_port + 1}" in text
    assert "Traceback" not in text


def test_a_host_that_is_not_here_is_told(shop: Any, serve: Any) -> None:
    serving = serve("--host", "203.0.113.9")
    assert serving.ended() == 2
    assert "203.0.113.9 is no address of this machine" in "".join(serving.errors)


FAULTS = {
    "no security decision": ("specs", "      security: []\n", "", "security"),
    "not yaml": ("specs", "paths:", "paths: [", "YAML"),
    "signature": ("handlers", "async def slow(seconds)", "async def slow(second)", "slow"),
    "syntax": ("handlers", "def ping()", "def ping(", "handlers/shop.py"),
    "import": ("handlers", "import asyncio", "import asyncioo", "'asyncioo' (handlers/shop.py:2)."),
    "exit": (
        "handlers",
        "import asyncio",
        "raise SystemExit(5)",
        "ends the program when it is imported (handlers/shop.py:2).",
    ),
    "configuration": ("toml", "[server]", "[sever]", "sever"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one", "workers"])
def test_a_fault_is_told_with_its_place_and_nothing_is_served(
    shop: Any, serve: Any, options: tuple[str, ...], fault: str
) -> None:
    where, old, new, told = FAULTS[fault]
    path = {"specs": shop.spec, "handlers": shop.handlers, "toml": shop.root / "portico.toml"}[where]
    path.write_text(path.read_text().replace(old, new, 1))
    serving = serve(*options)
    assert serving.ended() in (1, 2)  # what was found at fault, what cannot be run
    text = "".join(serving.errors)
    assert told in text
    assert "serving" not in text
    assert "Traceback" not in text


def test_a_handler_that_raises_is_logged_with_its_trace_and_without_secrets(shop: Any, serve: Any) -> None:
    shop.handlers.write_text(
        "def ping():\n    password = 'hunter2'\n    raise ValueError('Authorization: Bearer abcdefgh12345678')\n\n\n"
        "async def slow(seconds):\n    return {}\n"
    )
    serving = serve(PORTICO_SERVER_LOG_LEVEL="debug").ready()
    answer = serving.get("/shop/v1/ping?token=s3cr3t", headers={"Authorization": "Basic czNjcjN0czNjcjN0"})
    assert answer.status_code == 500
    assert "ValueError" not in answer.text
    assert serving.stop() == 0
    logged = [json.loads(line) for line in serving.errors]
    (trace,) = [line for line in logged if "exception" in line]
    assert "ValueError" in trace["exception"]
    assert answer.headers["x-request-id"] in json.dumps(trace)
    everything = "".join([*serving.errors, *serving.output])
    for secret in ("abcdefgh12345678", "s3cr3t", "czNjcjN0", "token="):
        assert secret not in everything
    (line,) = [json.loads(line) for line in serving.output]
    assert (line["path"], line["status"]) == ("/shop/v1/ping", 500)


def test_the_access_log_can_be_switched_off(shop: Any, serve: Any) -> None:
    shop.configure(access_log=False)
    serving = serve().ready()
    serving.get("/shop/v1/ping")
    assert serving.stop() == 0
    assert serving.output == []


def test_durations_are_finer_than_a_millisecond(shop: Any, serve: Any) -> None:
    serving = serve().ready()
    for _ in range(20):
        serving.get("/healthz")
    assert serving.stop() == 0
    durations = [json.loads(line)["duration_ms"] for line in serving.output]
    assert any(duration % 1 for duration in durations)


@pytest.mark.parametrize(("pool", "limit"), [(False, 90_000), (True, 135_000)], ids=["without a pool", "with a pool"])
def test_a_worker_of_the_reference_project_stays_small(serve: Any, tmp_path: Path, pool: bool, limit: int) -> None:
    root = Path(__file__).parents[3]
    for folder in ("specs", "handlers", "static_site", *(["auth"] if pool else [])):
        shutil.copytree(root / folder, tmp_path / "project" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "portico.toml", tmp_path / "project")
    serving = serve("--project", str(tmp_path / "project"), PORTICO_SERVER_DRAIN_DELAY="0").ready()
    serving.stop()  # the tables are made
    serving = serve("--workers", "2", "--project", str(tmp_path / "project"), PORTICO_SERVER_DRAIN_DELAY="0").ready()
    for worker in serving.workers():
        status = Path(f"/proc/{worker}/status").read_text()
        assert int(status.partition("VmRSS:")[2].split()[0]) < limit  # kB
    assert serving.get("/").status_code == 200
    assert serving.stop() == 0
