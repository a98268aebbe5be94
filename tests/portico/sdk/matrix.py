"""The matrix of scenarios and languages in docs/sdks.md: `python -m tests.portico.sdk.matrix` writes it.

A cell is ✓, or n/a where a language lacks what a scenario needs. There is no red one: it would be a failing test.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.portico.sdk import scenario
from tests.portico.sdk.languages import LANGUAGES, Language
from tests.portico.sdk.scenario import SECTIONS, Scenario

PAGE = Path(__file__).parents[3] / "docs" / "sdks.md"
BEGIN = "<!-- The matrix: python -m tests.portico.sdk.matrix writes it. -->"
END = "<!-- The end of the matrix. -->"
TITLES = {
    "arguments": "Arguments",
    "client": "The client",
    "values": "Values",
    "bodies": "Bodies and answers",
    "callers": "Who calls",
    "failing": "Failing",
    "retries": "Retries",
    "pages": "Pages",
    "hooks": "Hooks and secrets",
}


def render() -> str:
    """The matrix, with the reasons of its n/a cells."""
    found = scenario.load()
    reasons = [f"{language.title}: {why}." for language in LANGUAGES for why in _reasons(language, found)]
    lines = [BEGIN, "", f"{len(found)} scenarios.", ""]
    for section in SECTIONS:
        rows = [one for one in found if one.covers == section]
        lines += [
            f"| {TITLES[section]} ({len(rows)}) | {' | '.join(language.title for language in LANGUAGES)} |",
            f"|---|{'---|' * len(LANGUAGES)}",
            *(f"| {one.name} | {' | '.join(cell(language, one, reasons) for language in LANGUAGES)} |" for one in rows),
            "",
        ]
    lines += [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join([*lines, *([""] if reasons else []), END])


def cell(language: Language, one: Scenario, reasons: list[str]) -> str:
    """One cell: ✓, or n/a and where the reason stands."""
    absent = language.absent()
    why = next((absent[need] for need in one.needs if need in absent), None)
    return "✓" if why is None else f"n/a ({reasons.index(f'{language.title}: {why}.') + 1})"


def _reasons(language: Language, found: tuple[Scenario, ...]) -> Iterator[str]:
    needed = {need for one in found for need in one.needs}
    yield from (why for capability, why in language.absent().items() if capability in needed)


def written(page: str) -> str:
    """The page with the matrix of now."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert (begin, end) == (BEGIN, END), f"{PAGE} lacks the places of the matrix"
    return before + render() + after


def main() -> None:
    """Write the page."""
    text = written(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
