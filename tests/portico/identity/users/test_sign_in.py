"""Signing in: by name or address, after a change, from elsewhere, fifty at once."""

from __future__ import annotations

import asyncio
import logging
import time

import argon2
import pytest

from portico.identity.settings import PasswordPolicy, PoolSettings
from portico.identity.source import Source
from portico.identity.triggers import MigratedUser, MigrateUser, Refused, Triggers
from portico.identity.users import NewUser, repository
from portico.identity.users.errors import (
    Busy,
    NewPasswordRequired,
    PasswordRefused,
    TooManyAttempts,
    WrongCredentials,
)
from portico.identity.users.tables import attempts as counters

from .conftest import ELSEWHERE, HOME, PASSWORD

WRONG = "wrong wrong wrong"


async def fails(users, login="ada", password=WRONG, source=HOME):
    with pytest.raises(WrongCredentials):
        await users.sign_in(login, password, source=source)


@pytest.mark.parametrize("login", ["ada", "ADA", " Ada ", "ada@example.com", "ADA@EXAMPLE.COM", "\uff21da"])
async def test_people_sign_in_by_name_or_address(users, ada, login):
    assert await users.sign_in(login, PASSWORD, source=HOME) == ada


@pytest.mark.parametrize("login", ["", "ad\u0430", "ada\x00", "a" * 10_000, "ada@example.com\r\nBcc: x", "@", "\ud800"])
async def test_strange_names_are_nobody(users, ada, login):
    await fails(users, login, PASSWORD)


async def test_a_password_is_the_same_however_it_is_composed(users):
    await users.create(NewUser("zoe"), password="caf\u00e9 au lait \ufb01n")
    await users.sign_in("zoe", "cafe\u0301 au lait fin", source=HOME)


@pytest.mark.parametrize("password", ["", "x" * 2_000, "\ud800" * 12, "velvet anvil 42 mos", PASSWORD + "\x00"])
async def test_other_passwords_are_wrong(users, ada, password):
    await fails(users, password=password)


async def test_the_disabled_are_as_unknown(users, ada, history):
    await users.disable(ada.id)
    await fails(users, password=PASSWORD)
    assert (await history("sign_in_failed"))[-1].details == {"reason": "disabled"}
    await users.enable(ada.id)
    await users.sign_in("ada", PASSWORD, source=HOME)


async def test_a_temporary_password_must_be_changed_first(users, ada):
    await users.set_password(ada.id, "temporary pass phrase", temporary=True)
    with pytest.raises(NewPasswordRequired) as told:
        await users.sign_in("ada", "temporary pass phrase", source=HOME)
    with pytest.raises(PasswordRefused):
        await users.change_password(told.value.user_id, "temporary pass phrase", "temporary pass phrase", source=HOME)
    await users.change_password(told.value.user_id, "temporary pass phrase", "a choice of my own", source=HOME)
    assert (await users.sign_in("ada", "a choice of my own", source=HOME)).status == "confirmed"


async def test_neither_answer_nor_log_tells_what_was_wrong_or_typed(users, ada, history, caplog):
    caplog.set_level(logging.DEBUG)
    said = set()
    for login in ("ada", "nobody", "my-secret-typed-as-name"):
        with pytest.raises(WrongCredentials) as told:
            await users.sign_in(login, "hunter2 hunter2", source=HOME)
        said.add(str(told.value))
    assert len(said) == 1
    everything = caplog.text + str(await history())
    assert "hunter2" not in everything
    assert "typed-as-name" not in everything
    failed = await history("sign_in_failed")
    assert [(entry.user_id, entry.details["reason"]) for entry in failed] == [
        (ada.id, "password"),
        (None, "unknown"),
        (None, "unknown"),
    ]
    assert {(entry.address, entry.user_agent, entry.request_id) for entry in failed} == {
        ("203.0.113.7", "Browser/1.0", "request-1")
    }


async def test_known_and_unknown_take_the_same_time(users, ada, monkeypatch):
    """The fastest: noise only adds. A missing argon2 makes one four times as fast. Bob's hash is another system's."""
    monkeypatch.setattr("portico.identity.users.uniform.FAILED", 0.5)
    await users.create(NewUser("bob", password_hash=argon2.PasswordHasher(3, 32_768, 1).hash(PASSWORD)))
    spent = {"ada": [], "nobody": [], "bob": []}
    for n in range(5):
        for login, times in spent.items():
            begun = time.perf_counter()
            await fails(users, login, source=Source(f"10.0.{n}.{len(login)}"))
            times.append(time.perf_counter() - begun)
    known, unknown, imported = (min(times) for times in spent.values())
    assert 0.6 < known / unknown < 1.6
    assert 0.6 < imported / unknown < 1.6


async def test_after_five_failures_pauses_double_up_to_a_quarter_of_an_hour(quick, users, ada, clock, history):
    for _ in range(5):
        await fails(users)
        clock.advance(1)
    pauses = []
    for _ in range(12):
        clock.advance(-0.5)
        with pytest.raises(TooManyAttempts) as told:
            await users.sign_in("ada", PASSWORD, source=HOME)
        clock.advance(told.value.retry_after)
        await fails(users)
        with pytest.raises(TooManyAttempts) as told:
            await users.sign_in("ada", PASSWORD, source=HOME)
        pauses.append(told.value.retry_after)
        clock.advance(told.value.retry_after)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert (await users.sign_in("ada", PASSWORD, source=HOME)).id
    await fails(users)
    await users.sign_in("ada", PASSWORD, source=HOME)
    assert len(await history("locked")) == 13


async def test_a_lock_here_does_not_refuse_the_owner_elsewhere(users, ada):
    for _ in range(5):
        await fails(users)
    with pytest.raises(TooManyAttempts):
        await users.sign_in("ada", PASSWORD, source=HOME)
    await users.sign_in("ada", PASSWORD, source=ELSEWHERE)


async def test_unknown_names_are_locked_like_known_ones(users):
    for _ in range(5):
        await fails(users, "nobody")
    with pytest.raises(TooManyAttempts):
        await users.sign_in("nobody", PASSWORD, source=HOME)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("login", "spelling", "together"),
    [
        ("ada", "\uff21da", True),
        ("ada", " ADA ", True),
        ("ada@xn--bcher-kva.example", "Ada@B\u00fccher.example", True),
        ("ada", "ada@xn--bcher-kva.example", False),
    ],
)
async def test_what_is_locked_together_tells_nobody_who_has_an_account(users, known, login, spelling, together):
    if known:
        await users.create(NewUser("Ada", "ada@b\u00fccher.example", email_verified=True), password=PASSWORD)
    for _ in range(5):
        await fails(users, login)
    with pytest.raises(TooManyAttempts if together else WrongCredentials):
        await users.sign_in(spelling, WRONG, source=HOME)


async def test_the_right_password_passes_under_fifty_wrong_ones_from_the_same_address(users, ada):
    attempts = [users.sign_in("ada", f"wrong password {n}", source=HOME) for n in range(50)]
    attempts.insert(37, users.sign_in("ada", PASSWORD, source=HOME))
    found = await asyncio.gather(*attempts, return_exceptions=True)
    assert found[37] == ada
    assert [type(one) for one in found if one != ada] == [WrongCredentials] * 50


async def test_the_right_password_passes_when_it_arrives_in_the_middle_of_fifty_wrong_ones(users, ada):
    wrong = [asyncio.ensure_future(users.sign_in("ada", f"wrong password {n}", source=HOME)) for n in range(50)]
    running = set(wrong)
    while len(running) > 30:
        _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    assert await users.sign_in("ada", PASSWORD, source=HOME) == ada
    await asyncio.gather(*wrong, return_exceptions=True)


async def test_a_flood_from_one_address_is_cut_off_and_then_goes_one_by_one(users, ada, clock):
    async def flood() -> int:
        tries = (users.sign_in("ada", f"wrong password {n}", source=HOME) for n in range(120))
        found = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(one, WrongCredentials | TooManyAttempts) for one in found)
        return sum(isinstance(one, WrongCredentials) for one in found)

    assert await flood() <= 64
    assert await flood() == 0
    clock.advance(901)
    assert await flood() == 1


async def test_many_addresses_slow_strangers_down_and_never_the_owners_own(quick, users, ada, clock, monkeypatch):
    await users.sign_in("ada", PASSWORD, source=HOME)
    for n in range(20):
        for _ in range(5):
            await fails(users, source=Source(f"2001:db8:{n:x}::{n}"))
    with pytest.raises(TooManyAttempts):
        await users.sign_in("ada", PASSWORD, source=ELSEWHERE)
    assert await users.sign_in("ada", PASSWORD, source=HOME) == ada
    clock.advance(2)
    assert await users.sign_in("ada", PASSWORD, source=ELSEWHERE) == ada


async def test_who_tries_many_names_from_one_address_is_slowed_down(quick, users, ada, clock):
    await users.sign_in("ada", PASSWORD, source=HOME)
    for n in range(100):
        await fails(users, f"name{n}", source=HOME)
    with pytest.raises(TooManyAttempts):
        await users.sign_in("name1000", PASSWORD, source=HOME)
    with pytest.raises(TooManyAttempts):
        await users.sign_in("name1000", PASSWORD, source=Source("::ffff:203.0.113.7"))
    assert await users.sign_in("ada", PASSWORD, source=HOME) == ada


async def test_one_subscriber_of_ipv6_is_one_address(users, ada):
    for n in range(5):
        await fails(users, source=Source(f"2001:db8:1:2::{n}"))
    with pytest.raises(TooManyAttempts):
        await users.sign_in("ada", PASSWORD, source=Source("2001:db8:1:2:ffff::1"))
    assert await users.sign_in("ada", PASSWORD, source=Source("2001:db8:1:3::1")) == ada


async def test_more_than_the_server_can_hash_are_told_to_come_back_and_nobody_is_locked(users, ada, monkeypatch):
    monkeypatch.setattr("portico.identity.users.passwords.WAITING", 2)
    tries = (users.sign_in("ada", PASSWORD, source=HOME) for _ in range(12))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert any(isinstance(one, Busy) for one in found)
    assert all(one == ada or isinstance(one, Busy) for one in found)
    assert await users.sign_in("ada", PASSWORD, source=HOME) == ada


async def test_an_attempt_that_nobody_waits_for_any_more_is_not_counted(users, ada, pool, monkeypatch):
    async def never(_stored: str | None, _password: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    begun = asyncio.Event()
    monkeypatch.setattr(users._parts.passwords, "verify", never)
    attempt = asyncio.ensure_future(users.sign_in("ada", PASSWORD, source=HOME))
    await begun.wait()
    attempt.cancel()
    await asyncio.wait([attempt])
    assert attempt.cancelled()
    rows = await pool.db.read(lambda connection: connection.execute(counters.select()).all())
    assert {(row.failures, row.pending) for row in rows} == {(0, 0)}


async def test_a_password_that_is_changed_meanwhile_does_not_sign_in(users, ada, pool, clock, monkeypatch):
    verify = users._parts.passwords.verify

    async def slow(stored, password):
        verified = await verify(stored, password)
        clock.advance(1)
        await users.sign_out_everywhere(ada.id, source=HOME)
        return verified

    monkeypatch.setattr(users._parts.passwords, "verify", slow)
    await fails(users, password=PASSWORD)


class TestPepper:
    @pytest.fixture
    def settings(self) -> PoolSettings:
        return PoolSettings(password=PasswordPolicy(pepper=True))

    async def test_a_hash_is_worth_nothing_without_the_secret(self, users, ada, pool):
        stored = await pool.db.read(repository.password_hash, ada.id)
        assert stored.startswith("pepper:")
        assert await users.sign_in("ada", PASSWORD, source=HOME) == ada
        with pytest.raises(argon2.exceptions.VerifyMismatchError):
            argon2.PasswordHasher().verify(stored.split(":", 2)[2], PASSWORD)

    async def test_an_imported_hash_gets_its_pepper_at_the_next_sign_in(self, users, pool):
        made = argon2.PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
        user = await users.create(NewUser("bob", password_hash=made))
        await users.sign_in("bob", PASSWORD, source=HOME)
        stored = await pool.db.read(repository.password_hash, user.id)
        assert stored.startswith("pepper:")
        assert "m=19456,t=2,p=1" in stored
        await users.sign_in("bob", PASSWORD, source=HOME)


class TestMigration:
    @pytest.fixture
    def triggers(self) -> Triggers:
        def migrate_user(event: MigrateUser) -> MigratedUser | None:
            if event.login == "banned":
                raise Refused("Write to us.")
            if event.login.startswith("old") and event.password.reveal() == "weak":
                return MigratedUser("old-bob", "bob@example.com", email_verified=True)
            return None

        return Triggers({"migrate_user": migrate_user})

    async def test_people_move_at_their_first_sign_in(self, users, history):
        bob = await users.sign_in("old-bob", "weak", source=HOME)
        assert (bob.email_verified, bob.status) == (True, "confirmed")
        assert (await users.sign_in("bob@example.com", "weak", source=HOME)).id == bob.id
        assert (await history("user_created"))[0].details == {"by": "migration"}

    async def test_the_wrong_password_there_is_wrong_here_and_counts(self, users):
        for _ in range(5):
            await fails(users, "old-bob", "strong")
        with pytest.raises(TooManyAttempts):
            await users.sign_in("old-bob", "weak", source=HOME)

    async def test_the_trigger_may_refuse(self, users):
        with pytest.raises(Refused, match="Write to us"):
            await users.sign_in("banned", "weak", source=HOME)

    async def test_it_cannot_take_somebodys_name(self, users):
        kept = await users.create(NewUser("old-bob"), password=PASSWORD)
        await fails(users, "old-mallory", "weak")
        assert await users.sign_in("old-bob", PASSWORD, source=HOME) == kept
