"""The result: a table on the terminal, JSON in .cache/bench, and docs/benchmarks.md."""

# ruff: noqa: RUF001 - a ratio is written with the sign for it

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench import limits, sdks
from bench.contenders import ALL, CASES, CONNEXION, RAW, SECURED
from bench.goals import MEGABYTE, Github, Goal, goals
from bench.limits import Limits
from bench.load import CONNECTIONS
from bench.projects import CACHE, ROOT
from bench.rounds import Run
from bench.sdks import Sdks
from bench.signin import AT_ONCE, OTHERS, WORKERS, SignIn

COLUMNS = ("server", "requests/s", "of raw", "× Connexion", "p50 ms", "p99 ms", "CPU µs/request")
SIZES = ("server", "start, s", "peak memory, MB", "start with 1,000 more operations, s", "peak memory, MB")
SIGN_IN = ("what", "per second", "p99 ms", "peak memory so far, MB")
LIMITS, SDKS, NOTES = "Limits", "SDKs", "What is compared"  # titles of sections
Rows = list[tuple[str, ...]]
Tables = list[tuple[str, tuple[str, ...], Rows]]


def publish(run: Run, github: Github | None, sign_in: SignIn | None, held: Limits | None, *, commit: bool) -> None:
    """Print the result and keep it.

    Args:
        commit: whether docs/benchmarks.md is written too: for whole runs only.
    """
    verdicts = goals(run, github, sign_in)
    of_limits = [] if held is None else limits.goals(held)
    _print(run, verdicts + of_limits, sign_in, held)
    (CACHE / f"result-{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(
        json.dumps(_data(run, verdicts + of_limits, sign_in), indent=1)
    )
    if commit:
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs/benchmarks.md").write_text(document(run, verdicts, sign_in, held))


def publish_limits(held: Limits, *, commit: bool) -> None:
    """Print what was measured of limits.

    Args:
        commit: whether the section of docs/benchmarks.md is written too.
    """
    _print_tables([*_limit_tables(held), ("goals", GOALS, goal_rows(limits.goals(held)))])
    if commit:
        _replace_section(LIMITS, _limits(held))


def publish_sdks(found: Sdks, *, commit: bool) -> None:
    """Print what was measured of SDKs.

    Args:
        commit: whether the section of docs/benchmarks.md is written too.
    """
    verdicts = goal_rows(sdks.goals(found))
    _print_tables([("SDKs", sdks.COLUMNS, sdks.rows(found)), ("goals", GOALS, verdicts)])
    if commit:
        tables = [_markdown(sdks.COLUMNS, sdks.rows(found)), _markdown(GOALS, verdicts)]
        _replace_section(SDKS, "\n".join([f"{SDKS}\n", sdks.NOTES, *tables]))


def _replace_section(title: str, text: str) -> None:
    """Write one section of docs/benchmarks.md, before the notes."""
    path = ROOT / "docs/benchmarks.md"
    sections = [one for one in path.read_text().split("\n## ") if not one.startswith(f"{title}\n")]
    place = next((place for place, one in enumerate(sections) if one.startswith(NOTES)), len(sections))
    path.write_text("\n## ".join([*sections[:place], text, *sections[place:]]))


def case_rows(run: Run, case: str) -> Rows:
    """The table of one case."""
    rows: Rows = []
    for contender in ALL:
        result = run.results.get((case, contender.name))
        if result is None:
            continue
        raw = run.ratio(case, contender.name, "b" if case in ("c", *SECURED) else case, RAW.name)
        stock = run.ratio(case, contender.name, "b" if case in SECURED else case, CONNEXION.name)
        rows.append(
            (
                contender.name,
                f"{result.median('rate'):,.0f}",
                "" if raw is None else f"{raw:.2f}",
                "" if stock is None else f"{stock:.1f}",
                f"{result.median('p50'):.2f}",
                f"{result.median('p99'):.2f}",
                f"{result.median('cpu'):.0f}",
            )
        )
    return rows


def size_rows(run: Run) -> Rows:
    """Start and memory."""
    rows: Rows = []
    for contender in ALL:
        if ("small", contender.name) in run.peaks:
            rows.append(
                (contender.name, *_size(run, "small", contender.name), *_size(run, "large", contender.name)),
            )
    return rows


def _size(run: Run, size: str, name: str) -> tuple[str, str]:
    if (size, name) not in run.peaks:
        return "", ""
    return f"{statistics.median(run.starts[size, name]):.2f}", f"{run.peaks[size, name] / MEGABYTE:.0f}"


def goal_rows(verdicts: list[Goal]) -> Rows:
    """The goals, each beside what was measured."""
    said = {True: "met", False: "not met", None: "not measured"}
    return [(goal.text, goal.target, goal.measured, goal.by_cpu, said[goal.met]) for goal in verdicts]


def sign_in_rows(sign_in: SignIn | None) -> Rows:
    """Signing in, codes and refresh tokens."""
    if sign_in is None:
        return []
    peaks = {part: f"{size / MEGABYTE:.0f}" for part, size in sign_in.peaks.items()}
    return [
        (f"sign-ins, {AT_ONCE} at once", f"{sign_in.sign_ins:.0f}", f"{sign_in.sign_in_p99:.0f}", peaks["sign-ins"]),
        (f"other requests meanwhile ({OTHERS}/s are sent)", f"{sign_in.others:.0f}", f"{sign_in.others_p99:.0f}", ""),
        (f"codes exchanged, {WORKERS} at once", f"{sign_in.exchanges:.0f}", "", peaks["codes"]),
        (f"refresh tokens used, {WORKERS} at once", f"{sign_in.refreshes:.0f}", "", peaks["refresh tokens"]),
    ]


def _print(run: Run, verdicts: list[Goal], sign_in: SignIn | None, held: Limits | None) -> None:
    tables: Tables = [(f"({case}) {text}", COLUMNS, case_rows(run, case)) for case, text in CASES.items()]
    tables.append(("start and memory", SIZES, size_rows(run)))
    tables.append(("signing in", SIGN_IN, sign_in_rows(sign_in)))
    tables += [] if held is None else _limit_tables(held)
    tables.append(("goals", GOALS, goal_rows(verdicts)))
    _print_tables(tables)
    for (size, name), why in run.missing.items():
        Console().print(f"{name} over the {size} document did not run: {why[-500:]}", markup=False)


def _limit_tables(held: Limits) -> Tables:
    return [
        ("limits: overload", limits.EXACT, limits.exact_rows(held)),
        ("limits: a worker is killed", limits.KILLED, limits.killed_rows(held)),
        ("limits: many keys", limits.KEYS, limits.key_rows(held)),
    ]


def _print_tables(tables: Tables) -> None:
    console = Console()
    for title, columns, rows in tables:
        table = Table(title=title, title_justify="left")
        for number, column in enumerate(columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        console.print(table)


GOALS = ("goal", "target", "measured", "by CPU time", "")


def document(run: Run, verdicts: list[Goal], sign_in: SignIn | None, held: Limits | None) -> str:
    """docs/benchmarks.md."""
    parts = [_INTRODUCTION.format(machine=_machine(), connections=CONNECTIONS, **asdict(run.effort))]
    parts.append("## Goals\n\n" + _markdown(GOALS, goal_rows(verdicts)))
    if held is not None:
        parts.append(f"Those of limits stand below, under {LIMITS}.\n")
    for case, text in CASES.items():
        parts.append(f"## ({case}) {text}\n\n" + _markdown(COLUMNS, case_rows(run, case)))
    parts.append("## Start and memory\n\n" + _markdown(SIZES, size_rows(run)))
    parts.append("## Signing in\n\n" + _markdown(SIGN_IN, sign_in_rows(sign_in)))
    if held is not None:
        parts.append("## " + _limits(held))
    parts.append(_NOTES.format(at_once=AT_ONCE))
    return "\n".join(parts)


def _limits(held: Limits) -> str:
    tables = [_markdown(columns, rows) for _, columns, rows in _limit_tables(held)]
    tables.append(_markdown(GOALS, goal_rows(limits.goals(held))))
    return "\n".join([f"{LIMITS}\n", limits.NOTES, *tables])


def _markdown(columns: tuple[str, ...], rows: Rows) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _machine() -> str:
    names = ("connexion", "fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "PyJWT", "jsonschema-rs", "msgspec")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    if shutil.which("node"):
        node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
        fastify = json.loads((ROOT / "bench/apps/fastify/package.json").read_text())["dependencies"]
        versions += [f"Node {node.lstrip('v')}", *(f"{name} {version}" for name, version in fastify.items())]
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} shared {platform.machine()} cores, {sys.platform}, {python}; {', '.join(versions)}"


def _data(run: Run, verdicts: list[Goal], sign_in: SignIn | None) -> dict[str, object]:
    return {
        "sign_in": None if sign_in is None else asdict(sign_in),
        "machine": _machine(),
        "effort": asdict(run.effort),
        "samples": {
            f"{case} {name}": [asdict(sample) for sample in result.samples]
            for (case, name), result in run.results.items()
        },
        "starts": {" ".join(key): seconds for key, seconds in run.starts.items()},
        "peaks": {" ".join(key): size for key, size in run.peaks.items()},
        "goals": [asdict(goal) for goal in verdicts],
        "missing": {" ".join(key): why for key, why in run.missing.items()},
    }


_INTRODUCTION = """# Benchmarks

Written by `make bench`. One run, all servers up at once and each pinned to one core, `wrk -t1 -c{connections}` on the
other, {rounds} rounds of {seconds:g} s in which every server has its turn; every number is the median over the rounds,
every ratio the median of the ratios within a round. A run with one answer of another status than expected is void.

Machine: {machine}.

Trust the ratios, not the absolute numbers: the cores are shared with other work. "CPU µs/request" is the processor
time of the server per request, which other work disturbs less.
"""

_NOTES = """## What is compared

- **Gateway** is `portico serve` on `bench/project` as it comes: request ids, metrics and the access log (to a file)
  are on, requests and responses are validated. With the *result cache* the scheme says
  `authorizerResultTtlInSeconds: 300`, so a token's verdict is kept.
- **Gateway with a user pool** is the same on a project with `auth/`: (e) verifies an access token of the pool (RS256,
  revocations looked up), (f) a signature made with temporary credentials, of which each is sent once and remembered by
  the replay guard, and asks the role's policy. Its ratios are to raw ASGI in (b).
- **Gateway with API keys** requires, beside the token of (e), a key whose plan has a throttle (1,000,000/s) and a quota
  (10^12 a month) that never refuse; usage is counted, the RateLimit fields are sent. *In process* is `portico serve`
  alone, compared with the same in (e). *SQLite* is one worker under a supervisor, which keeps limits in the file that
  workers share, compared with such a *worker* in (e). *Redis* is `portico serve` with a Redis on the load's core.
- Signing in is one worker on one core: {at_once} people at once get the page, then send name and password (argon2id,
  19 MiB). Latencies of other requests count from when each was due. Codes and refresh tokens give signed access and ID
  tokens (RS256).
- **Raw ASGI** reads the body and sends prepared bytes of the same size: the ceiling of uvicorn (uvloop, httptools).
- **Connexion** runs the same document, the same handlers and the same `x-bearerInfoFunc`, `validate_responses=True`.
- **FastAPI** has pydantic models both ways (`response_model`) and the same function as a dependency. It answers a
  broken body with 422.
- **Fastify** has the document's schemas on its routes and @fastify/jwt with its token cache on. Its response schema
  compiles the serialiser: it does not validate what the handler returns. It keeps no access log and no metrics here.
- Uvicorn's own access log is off for all but the Gateway, which writes its own.
- Start is from the command to the first 200; peak memory is VmHWM of the largest process after all the load.
- "Level with" and "within 5 %" are taken as 0.95.
- GitHub's document is imported (`portico new --from`), its stubs are made (`portico stubs`), and it is served; start
  is timed to the first 200 of `/healthz`.
- `python -m bench profile` says where one request's microseconds go in the Gateway.
"""
