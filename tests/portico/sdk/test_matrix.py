"""The published matrix says what the scenarios are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portico.sdk import matrix, scenario
from tests.portico.sdk.languages import LANGUAGES, Language
from tests.portico.sdk.scenario import CAPABILITIES


def test_the_matrix_of_the_page_is_current() -> None:
    page = matrix.PAGE.read_text(encoding="utf-8")
    assert page == matrix.written(page), "run: python -m tests.portico.sdk.matrix"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_what_a_language_lacks_has_a_reason_and_is_needed_somewhere(language: Language) -> None:
    needed = {need for one in scenario.load() for need in one.needs}
    for capability, reason in language.absent().items():
        assert capability in CAPABILITIES
        assert capability in needed
        assert len(reason) > 20


def test_every_capability_is_needed_somewhere() -> None:
    assert {need for one in scenario.load() for need in one.needs} == set(CAPABILITIES)


def test_the_protocol_of_drivers_is_documented() -> None:
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{word}`" in readme for word in (*CAPABILITIES, "browser", "device", "sleeps", "events", "$data"))
