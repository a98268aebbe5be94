"""A new secret takes the place of an old one, everywhere in the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portico.store import Database, NotSealedHere, SecretKept, SecretMissing, Secrets, rotation, sealed
from portico.store.sealed import Resealed
from portico.store.tables import load

own = sa.MetaData()
seeds = sa.Table(
    "seeds",
    own,
    sa.Column("owner", sa.String(20), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("secret", sa.LargeBinary),
    sa.Column("ticket", sa.Text),
)
sealed.register(seeds, "secret", purpose="seed", bound_to="owner")
sealed.register(seeds, "ticket", purpose="ticket", bound_to="owner")
ROWS = 450  # more than two batches


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Secrets.load(tmp_path, {}, create=True)
    return tmp_path


@pytest.fixture
def sown(database: Database, project: Path) -> Iterator[Database]:
    """A database with sealed values."""
    secrets = Secrets.load(project, {})
    rows = [
        {
            "owner": f"owner-{number % 7}",
            "number": number,
            "secret": secrets.seal("seed", f"{number}".encode(), bound_to=f"owner-{number % 7}"),
            "ticket": secrets.seal_text("ticket", b"t", bound_to=f"owner-{number % 7}") if number % 2 else None,
        }
        for number in range(ROWS)
    ]
    with database.changing() as connection:
        own.create_all(connection)
        connection.execute(seeds.insert(), rows)
    yield database
    with database.changing() as connection:
        own.drop_all(connection)


def opened(database: Database, secrets: Secrets) -> list[bytes]:
    rows = database.look(lambda c: c.execute(sa.select(seeds).order_by(seeds.c.number)).all())
    for row in rows:
        if row.ticket is not None:
            secrets.open_text("ticket", row.ticket, bound_to=row.owner)
    return [secrets.open("seed", row.secret, bound_to=row.owner) for row in rows]


def test_a_rotation_seals_everything_again_and_the_old_secret_can_go(sown: Database, project: Path):
    before = Secrets.load(project, {})
    secrets = rotation.begin(project, {})
    assert list(sealed.reseal(sown, secrets, own)) == [
        Resealed("seeds.secret", ROWS, 0, 0),
        Resealed("seeds.ticket", ROWS // 2, 0, 0),
    ]
    assert rotation.end(project, {}) == 1
    alone = Secrets.load(project, {})
    assert opened(sown, alone) == [f"{number}".encode() for number in range(ROWS)]
    assert alone.key("a") == secrets.key("a") != before.keys("b")[0]
    assert not alone.has_earlier


def test_sealing_again_can_be_repeated(sown: Database, project: Path):
    secrets = rotation.begin(project, {})
    list(sealed.reseal(sown, secrets, own))
    assert [one.resealed for one in sealed.reseal(sown, secrets, own)] == [0, 0]


def test_a_server_that_runs_meanwhile_opens_everything(sown: Database, project: Path):
    running = Secrets.load(project, {})
    secrets = rotation.begin(project, {})
    for _ in sealed.reseal(sown, secrets, own):
        assert len(opened(sown, running)) == ROWS


def test_what_was_swapped_between_rows_is_told_and_left_alone(sown: Database, project: Path):
    """A rotation must not make a forged row true."""
    rows = sown.look(lambda c: c.execute(sa.select(seeds).where(seeds.c.number < 2)).all())
    sown.run(lambda c: c.execute(seeds.update().where(seeds.c.number == 0).values(secret=rows[1].secret)))
    secrets = rotation.begin(project, {})
    assert next(iter(sealed.reseal(sown, secrets, own))) == Resealed("seeds.secret", ROWS - 1, 0, 1)
    with pytest.raises(NotSealedHere):
        opened(sown, secrets)


def test_a_secret_in_the_environment_is_not_this_programs_to_change(project: Path):
    environ = {"PORTICO_SECRET": Secrets.generate()}
    for change in (rotation.begin, rotation.end):
        with pytest.raises(SecretKept):
            change(project, environ)


def test_there_must_be_a_secret_to_rotate(tmp_path: Path):
    with pytest.raises(SecretMissing):
        rotation.begin(tmp_path, {})


def test_every_sealed_column_of_the_package_is_registered_once():
    """Columns of bytes hold what is sealed; who adds one for something else names it below."""
    found = [f"{one.column.table.name}.{one.column.name}" for one in sealed.registered(load())]
    assert len(found) == len(set(found))
    binary = {
        f"{table.name}.{column.name}"
        for table in load().tables.values()
        for column in table.c
        if isinstance(column.type, sa.LargeBinary)
    }
    assert binary - set(found) == NOT_SEALED


NOT_SEALED = {
    "api_key_secrets.digest",  # keyed, of 128 random bits: nothing can be had from it
    "mfa_passkeys.credential_id",
    "mfa_passkeys.public_key",
}
