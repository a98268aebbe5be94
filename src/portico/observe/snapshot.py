"""How several workers answer one scrape: each writes what it has counted, whoever is scraped adds everything up.

Workers share nothing but a folder. Each writes `<worker>.json` there about every second and once more when it ends.
The parent folds the file of a worker that has gone into `ended.json`, so its requests stay counted until the server
restarts. A worker that is killed takes at most its last second with it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from portico.observe.access_log import AccessLog
from portico.observe.metrics import Key, Metrics, Totals

INTERVAL = 1.0  # seconds between two snapshots
ENDED = "ended.json"
REMEMBERED = 64  # workers that `ended.json` names: more than can go while somebody reads the folder


class Snapshot(msgspec.Struct):
    """Everything that one worker has counted."""

    worker: str  # "place.serial": the serial is new for each process, also for one that takes a dead one's place
    totals: list[tuple[Key, Totals]]
    lines_dropped: int = 0
    without_store: dict[str, int] = {}  # decisions without the store of limits, by policy; empty: there are no limits
    process: dict[str, float] = {}  # the process's own metrics (memory, CPU time), by Prometheus name


class Ended(msgspec.Struct):
    """The sum of the workers that have gone."""

    workers: list[str]  # whose files may still lie there although they are counted here
    sum: Snapshot


class Source:
    """What one process has to tell."""

    def __init__(
        self,
        metrics: Metrics,
        log: AccessLog | None = None,
        *,
        worker: str = "0.0",
        without_store: Mapping[str, int] | None = None,
    ) -> None:
        """Read a process's counters.

        Args:
            metrics: its tallies.
            log: its access log, for the lines that were dropped.
            worker: its place and its serial, "1.7": no two processes of a server have the same.
            without_store: decisions without the store of limits, by policy; its owner counts them up.
        """
        self._metrics = metrics
        self._without_store: Mapping[str, int] = {} if without_store is None else without_store
        self._log = log
        self.worker = worker

    def snapshot(self) -> Snapshot:
        """What the process has counted so far. May be called from any thread."""
        return Snapshot(
            worker=self.worker,
            totals=self._metrics.totals(),
            lines_dropped=0 if self._log is None else self._log.dropped,
            without_store=dict(self._without_store),
            process=_process(),
        )


class Sharing:
    """Writes a worker's snapshots into the run folder, in a thread of its own."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write the last snapshot and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL):
            self._write()
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # a full disk: the figures get old, requests go on
            replace(self.folder / f"{self.source.worker}.json", msgspec.json.encode(self.source.snapshot()))


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one and nothing between (POSIX rename)."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    os.replace(draft, path)


def gather(folder: Path, own: Snapshot) -> tuple[list[Snapshot], Snapshot | None]:
    """The snapshots of all workers that run, this one's from memory, and the sum of those that have gone.

    Args:
        folder: the run folder.
        own: the snapshot of the worker that was asked.
    """
    # In this order: a worker that is folded into `ended.json` meanwhile is found twice, and then left out once.
    others = [_read(path, Snapshot) for path in sorted(folder.glob("*.json")) if path.name != ENDED]
    ended = _read(folder / ENDED, Ended)
    counted = {own.worker, *(ended.workers if ended else ())}
    alive = [own, *(other for other in others if other is not None and other.worker not in counted)]
    return alive, ended.sum if ended else None


def fold(folder: Path, worker: str) -> None:
    """Move the figures of a worker that has gone into `ended.json`. Only the parent process calls this.

    Args:
        folder: the run folder.
        worker: who has gone; its gauges go with it, its counters stay.
    """
    path = folder / f"{worker}.json"
    gone = _read(path, Snapshot)
    if gone is None:
        return
    for _, totals in gone.totals:
        totals.in_flight = 0
    before = _read(folder / ENDED, Ended) or Ended(workers=[], sum=Snapshot(worker="", totals=[]))
    after = Ended(workers=[*before.workers[-REMEMBERED:], worker], sum=merge([before.sum, gone]))
    replace(folder / ENDED, msgspec.json.encode(after))
    path.unlink(missing_ok=True)


def merge(snapshots: list[Snapshot]) -> Snapshot:
    """Everything that several workers have counted, added up."""
    totals: dict[Key, Totals] = {}
    without_store: Counter[str] = Counter()
    for snapshot in snapshots:
        without_store.update(snapshot.without_store)
        for key, one in snapshot.totals:
            if key in totals:
                totals[key].add(one)
            else:
                totals[key] = one
    return Snapshot(
        worker="",
        totals=sorted(totals.items(), key=lambda item: item[0]),
        lines_dropped=sum(snapshot.lines_dropped for snapshot in snapshots),
        without_store=dict(without_store),
    )


_Stored = TypeVar("_Stored")


def _read(path: Path, kind: type[_Stored]) -> _Stored | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _process() -> dict[str, float]:
    # Late: it takes 50 ms, and nobody scrapes while the server starts. And by way of this one module only: two threads
    # that begin to import prometheus_client at different ends would each find the other's half.
    from portico.observe.exposition import process_figures

    return process_figures()
