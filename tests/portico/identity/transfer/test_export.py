"""People who go elsewhere, and come back as they were."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa
from tests.portico.identity.transfer.conftest import Export, Import
from tests.portico.identity.transfer.test_import import HASH

from portico.identity.audit.tables import audit as entries
from portico.identity.pool import Pool
from portico.identity.transfer import Form, Imported
from portico.identity.users.tables import users

PEOPLE = [
    {
        "username": "ada",
        "email": "ada@example.com",
        "email_verified": True,
        "groups": ["drivers", "florists"],
        "password_hash": HASH,
        "attributes": {"nickname": '=HYPERLINK("https://evil.example")', "age": -36.5, "vip": False},
        "created_at": "2020-02-02T02:02:02.250000Z",
    },
    {"username": "Bob", "enabled": False, "attributes": {"nickname": '\'t Hooft, "Bob"\nsecond line'}},
    {
        "username": "carl",
        "email": "carl@example.com",
        "status": "new_password_required",
        "attributes": {"nickname": "'=x"},
    },
]


@pytest.mark.parametrize("form", list(Form))
def test_what_goes_out_comes_back_the_same(come: Import, go: Export, pool: Pool, form: Form) -> None:
    come("\n".join(json.dumps(one) for one in PEOPLE), Form.JSONL)
    full, text = go(Form.JSONL, hashes=True), go(form, hashes=True)
    assert come(text, form) == (Imported(present=3), [])
    pool.db.run(lambda connection: connection.execute(users.delete()) and None)
    assert come(text, form) == (Imported(added=3), [])
    assert go(Form.JSONL, hashes=True) == full


def test_json_lines_say_what_is_held(come: Import, go: Export) -> None:
    come("\n".join(json.dumps(one) for one in PEOPLE), Form.JSONL)
    ada, bob, _ = [json.loads(line) for line in go(hashes=True).splitlines()]
    assert {name: ada[name] for name in PEOPLE[0]} == PEOPLE[0]
    assert (bob["username"], bob["enabled"]) == ("Bob", False)
    assert "password_hash" not in bob


@pytest.mark.parametrize("form", list(Form))
def test_hashes_stay_here_unless_they_are_asked_for(come: Import, go: Export, form: Form) -> None:
    come("\n".join(json.dumps(one) for one in PEOPLE), Form.JSONL)
    assert "argon2" not in go(form)


def test_a_spreadsheet_runs_nothing(come: Import, go: Export) -> None:
    come("\n".join(json.dumps(one) for one in PEOPLE), Form.JSONL)
    for row in csv.reader(io.StringIO(go(Form.CSV))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_everybody_goes_also_over_many_pages(come: Import, go: Export) -> None:
    come("username\n" + "".join(f"User{number}\n" for number in range(1_003)))
    names = [json.loads(line)["username"] for line in go().splitlines()]
    assert sorted(names) == sorted(f"User{number}" for number in range(1_003))


def test_the_audit_log_tells_of_the_export(go: Export, pool: Pool) -> None:
    go(hashes=True)
    [row] = pool.db.look(lambda connection: connection.execute(sa.select(entries)).all())
    assert (row.event, row.details) == ("users_exported", {"users": 0, "hashes": True})
