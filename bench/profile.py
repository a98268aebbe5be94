"""Where one request's microseconds go in the Gateway, without sockets and the kernel's part of the work (see `wire`).

Three views of each case: the time of a whole request (beside a bare ASGI function's), the time in each step, and the
functions that cProfile finds on top. A timer costs time itself: trust the first view, use the others to find where to
look.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import os
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench import limited, pool
from bench.load import Request
from bench.messages import ASKED, INVALID
from bench.projects import WORK, project, public_key
from bench.signed import SignedRequest
from bench.wire import CONNECTIONS, Wire

ROUNDS = 100  # of one request on every connection, in one batch
BATCHES = 15
TOP = 25  # functions shown


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
    os.environ["PORTICO_SIGNING_REPLAY"] = "off"  # the same bytes are sent again and again
    signed = SignedRequest("POST", "/chat/v1/nlu", 200, body=ASKED, credentials=pool.credentials())
    gateway = _gateway(pool.folder())
    uvloop.run(_views(console, "signed POST, without the replay guard", gateway, signed))
    gateway.access_log.close()
    for name, found in (("without a key", pool.folder()), ("with a key and a plan", limited.folder("memory"))):
        gateway = _gateway(found)
        request = limited.request(limited.folder("memory"))
        uvloop.run(_views(console, f"POST with a token of the pool, {name}", gateway, request))
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
    from portico.server.assemble import service

    for name in [name for name in sys.modules if name.partition(".")[0] == "handlers"]:
        del sys.modules[name]  # of the project before
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(str(WORK))]
    made = service(projects.load(folder), access_log=AccessLog((WORK / "profile.log").open("w")))
    gc.collect()
    gc.freeze()  # as the server does
    return made


async def _views(console: Console, title: str, service: Any, request: Request) -> None:
    from bench.apps.raw import app as raw

    wire = Wire(service.gateway, request)
    await wire.begin()
    whole, bare = await _fastest(wire), await _fastest(Wire(raw, request))
    console.rule(title)
    console.print(f"{whole:.1f} µs a request, of which a bare ASGI function takes {bare:.1f}")
    _print_steps(console, await _steps(service.gateway, wire), whole, bare)
    profile = cProfile.Profile()
    profile.enable()
    await wire.batch(ROUNDS)
    profile.disable()
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(TOP)


async def _fastest(wire: Wire) -> float:
    """Microseconds a request: the best of several batches, since other work on the machine only adds."""
    return min([await wire.batch(ROUNDS) for _ in range(BATCHES)])


async def _steps(gateway: Any, wire: Wire) -> dict[str, float]:
    """Microseconds in each step, less what the timer itself costs."""
    spent: dict[str, int] = {}
    batches: list[dict[str, int]] = []
    edge = gateway.middleware.edge
    wrapped = [(edge, name) for name in ("_identify", "route", "send", "_record", "fail")]
    wrapped += [(operation.replies, "of") for operation in gateway.operations]
    kept = [(operation, operation.run) for operation in gateway.operations]
    for holder, name in wrapped:
        setattr(holder, name, _timed(spent, name, getattr(holder, name)))
    for operation, _ in kept:
        operation.run = tuple(_timed(spent, name, step) for name, step in operation.steps.items())
    try:
        for _ in range(BATCHES):
            spent.update(dict.fromkeys(spent, 0))
            await wire.batch(ROUNDS)
            batches.append(spent.copy())
    finally:
        for holder, name in wrapped:
            delattr(holder, name)
        for operation, run in kept:
            operation.run = run
    return {name: min(batch[name] for batch in batches) / (ROUNDS * CONNECTIONS) / 1e3 for name in spent}


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


def _print_steps(console: Console, steps: dict[str, float], whole: float, bare: float) -> None:
    table = Table("step", "µs")
    for name, spent in steps.items():
        if spent > 0:
            table.add_row(name, f"{spent:.2f}")
    table.add_row("all else in the gateway", f"{whole - bare - sum(steps.values()):.2f}")
    table.add_row("server", f"{bare:.2f}")
    console.print(table)
