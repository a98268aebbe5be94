"""One benchmark run: every server up at once, the cases in interleaved rounds, medians at the end."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.contenders import CASES, Contender, plan, request
from bench.load import Sample, run
from bench.process import Process, ServerDied
from bench.projects import WORK

Say = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How long is measured."""

    rounds: int
    seconds: int  # of load for one case in one round
    starts: int  # how often the start is timed


QUICK = Effort(rounds=3, seconds=2, starts=2)
FULL = Effort(rounds=5, seconds=3, starts=5)


@dataclass
class Result:
    """What one contender did in one case, round by round."""

    samples: list[Sample] = field(default_factory=list)

    def median(self, name: str) -> float:
        return statistics.median(getattr(sample, name) for sample in self.samples)


@dataclass
class Run:
    """Everything that was measured."""

    effort: Effort
    results: dict[tuple[str, str], Result] = field(default_factory=dict)  # (case, contender)
    peaks: dict[tuple[str, str], int] = field(default_factory=dict)  # (size, contender): bytes
    starts: dict[tuple[str, str], list[float]] = field(default_factory=dict)  # (size, contender): seconds
    missing: dict[tuple[str, str], str] = field(default_factory=dict)  # (size, contender): why it has no row

    def ratio(self, case: str, name: str, other_case: str, other: str, what: str = "rate") -> float | None:
        """The median over the rounds of one rate divided by another of the same round; None where one is missing.

        Args:
            what: "rate", or "cpu" for the quotient of the processor time per request (the other way round, so that
                more is better in both).
        """
        one, two = self.results.get((case, name)), self.results.get((other_case, other))
        if not one or not two or not one.samples or not two.samples:
            return None
        pairs = [(getattr(a, what), getattr(b, what)) for a, b in zip(one.samples, two.samples, strict=False)]
        return statistics.median(a / b if what == "rate" else b / a for a, b in pairs)


def measure(contenders: tuple[Contender, ...], effort: Effort, token: str, say: Say) -> Run:
    """Run all cases.

    Raises:
        Void: a server answered something else than its case expects.
    """
    found = Run(effort)
    with _servers(contenders, effort, found, say) as servers:
        steps = [step for step in plan(contenders) if (step[2], step[1].name) in servers]
        for case, contender, size in steps:
            run(servers[size, contender.name], request(case, contender, token), 1, WORK)  # warm, not counted
        for number in range(effort.rounds):
            began = time.perf_counter()
            for case, contender, size in steps:
                server = servers[size, contender.name]
                sample = run(server, request(case, contender, token), effort.seconds, WORK)
                found.results.setdefault((case, contender.name), Result()).samples.append(sample)
                server.empty_log()
            say(f"round {number + 1} of {effort.rounds} took {time.perf_counter() - began:.0f} s")
        found.peaks = {key: server.peak_bytes() for key, server in servers.items()}
    return found


@contextlib.contextmanager
def _servers(
    contenders: tuple[Contender, ...], effort: Effort, found: Run, say: Say
) -> Iterator[dict[tuple[str, str], Process]]:
    """All servers, started so often that the time of a start has a median; the last ones stay."""
    servers: dict[tuple[str, str], Process] = {}
    wanted = {(size, contender.name): contender for case, contender, size in plan(contenders)}
    try:
        for number in range(effort.starts):
            for (size, name), contender in wanted.items():
                if (size, name) in found.missing:
                    continue
                server = servers[size, name] = contender.process(size)
                try:
                    server.start()
                except ServerDied as error:
                    found.missing[size, name] = str(error)
                    say(f"{name} ({size}) does not run: {error}")
                    continue
                found.starts.setdefault((size, name), []).append(server.start_seconds)
                if number + 1 < effort.starts:
                    server.stop()
        yield {key: server for key, server in servers.items() if key not in found.missing}
    finally:
        for server in servers.values():
            server.stop()


def describe(case: str) -> str:
    """What a case is, in words."""
    return CASES[case]
