"""Stopping: readiness falls at once, running requests are answered, nobody's request fails."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from typing import Any

import httpx
import pytest


def answer_of(serving: Any, path: str) -> tuple[threading.Thread, list[httpx.Response]]:
    answers: list[httpx.Response] = []

    def call() -> None:
        with contextlib.suppress(httpx.TransportError):
            answers.append(serving.get(path))

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread, answers


def running(serving: Any, operation: str) -> bool:
    text = serving.get("/metrics").text
    return any(
        line.startswith("portico_requests_in_flight") and f'operation="{operation}"' in line and line.endswith(" 1.0")
        for line in text.splitlines()
    )


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--reload",)], ids=["one", "workers", "reload"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_runs_is_answered_and_the_exit_status_is_0(
    shop: Any, serve: Any, wait: Any, options: tuple[str, ...], how: int
) -> None:
    serving = serve(*options).ready()
    thread, answers = answer_of(serving, "/shop/v1/slow?seconds=2")
    wait(lambda: running(serving, "slow"))
    serving.process.send_signal(how)
    assert serving.ended() == 0
    thread.join(10)
    assert [answer.status_code for answer in answers] == [200]
    assert not any("Traceback" in line for line in serving.errors)


def test_readiness_falls_at_once_and_new_connections_are_refused_after_the_delay(
    shop: Any, serve: Any, wait: Any
) -> None:
    shop.configure(drain_delay=1.5)
    serving = serve().ready()
    assert serving.get("/readyz").json() == {"status": "ready"}
    _, answers = answer_of(serving, "/shop/v1/slow?seconds=4")
    wait(lambda: running(serving, "slow"))
    with httpx.Client(base_url=serving.url) as kept:
        kept.get("/healthz")
        serving.process.send_signal(signal.SIGTERM)
        drained = wait(lambda: (answer := kept.get("/readyz")).status_code == 503 and answer)
        assert drained.json() == {"status": "draining"}
    assert serving.get("/readyz").status_code == 503  # on a new connection
    assert serving.get("/shop/v1/ping").status_code == 200  # what a load balancer had sent already

    def refused() -> bool:
        with pytest.raises(httpx.ConnectError):
            httpx.get(serving.url + "/healthz")
        return True

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(serving.url + "/healthz")
        except httpx.TransportError:
            break
    assert refused()
    assert not answers  # the slow one is still running
    assert serving.ended() == 0
    assert [answer.status_code for answer in answers] == [200]


@pytest.mark.parametrize("keep_alive", [True, False], ids=["kept", "new"])
@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one", "workers"])
def test_no_accepted_request_fails_when_the_server_stops_under_load(
    shop: Any, serve: Any, load: Any, keep_alive: bool, options: tuple[str, ...]
) -> None:
    serving = serve(*options).ready()
    with load(serving.url, "/shop/v1/slow?seconds=0.01", keep_alive=keep_alive) as clients:
        assert serving.stop() == 0
    assert {answer.status_code for answer in clients.answers} == {200}
    # A connection that was never accepted may fail: the kernel resets it, before the request or after it.
    # A request on one that was accepted may not.
    may = ("ConnectError",) if keep_alive else ("ConnectError", "WriteError", "ReadError")
    assert [failure for failure in clients.failures if not failure.startswith(may)] == []


def test_a_request_that_outlasts_the_drain_timeout_is_cut_off(shop: Any, serve: Any, wait: Any) -> None:
    shop.configure(drain_timeout=1.0)
    serving = serve().ready()
    thread, answers = answer_of(serving, "/shop/v1/slow?seconds=25")
    wait(lambda: running(serving, "slow"))
    start = time.monotonic()
    assert serving.stop() == 0
    assert time.monotonic() - start < 10
    thread.join(10)
    assert all(answer.status_code >= 500 for answer in answers)


def test_a_handler_stuck_in_a_thread_does_not_keep_the_process(shop: Any, serve: Any, wait: Any) -> None:
    shop.configure(drain_timeout=1.0)
    shop.handlers.write_text(
        "import time\n\ndef ping():\n    return {}\n\ndef slow(seconds):\n    time.sleep(60)\n    return {}\n"
    )
    serving = serve().ready()
    answer_of(serving, "/shop/v1/slow?seconds=1")
    wait(lambda: running(serving, "slow"))
    start = time.monotonic()
    assert serving.stop() == 0
    assert time.monotonic() - start < 15


def test_a_second_interrupt_does_not_wait(shop: Any, serve: Any, wait: Any) -> None:
    for options in ((), ("--workers", "2")):
        serving = serve(*options).ready()
        answer_of(serving, "/shop/v1/slow?seconds=25")
        wait(lambda s=serving: running(s, "slow"))
        serving.process.send_signal(signal.SIGINT)
        wait(lambda s=serving: _refuses(s))
        start = time.monotonic()
        serving.process.send_signal(signal.SIGINT)
        serving.ended()
        assert time.monotonic() - start < 10


def _refuses(serving: Any) -> bool:
    host, port = serving.url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def test_every_line_of_the_access_log_is_written_before_the_process_ends(shop: Any, serve: Any, load: Any) -> None:
    serving = serve("--workers", "2").ready()
    with load(serving.url, "/shop/v1/ping") as clients:
        clients.more(300)
    sent = len(clients.answers)
    assert serving.stop() == 0
    assert sum('"operation":"shop.ping"' in line for line in serving.output) == sent
