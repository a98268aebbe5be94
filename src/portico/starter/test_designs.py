"""The project as a whole."""

from pathlib import Path

from portico import testing

ROOT = Path(__file__).parents[2]


def test_the_project_starts_and_shows_its_docs() -> None:
    with testing.client(ROOT) as client:
        assert client.get("/docs").status_code == 200
