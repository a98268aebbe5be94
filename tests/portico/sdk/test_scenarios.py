"""Every SDK does what the contract says: each scenario in each language, against the real gateway."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.portico.sdk import languages, run, scenario, world
from tests.portico.sdk.driver import Driver
from tests.portico.sdk.languages import LANGUAGES, Language
from tests.portico.sdk.scenario import Scenario

SCENARIOS = scenario.load()

Find = Callable[[Language], Driver]


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[world.World]:
    """The scenario server; one for a process of tests."""
    with world.running(tmp_path_factory.mktemp("playground")) as running:
        yield running


@pytest.fixture(scope="module")
def driver_of(playground: world.World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Find]:
    """The driver of a language. Its SDK is made when a scenario asks for it: once for all processes of tests."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "sdks"
    drivers: dict[str, Driver] = {}

    def find(language: Language) -> Driver:
        if language.name not in drivers:
            command = languages.installed(language, playground.root, shared)
            drivers[language.name] = Driver(command, playground.root)
        return drivers[language.name]

    yield find
    for driver in drivers.values():
        driver.close()


def cells() -> Iterator[Any]:
    """A language and a scenario that applies to it; what it lacks, with the reason, stands in the matrix."""
    for language in LANGUAGES:
        absent = language.absent()
        for one in SCENARIOS:
            if not absent.keys() & set(one.needs):
                yield pytest.param(language, one, id=f"{language.name}-{one.id}")


@pytest.mark.parametrize(("language", "one"), list(cells()))
def test_the_sdk_does_what_the_contract_says(
    language: Language, one: Scenario, playground: world.World, driver_of: Find
) -> None:
    if (program := language.missing()) is not None:
        pytest.skip(f"there is no {program}")
    faults = run.faults(one, driver_of(language), playground)
    assert not faults, "\n".join(faults)


def test_there_are_scenarios_of_every_section() -> None:
    assert {one.covers for one in SCENARIOS} == set(scenario.SECTIONS)
    assert len(SCENARIOS) >= 100


def test_drivers_are_where_they_are_looked_for() -> None:
    assert all((Path(languages.DRIVERS) / language.sdk).is_dir() for language in LANGUAGES)
