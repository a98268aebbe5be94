"""People who come from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.portico.identity.transfer.conftest import Export, Import

from portico.identity.audit import AuditLog
from portico.identity.audit.tables import audit as entries
from portico.identity.mail import MemoryMailer
from portico.identity.pool import Pool
from portico.identity.source import LOCAL
from portico.identity.transfer import FileRefused, Form, Imported, import_users
from portico.identity.triggers import Triggers
from portico.identity.users import Users
from portico.identity.users.tables import users

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")


@pytest.fixture
def people(pool: Pool, audit: AuditLog) -> Users:
    mailer = MemoryMailer(pool, triggers=Triggers(), audit=audit)
    return Users(pool, audit=audit, mailer=mailer, triggers=Triggers())


async def test_people_of_a_csv_file_sign_in_with_the_password_that_they_had(come: Import, people: Users) -> None:
    done, refused = come(
        "username,email,email_verified,groups,attributes.nickname,attributes.age,attributes.vip,password_hash\r\n"
        f'ada,ada@example.com,true,florists;drivers,"Ada, ""the"" first",36,true,"{HASH}"\r\n'
    )
    assert (done, refused) == (Imported(added=1), [])
    ada = await people.sign_in("ada", "correct horse battery", source=LOCAL)
    assert (ada.email, ada.email_verified, ada.groups) == ("ada@example.com", True, ("florists", "drivers"))
    assert ada.attributes == {"nickname": 'Ada, "the" first', "age": 36, "vip": True}


async def test_people_of_json_lines(come: Import, people: Users) -> None:
    row = {"username": "ada", "groups": ["florists"], "password_hash": HASH, "attributes": {"age": 36}, "enabled": True}
    done, refused = come(f"\n{json.dumps(row)}\n\n", Form.JSONL)
    assert (done, refused) == (Imported(added=1), [])
    assert (await people.sign_in("ada", "correct horse battery", source=LOCAL)).attributes == {"age": 36}


async def test_cognitos_columns_are_understood(come: Import, people: Users) -> None:
    header = (
        "profile,address,birthdate,gender,preferred_username,updated_at,website,picture,phone_number,"
        "phone_number_verified,zoneinfo,locale,email,email_verified,given_name,family_name,middle_name,name,nickname,"
        "cognito:mfa_enabled,cognito:username,custom:age"
    )
    row = ",,,,,,,,,FALSE,,,ada@example.com,TRUE,,,,,Countess,FALSE,ada,36"
    assert come(f"{header}\n{row}\n") == (Imported(added=1), [])
    ada = await people.by_login("ada@example.com")
    assert ada is not None
    assert (ada.email_verified, ada.attributes) == (True, {"nickname": "Countess", "age": 36})


async def test_ids_and_times_stay_as_they_were(come: Import, people: Users) -> None:
    id = "0b9c1f4e-3f70-4b55-9c3e-1a2b3c4d5e6f"
    come(f"id,username,created_at\n{id},ada,2020-02-02T02:02:02Z\n")
    ada = await people.by_id(id)
    assert ada is not None
    assert ada.created_at == 1_580_608_922


def test_the_same_file_again_changes_nothing(come: Import, go: Export) -> None:
    text = "username,email\n" + "".join(f"user{number},user{number}@example.com\n" for number in range(601))
    assert come(text) == (Imported(added=601), [])
    before = go()
    assert come(text) == (Imported(present=601), [])
    assert go() == before
    assert come(text + "new,new@example.com\n") == (Imported(added=1, present=601), [])


def test_people_without_user_names_are_known_by_their_addresses(come: Import) -> None:
    assert come("email\nada@example.com\n") == (Imported(added=1), [])
    assert come("email\nADA@example.com\n") == (Imported(present=1), [])


ROWS = {
    "ada,another@example.com": "somebody else has this username",
    "grace,ada@example.com": "somebody else has this email",
    "eve": "the row has 1 cells, the header 2",
    "eve,eve@example.com,more": "the row has 3 cells, the header 2",
    ",": "a row needs a username or an email",
    "ev il,": "username: Use 1 to 64 letters",
    "eve,eve at example": "email: Write an e-mail address",
}


@pytest.mark.parametrize(("row", "reason"), ROWS.items(), ids=list(ROWS))
def test_a_row_that_is_refused_is_told_with_its_line_and_its_reason(come: Import, row: str, reason: str) -> None:
    come("username,email\nada,ada@example.com\n")
    done, [(line, told)] = come(f"username,email\ngood1,\n{row}\ngood2,\n")
    assert done == Imported(added=2, refused=1)
    assert line == 3
    assert reason in told


CELLS = {
    ("groups", "gardeners"): "auth/pool.yaml declares no group gardeners",
    ("password_hash", "hunter2"): "password_hash: This is no hash in PHC string format",
    ("password_hash", "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"): "password_hash: ",
    ("password_hash", "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"): "password_hash: ",
    ("attributes.nickname", "x" * 41): "nickname: Use at most 40 characters.",
    ("attributes.age", "old"): "age: This must be a number.",
    ("shoe_size", "41"): "shoe_size: There is no such attribute.",
    ("enabled", "perhaps"): "enabled must be true or false",
    ("status", "admin"): "status must be one of",
    ("id", "7"): "id must be a UUID",
    ("created_at", "yesterday"): "created_at must be a time",
    ("created_at", "nan"): "created_at must be a time",
    ("created_at", "1e300"): "created_at must be a time",
}


@pytest.mark.parametrize(("cell", "reason"), CELLS.items(), ids=[f"{name}={text[:12]}" for name, text in CELLS])
def test_a_value_that_cannot_be_is_refused_and_hashes_are_not_told(
    come: Import, cell: tuple[str, str], reason: str
) -> None:
    name, text = cell
    done, [(_, told)] = come(f'username,{name}\nada,"{text}"\n')
    assert done.refused == 1
    assert told.startswith(reason)
    assert name != "password_hash" or text not in told


def test_a_column_can_be_passed_over(come: Import) -> None:
    assert come("username,shoe_size\nada,41\n", skip=["shoe_size"]) == (Imported(added=1), [])


@pytest.mark.parametrize("text", ["", "\n", "name,age\nada,36\n", "username,username\n", "username,\n", '"username\n'])
def test_a_file_without_a_header_is_refused_whole(come: Import, text: str) -> None:
    with pytest.raises(FileRefused):
        come(text)


JSON = {
    "{": "this is no JSON object",
    "[]": "this is no JSON object",
    "[" * 60_000: "this is no JSON object",
    '{"username": 7}': "username must be a text",
    '{"username": "ada", "groups": 7}': "groups must be a list of names",
    '{"username": "ada", "attributes": 7}': "attributes must be an object",
    '{"username": "ada", "attributes": {"nickname": {"a": 1}}}': "nickname: This must be a text.",
    '{"username": "ada", "created_at": [1]}': "created_at must be a time",
    '{"username": "ada", "password_hash": ["x"]}': "password_hash must be a text",
}


@pytest.mark.parametrize(("line", "reason"), JSON.items(), ids=[line[:40] for line in JSON])
def test_json_that_cannot_be_is_refused(come: Import, line: str, reason: str) -> None:
    done, [(number, told)] = come(f'{{"username": "good1"}}\n{line}\n{{"username": "good2"}}', Form.JSONL)
    assert done == Imported(added=2, refused=1)
    assert number == 2
    assert told.startswith(reason)


@pytest.mark.parametrize("form", list(Form))
def test_a_row_that_never_ends_costs_neither_memory_nor_the_rows_after_it(come: Import, form: Form) -> None:
    begins, ends = ("username\n", "after\n") if form is Form.CSV else ("", '{"username": "after"}\n')
    done, [(line, told)] = come(f"{begins}{'x' * 1_000_000}\n{ends}", form)
    assert done == Imported(added=1, refused=1)
    assert line == (2 if form is Form.CSV else 1)
    assert told == "a row has at most 65536 bytes"


def test_a_quote_that_is_never_closed_is_refused(come: Import) -> None:
    done, refused = come('username,email\nada,"ada@example.com\n' + f"eve,{'x' * 1_000}\n" * 150)
    assert done.added <= 1
    assert refused[0][0] == 2
    assert refused[0][1].startswith("this is no CSV from here to line 13")


def test_what_is_not_utf_8_is_refused(come: Import) -> None:
    assert come(b"username,attributes.nickname\nada,Gr\xfc\xdfe\nbob,\n") == (
        Imported(added=1, refused=1),
        [(2, "this is not UTF-8")],
    )


def test_a_byte_order_mark_is_no_part_of_the_header(come: Import) -> None:
    assert come(b"\xef\xbb\xbfusername\nada\n") == (Imported(added=1), [])


class Watched:
    """A file that is made while it is read, and sees how far ahead of the database that is."""

    def __init__(self, rows: int) -> None:
        self._lines: Iterator[bytes] = (b'{"username": "user%d"}\n' % number for number in range(rows))
        self._read = 0
        self.added = 0

    def readline(self, _limit: int = -1) -> bytes:
        self._read += 1
        assert self._read <= self.added + 501
        return next(self._lines, b"")

    def progress(self, done: Imported) -> None:
        self.added = done.added


def test_no_more_of_a_file_is_held_than_one_batch(pool: Pool, audit: AuditLog) -> None:
    file = Watched(1_700)
    import_users(pool, file, Form.JSONL, audit=audit, refused=print, progress=file.progress)  # type: ignore[arg-type]
    assert file.added == 1_700


def test_the_audit_log_tells_of_everybody_and_of_the_import(come: Import, pool: Pool) -> None:
    come("username\nada\nbob\nev il\n")
    read = sa.select(entries.c.event, entries.c.details).order_by(entries.c.id)
    rows = pool.db.look(lambda connection: connection.execute(read).all())
    assert [row.event for row in rows] == ["user_created", "user_created", "users_imported"]
    assert rows[-1].details == {"added": 2, "present": 0, "refused": 1}


def test_a_peppered_hash_is_taken_as_it_is(come: Import, pool: Pool) -> None:
    come(f'username,password_hash\nada,"pepper:0123abcd:{HASH}"\nbob,pepper:0123abcd:x\n')
    stored = pool.db.look(lambda connection: connection.execute(sa.select(users.c.password_hash)).scalars().all())
    assert stored == [f"pepper:0123abcd:{HASH}"]
