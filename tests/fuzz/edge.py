"""The fuzzer on the HTTP edge: sends the nasties, and judges every answer."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.fuzz.server import Server
from tests.fuzz.wire import Answer, Case, Hang, Malformed, perform

AT_ONCE = 4  # connections
GROWTH = 150_000_000  # bytes that the server's memory may grow by over a whole run
API_PATHS = (b"/concierge/v1/", b"/messages/v1/", b"/odds/v1/")
PARSER = (400, 431)  # what is no HTTP is refused with, before there is a request that could have an id
SHOWN = 4_000  # characters of a reproducer


@dataclass(frozen=True)
class Failure:
    """A case that the server did not survive as it should."""

    case: Case
    why: str

    def __str__(self) -> str:
        sent = base64.b64encode(self.case.sent).decode()
        tail = "" if len(sent) <= SHOWN else f"... ({len(sent)} characters; made again by its name)"
        return (
            f"FAILED {self.case.name}\n  {self.why}\n  after sending: {self.case.after}\n"
            f"  again: python -m tests.fuzz replay {sent[:SHOWN]}{tail}"
        )


def fuzz(server: Server, cases: Iterable[Case], *, seconds: float | None = None) -> tuple[int, list[Failure]]:
    """Run cases until they or the time end.

    Args:
        server: the running server.
        cases: what to do.
        seconds: stop after this time; None: never.

    Returns:
        How many cases ran, and those that failed. The server's memory and its being alive are judged too.
    """
    until = None if seconds is None else time.monotonic() + seconds
    before = server.resident()
    count = 0
    failures: list[Failure] = []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = iter(cases)
        while batch := list(itertools.islice(waiting, 64)):
            for failure in threads.map(lambda case: judge(case, server.port), batch):
                failures += [] if failure is None else [failure]
            count += len(batch)
            if not server.alive:
                failures.append(Failure(batch[-1], "after these 64 cases the server was dead or did not answer"))
                return count, failures
            if until is not None and time.monotonic() > until:
                break
    grown = server.resident() - before
    if grown > GROWTH:
        failures.append(Failure(Case("memory", ()), f"the server grew by {grown / 1e6:.0f} MB over {count} cases"))
    return count, failures


def judge(case: Case, port: int) -> Failure | None:
    """What was wrong with the answers to a case; None where nothing was."""
    began = time.monotonic()
    try:
        answers = perform(case, port)
        fault = _fault(case, answers)
    except (Malformed, Hang, OSError, ValueError) as error:
        fault = f"{type(error).__name__}: {error}"
    if fault is None and time.monotonic() - began > case.deadline:
        fault = f"took {time.monotonic() - began:.1f} s"
    return None if fault is None else Failure(case, fault)


def _fault(case: Case, answers: list[Answer]) -> str | None:
    if case.after == "reset":
        return None
    if len(answers) < len(case.methods) and not case.may_close:
        return f"{len(answers)} answers to {len(case.methods)} requests"
    for answer, method in zip(answers, case.methods, strict=False):
        fault = _answer_fault(case, answer, method)
        if fault is not None:
            return f"{fault}\n  answer: {answer.status} {answer.headers} {answer.body[:500]!r}"
    return None


def _answer_fault(case: Case, answer: Answer, method: str) -> str | None:
    if case.statuses and answer.status not in case.statuses:
        return f"the status must be one of {case.statuses}"
    if answer.status >= 500:
        return "a fault of the server's"
    if answer.status in PARSER and answer.headers.get("connection") == "close" and "x-request-id" not in answer.headers:
        return None
    if "x-request-id" not in answer.headers:
        return "no X-Request-Id"
    if answer.status >= 400 and method != "HEAD" and _from_api(case):
        return _problem_fault(answer)
    return None


def _from_api(case: Case) -> bool:
    target = case.sent.partition(b"\r\n")[0].partition(b" ")[2]
    return target.startswith(API_PATHS)


def _problem_fault(answer: Answer) -> str | None:
    """What keeps an answer from being a problem document (RFC 9457) with the request's id."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return "an error that is no application/problem+json"
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return "a problem that is no JSON"
    if not isinstance(problem, dict) or problem.get("status") != answer.status:
        return "a problem without its status"
    if problem.get("request_id") != answer.headers["x-request-id"]:
        return "a problem whose request_id is not X-Request-Id"
    return None
