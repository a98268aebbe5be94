"""Where one request's microseconds go in the Gateway: the application called directly, without a socket.

Three views of each case: the time of a whole call (beside a bare ASGI function called the same way), the time in each
step, and the functions that cProfile finds on top. A timer costs time itself: trust the first view, use the others to
find where to look.
"""

from __future__ import annotations

import asyncio
import cProfile
import os
import pstats
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench.load import Request
from bench.messages import ASKED, INVALID
from bench.projects import CACHE, project, public_key

CALLS = 5_000  # in one batch
BATCHES = 9
TOP = 25  # functions shown

App = Callable[[Any, Any, Any], Awaitable[None]]


def main(token: str) -> int:
    """Print all views for all cases."""
    os.environ["BENCH_PUBLIC_KEY"] = str(public_key())
    console = Console()
    for kind in ("cached", "plain"):
        gateway = _gateway(project(kind, "small"))
        for case, request in _requests(token).items():
            if kind == "cached" or case.startswith("POST"):
                cache = "with" if kind == "cached" else "without"
                uvloop.run(_views(console, f"{case}, {cache} the result cache", gateway, request))
        gateway.access_log.close()
    return 0


def _requests(token: str) -> dict[str, Request]:
    return {
        "open GET": Request("GET", "/chat/v1/hello", 200),
        "POST": Request("POST", "/chat/v1/nlu", 200, body=ASKED, token=token),
        "POST answered with 400": Request("POST", "/chat/v1/nlu", 400, body=INVALID, token=token),
    }


def _gateway(folder: Path) -> Any:
    """The project as `portico serve` assembles it, its access log in a file."""
    from portico import project as projects
    from portico.observe import AccessLog
    from portico.server.assemble import assemble

    for name in [name for name in sys.modules if name.partition(".")[0] == "handlers"]:
        del sys.modules[name]  # of the project before
    sys.path[:] = [entry for entry in sys.path if "projects" not in entry]
    return assemble(projects.load(folder), access_log=AccessLog((CACHE / "profile.log").open("w")))


async def _views(console: Console, title: str, service: Any, request: Request) -> None:
    from bench.apps.raw import app as raw

    gateway = service.gateway
    whole, bare = await _fastest(gateway, request), await _fastest(raw, request)
    console.rule(title)
    console.print(f"{whole:.1f} µs a call; a bare ASGI function takes {bare:.1f} µs of them")
    _print_steps(console, await _steps(gateway, request), whole)
    profile = cProfile.Profile()
    profile.enable()
    await _batch(gateway, request, CALLS)
    profile.disable()
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(TOP)


async def _fastest(app: App, request: Request) -> float:
    """Microseconds a call: the best of several batches, since other work on the machine only adds."""
    await _batch(app, request, CALLS)
    return min([await _batch(app, request, CALLS) for _ in range(BATCHES)])


async def _batch(app: App, request: Request, calls: int) -> float:
    headers = [(b"host", b"127.0.0.1"), *((n.lower().encode(), v.encode()) for n, v in request.headers.items())]
    if request.body:
        headers.append((b"content-length", str(len(request.body)).encode()))
    body = {"type": "http.request", "body": request.body, "more_body": False}
    statuses = []

    async def receive() -> dict[str, Any]:
        return body

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    path = request.path
    began = time.perf_counter()
    for _ in range(calls):
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": request.method,
            "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 50_000), "scheme": "http", "root_path": "", "path": path,
            "raw_path": path.encode(), "query_string": b"", "headers": headers, "state": {},
        }  # fmt: skip
        await app(scope, receive, send)
    seconds = time.perf_counter() - began
    if set(statuses) != {request.status}:
        raise RuntimeError(f"{request.method} {path} answered {set(statuses)}, not {request.status}")
    return seconds / calls * 1e6


async def _steps(gateway: Any, request: Request) -> dict[str, float]:
    """Microseconds in each step, less what the timer itself costs."""
    spent: dict[str, int] = {}
    batches: list[dict[str, int]] = []
    edge = gateway.middleware._edge
    operations = gateway.middleware.operations
    kept = [(operation.replies, dict(operation.steps)) for operation in operations]
    wrapped = [(edge, name) for name in ("route", "bind", "send", "_record", "fail")]
    wrapped += [(operation.replies, "of") for operation in operations]
    for holder, name in wrapped:
        setattr(holder, name, _timed(spent, name, getattr(holder, name)))
    for operation in operations:
        operation.steps.update({name: _timed(spent, name, step) for name, step in operation.steps.items()})
    try:
        for _ in range(BATCHES):
            spent.update(dict.fromkeys(spent, 0))
            await _batch(gateway, request, CALLS)
            batches.append(spent.copy())
    finally:
        for holder, name in wrapped:
            delattr(holder, name)
        for operation, (_, steps) in zip(operations, kept, strict=True):
            operation.steps.update(steps)
    return {name: min(batch[name] for batch in batches) / CALLS / 1e3 for name in spent}


def _timed(spent: dict[str, int], name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    spent[name] = 0
    clock = time.perf_counter_ns
    cost = min(-(clock() - clock()) for _ in range(1_000))

    def run(*arguments: Any) -> Any:
        began = clock()
        result = step(*arguments)
        spent[name] += clock() - began - cost
        return result if not asyncio.iscoroutine(result) else finish(result)

    async def finish(pending: Any) -> Any:
        began = clock()
        result = await pending
        spent[name] += clock() - began - cost
        return result

    return run


def _print_steps(console: Console, steps: dict[str, float], whole: float) -> None:
    table = Table("step", "µs")
    for name, spent in steps.items():
        if spent > 0:
            table.add_row(name, f"{spent:.2f}")
    table.add_row("all else", f"{whole - sum(steps.values()):.2f}")
    console.print(table)
