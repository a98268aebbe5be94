"""What the Gateway has set itself, and whether a run met it."""

# ruff: noqa: RUF001 - a ratio is written with the sign for it

from __future__ import annotations

from dataclasses import dataclass

from bench.contenders import CACHED, CONNEXION, FASTAPI, FASTIFY, KEYED, PLAIN, POOL, POOL_WORKER, RAW
from bench.rounds import Run
from bench.signin import AT_ONCE, OTHERS, SignIn

MEGABYTE = 1_000_000
LEVEL = 0.95  # "level with" and "within 5 %"


@dataclass(frozen=True)
class Goal:
    """One goal beside what was measured."""

    text: str
    target: str
    measured: str
    met: bool | None  # None: not measured
    by_cpu: str = ""  # the same ratio by processor time per request


RATIOS = (
    ("POST with the result cache, against Connexion", ("b", CACHED.name, "b", CONNEXION.name), 10.0),
    ("POST with the result cache, against FastAPI", ("b", CACHED.name, "b", FASTAPI.name), 5.0),
    ("POST with the result cache, against Fastify with its token cache", ("b", CACHED.name, "b", FASTIFY.name), LEVEL),
    ("POST with the result cache, against the bare ASGI function", ("b", CACHED.name, "b", RAW.name), 0.6),
    ("POST without the cache, against Connexion", ("b", PLAIN.name, "b", CONNEXION.name), 3.0),
    ("1,000 more operations, with the cache", ("c", CACHED.name, "b", CACHED.name), LEVEL),
    ("1,000 more operations, without it", ("c", PLAIN.name, "b", PLAIN.name), LEVEL),
    ("POST with a token of the pool, against the bare ASGI function", ("e", POOL.name, "b", RAW.name), 0.6),
    ("signed POST (SigV4), against the bare ASGI function", ("f", POOL.name, "b", RAW.name), 0.5),
    *(
        (f"{one.name}, against the same without keys and plans", ("g", one.name, "e", bare.name), target)
        for one, bare, target in zip(KEYED, (POOL, POOL_WORKER, POOL), (0.9, 0.7, 0.5), strict=True)
    ),
    *((f"{one.name}, against FastAPI without a limiter", ("g", one.name, "b", FASTAPI.name), 1.0) for one in KEYED),
)


@dataclass(frozen=True)
class Github:
    """The 13 MB document, served."""

    seconds: float  # to the first 200
    bytes: int  # peak memory
    operations: int


def goals(run: Run, github: Github | None, sign_in: SignIn | None) -> list[Goal]:
    """Every goal, met or not."""
    result = []
    for text, (case, name, other_case, other), target in RATIOS:
        ratio, cpu = (run.ratio(case, name, other_case, other, what) for what in ("rate", "cpu"))
        measured = "not measured" if ratio is None else f"{ratio:.2f} ×"
        by_cpu = "" if cpu is None else f"{cpu:.2f} ×"
        result.append(Goal(text, f"≥ {target:g} ×", measured, None if ratio is None else ratio >= target, by_cpu))
    result += _sizes(run)
    if sign_in is not None:
        text = f"p99 of {OTHERS} other requests/s during {AT_ONCE} sign-ins at once"
        kept = sign_in.others_p99 < 50 and sign_in.others > OTHERS * 0.98
        result.append(Goal(text, "< 50 ms", f"{sign_in.others_p99:.0f} ms", kept))
    if github is not None:
        result.append(Goal("GitHub's document: start", "< 10 s", f"{github.seconds:.1f} s", github.seconds < 10))
        megabytes = github.bytes / MEGABYTE
        result.append(Goal("GitHub's document: memory", "< 400 MB", f"{megabytes:.0f} MB", megabytes < 400))
    return result


def _sizes(run: Run) -> list[Goal]:
    peak, starts = run.peaks.get(("small", CACHED.name)), run.starts.get(("small", CACHED.name))
    if peak is None or starts is None:
        return [Goal("memory per worker", "< 90 MB", "not measured", None)]
    seconds = sorted(starts)[len(starts) // 2]
    return [
        Goal("memory per worker, peak under load", "< 90 MB", f"{peak / MEGABYTE:.0f} MB", peak < 90 * MEGABYTE),
        Goal("start, command to first 200", "< 1.5 s", f"{seconds:.2f} s", seconds < 1.5),
    ]
