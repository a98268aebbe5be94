"""The text that Prometheus scrapes (text format 0.0.4, or OpenMetrics 1.0 where the scraper asks for it)."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client import ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from portico import __version__
from portico.observe.metrics import BOUNDS, Key, Totals
from portico.observe.snapshot import Snapshot, Source, gather, merge

LABELS = ("api", "operation", "method")

PROCESS = {
    "process_cpu_seconds_total": "User and system CPU time.",
    "process_resident_memory_bytes": "Resident memory.",
    "process_virtual_memory_bytes": "Virtual memory.",
    "process_start_time_seconds": "When the process started, since the epoch.",
    "process_open_fds": "Open file descriptors.",
    "process_max_fds": "The most file descriptors that may be open.",
}
"""Prometheus's own names for a process; each worker is one, told apart by the label `worker`."""


def process_figures() -> dict[str, float]:
    """This process's own metrics, by Prometheus's name."""
    families = ProcessCollector(registry=None).collect()
    return {sample.name: sample.value for family in families for sample in family.samples}


def render(source: Source, accept: str = "", *, folder: Path | None = None) -> tuple[bytes, str]:
    """The metrics of the whole server, and their media type.

    Args:
        source: the process that was asked.
        accept: the scraper's Accept header.
        folder: where the other workers leave their snapshots; None when there is no other.
    """
    own = source.snapshot()
    alive, ended = ([own], None) if folder is None else gather(folder, own)
    registry = CollectorRegistry()
    registry.register(_Collector(alive, ended))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Collector(Collector):
    def __init__(self, alive: Sequence[Snapshot], ended: Snapshot | None) -> None:
        self._alive = alive
        self._ended = ended

    def collect(self) -> Iterator[Metric]:
        # First what belongs to one worker: adding up changes the totals.
        yield from _processes(self._alive)
        everything = merge([*self._alive, *([self._ended] if self._ended else [])])
        yield from _requests(everything.totals)
        yield from _limits(everything)
        dropped = "Lines of the access log that were lost because its stream did not keep up."
        yield CounterMetricFamily("portico_log_lines_dropped", dropped, value=everything.lines_dropped)
        yield InfoMetricFamily(
            "portico_build", "What runs here.", value={"version": __version__, "python": platform.python_version()}
        )


def _requests(totals: Sequence[tuple[Key, Totals]]) -> Iterator[Metric]:
    requests = CounterMetricFamily("portico_requests", "Answered requests.", labels=(*LABELS, "status"))
    durations = HistogramMetricFamily(
        "portico_request_duration_seconds", "From a request's arrival to its answer.", labels=LABELS
    )
    in_flight = GaugeMetricFamily("portico_requests_in_flight", "Requests that are being answered.", labels=LABELS)
    for key, total in totals:
        labels = (key.api, key.operation, key.method)
        for status, count in sorted(total.statuses.items()):
            requests.add_metric((*labels, str(status)), count)
        durations.add_metric(labels, _cumulative(total.buckets), total.seconds)
        in_flight.add_metric(labels, total.in_flight)
    yield from (requests, durations, in_flight)


def _limits(everything: Snapshot) -> Iterator[Metric]:
    held = CounterMetricFamily(
        "portico_throttled", "Requests that a limit or a quota did not admit.", labels=(*LABELS, "kind")
    )
    for key, total in everything.totals:
        for kind, count in sorted(total.held.items()):
            held.add_metric((key.api, key.operation, key.method, kind), count)
    yield held
    without = "Decisions without the store of limits, by what the plan says of that."
    failures = CounterMetricFamily("portico_limit_store_failures", without, labels=("policy",))
    for policy, count in sorted(everything.without_store.items()):
        failures.add_metric((policy,), count)
    yield failures


def _cumulative(buckets: Sequence[int]) -> list[tuple[str, float]]:
    """Prometheus's buckets each hold what the smaller ones hold too."""
    result, below = [], 0
    for bound, count in zip((*BOUNDS, "+Inf"), buckets, strict=True):
        below += count
        result.append((str(bound), float(below)))
    return result


def _processes(alive: Sequence[Snapshot]) -> Iterator[Metric]:
    # "3.17" is the 17th process, in the third place. The place is the label, so that series do not multiply; while one
    # takes over from another both are there, and the newer speaks.
    newest = {snapshot.worker.partition(".")[0]: snapshot for snapshot in sorted(alive, key=_serial)}
    for name, text in PROCESS.items():
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        family = kind(name, text, labels=("worker",))
        for place, snapshot in newest.items():
            if name in snapshot.process:
                family.add_metric((place,), snapshot.process[name])
        yield family


def _serial(snapshot: Snapshot) -> int:
    serial = snapshot.worker.partition(".")[2]
    return int(serial) if serial.isdecimal() else 0
