"""100,000 keys and 1,000 plans beside a few: how long their import takes, what a look-up costs, how much memory."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import limited
from bench.contenders import IN_PROCESS, IN_SQLITE, Contender
from bench.flood import Flood
from bench.load import Void
from bench.projects import project
from portico.access.keys import form
from portico.access.keys.errors import ApiKeyUnknown
from portico.access.keys.ring import ENTRIES, KeyRing, Known
from portico.store import State

FEW, MANY = 10, 100_000  # keys
PLANS = 1_000  # of the many
AT_HAND = ENTRIES  # keys that are used before a look-up counts as one of a key at hand
LOOKS = 20_000  # look-ups that are timed, in each of several rounds
ROUNDS = 7
COLD = 300  # keys that are looked up for the first time
USED = 20_000  # requests before memory is looked at, each with the next key
KEYS = "keys.csv"


@dataclass(frozen=True)
class Looks:
    """What a look-up costs: microseconds each."""

    same: float  # of ten keys in turn, at hand
    at_hand: float  # of all that are at hand, in turn: what the processor has to fetch from memory costs as well
    first: float  # of a key that was not: with a look into the database
    unknown: float  # of a secret that no key has


@dataclass(frozen=True)
class Many:
    """What was measured."""

    importing: float  # seconds
    few: Looks
    many: Looks
    memory: dict[str, tuple[int, int]]  # bytes of a process with few and with many keys, by what it is


def measure() -> Many:
    """Import them, look keys up, and call with many."""
    few, many = _write("few", FEW, 1), _write("many", MANY, PLANS)
    _import(few)
    began = time.perf_counter()
    _import(many)
    importing = time.perf_counter() - began
    return Many(
        importing=importing,
        few=limited.with_state(few, lambda state: _looks(state, _secrets(few))),
        many=limited.with_state(many, lambda state: _looks(state, _secrets(many))),
        memory={
            "portico serve": (_memory(IN_PROCESS, few), _memory(IN_PROCESS, many)),
            "one of several workers": (_memory(IN_SQLITE, few), _memory(IN_SQLITE, many)),
        },
    )


def _write(name: str, keys: int, plans: int) -> Path:
    """A project, and a file of keys with their secrets."""
    folder = project(f"limited-{name}", "small")
    limited.write_project(folder, {f"plan{number}": limited.GENEROUS for number in range(plans)})
    with (folder / KEYS).open("w") as file:
        file.write("Name,Key,Description,Enabled,UsagePlanIds\n")
        for number in range(keys):
            file.write(f"partner{number},{form.new_secret().reveal()},,true,plan{number % plans}\n")
    return folder


def _import(folder: Path) -> None:
    command = [sys.executable, "-m", "portico", "keys", "import", KEYS, "--project", str(folder)]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _secrets(folder: Path) -> list[str]:
    with (folder / KEYS).open() as file:
        return [line.split(",")[1] for line in file][1:]


async def _looks(state: State, secrets: Sequence[str]) -> Looks:
    ring = KeyRing(state)
    now = time.time()
    given = [secret.encode() for secret in secrets]
    firsts = [await _first(ring, secret, now) for secret in given[:COLD]]
    for secret in given[COLD:AT_HAND]:
        await _first(ring, secret, now)
    same, known = ([given[place % min(len(given), number)] for place in range(LOOKS)] for number in (FEW, AT_HAND))
    if not all(isinstance(ring.resolve(secret, now), Known) for secret in (*same, *known)):
        raise Void("a key that was used is not at hand")
    unknown = [form.new_secret().reveal().encode() for _ in range(LOOKS)]
    return Looks(
        same=_timed(ring, same, now),
        at_hand=_timed(ring, known, now),
        first=statistics.median(firsts[1:]),
        unknown=_timed(ring, unknown, now),
    )


async def _first(ring: KeyRing, secret: bytes, now: float) -> float:
    began = time.perf_counter()
    found = ring.resolve(secret, now)
    if not isinstance(found, Known):
        await found
    return (time.perf_counter() - began) * 1e6


def _timed(ring: KeyRing, secrets: Sequence[bytes], now: float) -> float:
    """Microseconds of a look-up that nothing is awaited for: the best of several rounds, for others only add."""
    resolve = ring.resolve

    def once() -> float:
        began = time.perf_counter()
        for secret in secrets:
            with contextlib.suppress(ApiKeyUnknown):
                resolve(secret, now)
        return (time.perf_counter() - began) / len(secrets) * 1e6

    return min(once() for _ in range(ROUNDS))


def _memory(contender: Contender, folder: Path) -> int:
    """Bytes of a serving process after requests with many of the keys, or with the few in turn."""
    server = replace(contender, kind=folder.name.removesuffix("-small")).process("small")
    secrets = _secrets(folder)
    server.start()
    try:
        flood = Flood([server.port], [limited.keyed(secret) for secret in secrets[:USED]])
        flood.run(lambda one: len(one.answers) >= USED, at_most=120.0)
        if len(flood.answers) != flood.count(200) or len(flood.answers) < USED:
            raise Void(f"expected {USED} answers with 200: {len(flood.answers)}, of which {flood.count(200)}")
        return server.resident_bytes()
    finally:
        server.stop()
