"""A little of `make fuzz` with every run of the tests: some of each kind, always the same, in a few seconds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fuzz import edge, loader, mutate, nasties
from tests.fuzz.server import Server, make_project, running

SEED = 20261121


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("fuzz") / "project"
    with running(make_project(folder)) as server:
        yield server


def told(failures: list[edge.Failure] | list[loader.Failure]) -> str:
    return "\n\n".join(map(str, failures))


def test_the_server_takes_some_of_the_known_nasties_and_some_random_ones(server: Server) -> None:
    table = itertools.islice(nasties.cases(), 0, None, 7)
    quick = (case for case in table if not case.statuses and "drips" not in case.name)
    count, failures = edge.fuzz(server, itertools.chain(quick, mutate.cases(SEED, 300)))
    assert not failures, told(failures)
    assert count > 500


def test_the_loader_gives_an_api_or_clear_findings_for_broken_documents() -> None:
    failures = loader.run(seed=SEED, count=120)
    assert not failures, told(failures)


def test_a_judge_of_answers_that_cannot_fail_would_be_worth_nothing(server: Server) -> None:
    case = nasties.single("a fine request, judged as if it had to be refused", nasties.PRODUCTS, statuses=(400,))
    failure = edge.judge(case, server.port)
    assert failure is not None
    assert "replay" in str(failure)
