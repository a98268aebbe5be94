"""What operators and owners do with accounts, and who hears of it."""

from __future__ import annotations

import msgspec
import pytest

from portico.identity.settings import Attribute, Group, PoolSettings
from portico.identity.users import NewUser, repository
from portico.identity.users.errors import (
    GroupUnknown,
    HashRefused,
    Invalid,
    TooManyAttempts,
    UserUnknown,
    WrongCredentials,
)
from portico.store.feed import Feed

from .conftest import HOME, PASSWORD


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(
        groups={"staff": Group(precedence=5), "admins": Group(precedence=1)},
        attributes={"nickname": Attribute(), "number": Attribute(type="number", mutable=False)},
    )


async def test_groups_come_in_their_order_and_every_worker_hears_of_a_change(users, ada, pool, clock):
    heard = []
    feed = Feed(pool.db, clock)
    feed.listen(heard.append)
    assert await users.add_group(ada.id, "staff")
    assert await users.add_group(ada.id, "admins")
    assert not await users.add_group(ada.id, "admins")
    assert (await users.by_id(ada.id)).groups == ("admins", "staff")
    assert await users.remove_group(ada.id, "staff")
    assert not await users.remove_group(ada.id, "staff")
    await feed.look()
    assert [(change.kind, change.subject, change.value) for change in heard] == [
        ("groups", ada.id, ["staff"]),
        ("groups", ada.id, ["admins", "staff"]),
        ("groups", ada.id, ["admins"]),
    ]
    with pytest.raises(GroupUnknown, match="admins"):
        await users.add_group(ada.id, "stuff")


async def test_disabling_and_deleting_end_what_was_issued(users, ada, pool, clock):
    heard = []
    feed = Feed(pool.db, clock)
    feed.listen(heard.append)
    await users.disable(ada.id)
    assert await pool.db.read(repository.valid_from, ada.id) == float("inf")
    await users.enable(ada.id)
    assert await pool.db.read(repository.valid_from, ada.id) == clock.now
    await users.sign_out_everywhere(ada.id, source=HOME)
    await users.delete(ada.id, source=HOME)
    assert await pool.db.read(repository.valid_from, ada.id) == float("inf")
    await feed.look()
    assert [(change.kind, change.subject) for change in heard] == [("user", ada.id)] * 3


async def test_who_is_deleted_is_forgotten_but_for_the_audit_log(users, ada, mailer, history, pool):
    await users.add_group(ada.id, "staff")
    await users.sign_in("ada", PASSWORD, source=HOME)
    await users.delete(ada.id, source=HOME)
    assert await users.by_id(ada.id) is None
    assert [str(mail.kind) for mail in await mailer.recent()] == ["account_deleted"]
    log = await history()
    assert log[-1].event == "user_deleted"
    assert "ada@example.com" not in str(log)
    again = await users.create(NewUser("ada", "ada@example.com"), password=PASSWORD)
    assert again.id != ada.id
    with pytest.raises(UserUnknown):
        await users.delete(ada.id, source=HOME)


async def test_an_export_holds_what_is_held_and_no_secret(users, ada, pool):
    await users.sign_in("ada", PASSWORD, source=HOME)
    users.register_exporter("passkeys", lambda _connection, user_id: [{"of": user_id}])
    held = msgspec.json.decode(msgspec.json.encode(await users.export(ada.id, source=HOME)))
    assert held["user"]["email"] == "ada@example.com"
    assert [entry["event"] for entry in held["audit"]] == ["user_created", "sign_in"]
    assert held["passkeys"] == [{"of": ada.id}]
    assert "argon2" not in str(held)


async def test_attributes_are_what_the_pool_declares(users, ada):
    user = await users.set_attributes(ada.id, {"nickname": "Countess", "number": "7"}, source=HOME)
    assert dict(user.attributes) == {"nickname": "Countess", "number": 7}
    with pytest.raises(Invalid) as told:
        await users.set_attributes(ada.id, {"number": 8, "shoe": "x"}, source=HOME)
    assert set(told.value.faults) == {"number", "shoe"}
    user = await users.set_attributes(ada.id, {"number": 8, "nickname": ""}, by_user=False)
    assert dict(user.attributes) == {"number": 8}


@pytest.mark.parametrize(
    "stored",
    [
        "$scrypt$ln=14,r=8,p=1$YWJjZGVmZ2hpamtsbW5vcA$ZvBwDqQv1sc",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaQ",
        "$pbkdf2-sha256$i=99999999$YWJjZGVmZ2hpamtsbW5vcA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
        "pepper:deadbeef:$argon2id$",
        "plain",
    ],
)
async def test_hashes_that_cannot_be_verified_are_refused(users, ada, stored):
    with pytest.raises(HashRefused):
        await users.set_password_hash(ada.id, stored)


async def test_a_moved_hash_signs_in_and_the_old_password_does_not(users, ada):
    import argon2

    await users.set_password_hash(ada.id, argon2.PasswordHasher().hash("brought along"))
    await users.sign_in("ada", "brought along", source=HOME)
    with pytest.raises(WrongCredentials):
        await users.sign_in("ada", PASSWORD, source=HOME)


async def test_pages_of_users_come_in_the_order_of_names(users):
    for name in ("Carol", "bob", "dave", "alice", "b_b"):
        await users.create(NewUser(name, f"{name}@example.com"))
    assert [user.username for user in await users.page(limit=2)] == ["alice", "b_b"]
    assert [user.username for user in await users.page(after="B_B", limit=2)] == ["bob", "Carol"]
    assert [user.username for user in await users.page(search="b_")] == ["b_b"]
    assert [user.username for user in await users.page(search="%")] == []


async def test_the_last_ten_addresses_are_known(users, ada, pool, clock):
    from portico.identity.source import Source
    from portico.identity.users.tables import known_addresses

    for n in range(14):
        clock.advance(1)
        await users.sign_in("ada", PASSWORD, source=Source(f"10.0.0.{n}"))
    rows = await pool.db.read(lambda connection: connection.execute(known_addresses.select()).all())
    assert len(rows) == 10
    assert min(row.at for row in rows) == clock.now - 9


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1 second"), (90, "90 seconds"), (601, "11 minutes")])
def test_a_pause_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert str(TooManyAttempts(seconds)) == f"Too many attempts. Try again in {told}."
