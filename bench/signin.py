"""People who sign in, codes that are exchanged and refresh tokens that are used, on one worker."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvloop

from bench import pool
from bench.client import Answer, Connection
from bench.contenders import POOL
from bench.load import Void
from bench.process import LOAD_CORE, Process, ServerDied

AT_ONCE = 100  # people who sign in
OTHERS = 500  # other requests per second meanwhile
OTHER_CONNECTIONS = 50
WORKERS = 16  # connections for codes and refresh tokens
CODES = 1_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
_CSRF = re.compile(rb'name="csrf" value="([^"]+)"')


@dataclass(frozen=True)
class SignIn:
    """What was measured."""

    sign_ins: float  # per second
    sign_in_p99: float  # milliseconds from sending the password to the answer
    others: float  # other requests per second
    others_p99: float  # milliseconds from when each was due to its answer
    exchanges: float  # codes per second
    refreshes: float  # refresh tokens per second
    peaks: dict[str, int]  # bytes, after each part


def measure(seconds: int) -> SignIn | None:
    """Start a server and measure; None where it does not run.

    Args:
        seconds: of sign-ins, and of refreshing.

    Raises:
        Void: a request was answered otherwise than it should be.
    """
    server = POOL.process("small")
    try:
        server.start()
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        return uvloop.run(_all(server, seconds))
    except ServerDied as error:
        print(f"Signing in is not measured: {error}")
        return None
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        server.stop()


async def _all(server: Process, seconds: int) -> SignIn:
    peaks = {}
    sign_ins, others = await _sign_ins(server.port, seconds)
    peaks["sign-ins"] = server.peak_bytes()
    refresh_tokens, exchanging = await _exchange(server.port)
    peaks["codes"] = server.peak_bytes()
    refreshes = await _refresh(server.port, refresh_tokens, seconds)
    peaks["refresh tokens"] = server.peak_bytes()
    return SignIn(
        sign_ins=len(sign_ins) / seconds,
        sign_in_p99=_p99(sign_ins),
        others=len(others) / seconds,
        others_p99=_p99(others),
        exchanges=CODES / exchanging,
        refreshes=refreshes / seconds,
        peaks=peaks,
    )


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1_000


async def _sign_ins(port: int, seconds: int) -> tuple[list[float], list[float]]:
    """Seconds of each sign-in and of each other request."""
    end = time.perf_counter() + seconds
    sign_ins: list[float] = []
    others: list[float] = []
    people = [_keep_signing_in(port, number, end, sign_ins) for number in range(AT_ONCE)]
    await asyncio.gather(*people, _other_requests(port, end, others))
    return sign_ins, others


async def _keep_signing_in(port: int, number: int, end: float, took: list[float]) -> None:
    while time.perf_counter() < end:
        browser = Connection(port)
        seconds = await _sign_in(browser, number)
        if time.perf_counter() < end:
            took.append(seconds)
        await browser.close()


async def _sign_in(browser: Connection, number: int) -> float:
    """Sign one person in; seconds from the password to the answer."""
    path = f"/auth/{pool.POOL}/login"
    page = _expect(await browser.request("GET", path), 200)
    found = _CSRF.search(page.body)
    assert found is not None
    form = {"csrf": found[1].decode(), "login": f"person{number}", "password": pool.PASSWORD}
    began = time.perf_counter()
    answer = await browser.request("POST", path, body=urlencode(form).encode(), headers=FORM)
    _expect(answer, 302, 303)
    return time.perf_counter() - began


async def _other_requests(port: int, end: float, took: list[float]) -> None:
    """Open requests at an even pace, whether or not the ones before are answered."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(OTHER_CONNECTIONS):
        free.put_nowait(Connection(port))

    async def one(due: float) -> None:
        connection = await free.get()
        _expect(await connection.request("GET", "/chat/v1/hello"), 200)
        took.append(time.perf_counter() - due)
        free.put_nowait(connection)

    began = due = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int((end - began) * OTHERS)):
            due = began + number / OTHERS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(one(due))


async def _exchange(port: int) -> tuple[list[str], float]:
    """Refresh tokens for codes, and how many seconds all the exchanges took."""
    browser = Connection(port)
    await _sign_in(browser, 0)
    codes = [await _code(browser) for _ in range(CODES)]
    refresh_tokens: list[str] = []

    async def exchange(connection: Connection) -> None:
        while codes:
            asked = {"grant_type": "authorization_code", "code": codes.pop(), "redirect_uri": pool.REDIRECT}
            said = await _token(connection, asked | {"code_verifier": VERIFIER})
            refresh_tokens.append(said["refresh_token"])

    return refresh_tokens, await _timed(port, exchange)


async def _code(browser: Connection) -> str:
    asked = {
        "response_type": "code",
        "client_id": pool.CLIENT,
        "redirect_uri": pool.REDIRECT,
        "scope": "openid chat/write",
        "state": "state-of-the-bench",
        "nonce": "nonce-of-the-bench",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    answer = await browser.request("GET", f"/auth/{pool.POOL}/oauth2/authorize?{urlencode(asked)}")
    return parse_qs(urlsplit(_expect(answer, 302, 303).header("location")).query)["code"][0]


async def _refresh(port: int, refresh_tokens: list[str], seconds: int) -> int:
    """How many refresh tokens were used in so many seconds, each family by one connection."""
    end = time.perf_counter() + seconds
    count = 0

    async def refresh(connection: Connection) -> None:
        nonlocal count
        held = refresh_tokens.pop()
        while time.perf_counter() < end:
            held = (await _token(connection, {"grant_type": "refresh_token", "refresh_token": held}))["refresh_token"]
            count += 1

    await _timed(port, refresh)
    return count


async def _token(connection: Connection, asked: dict[str, str]) -> dict[str, Any]:
    body = urlencode(asked | {"client_id": pool.CLIENT}).encode()
    answer = await connection.request("POST", f"/auth/{pool.POOL}/oauth2/token", body=body, headers=FORM)
    said: dict[str, Any] = json.loads(_expect(answer, 200).body)
    return said


async def _timed(port: int, work: Callable[[Connection], Coroutine[Any, Any, None]]) -> float:
    began = time.perf_counter()
    running: list[Awaitable[None]] = [work(Connection(port)) for _ in range(WORKERS)]
    await asyncio.gather(*running)
    return time.perf_counter() - began


def _expect(answer: Answer, *statuses: int) -> Answer:
    if answer.status not in statuses:
        raise Void(f"expected {statuses}, got {answer.status}: {answer.body[:500]!r}")
    return answer
