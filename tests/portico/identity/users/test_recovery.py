"""Forgotten and changed passwords, and what ends with them."""

from __future__ import annotations

import logging
import time

import pytest

from portico.identity.source import Source
from portico.identity.users import NewUser, repository
from portico.identity.users.errors import CodeExpired, PasswordRefused, WrongCode, WrongCredentials
from portico.store.feed import Feed

from .conftest import ELSEWHERE, HOME, PASSWORD

NEW = "a wholly different one"


async def test_who_forgot_gets_a_code_and_sets_a_new_password(users, ada, code_for, mailer, clock, pool, history):
    await users.forgot("ADA@example.com", source=HOME)
    clock.advance(60)
    await users.reset("ada", await code_for("ada@example.com"), NEW, source=HOME)
    assert await pool.db.read(repository.valid_from, ada.id) == clock.now
    with pytest.raises(WrongCredentials):
        await users.sign_in("ada", PASSWORD, source=HOME)
    await users.sign_in("ada", NEW, source=HOME)
    assert [str(mail.kind) for mail in await mailer.recent()] == ["password_changed", "forgot_code"]
    assert [entry.event for entry in await history()][-4:] == [
        "password_reset_asked",
        "password_reset",
        "sign_in_failed",
        "sign_in",
    ]


async def test_every_worker_hears_that_what_was_issued_is_dead(users, ada, pool, clock):
    heard = []
    feed = Feed(pool.db, clock)
    feed.listen(heard.append)
    clock.advance(5)
    await users.change_password(ada.id, PASSWORD, NEW, source=HOME)
    await feed.look()
    assert [(change.kind, change.subject, change.at, change.until) for change in heard] == [
        ("user", ada.id, clock.now, clock.now + 86_400)
    ]


async def test_a_refused_password_does_not_use_up_the_code(users, ada, code_for):
    await users.forgot("ada", source=HOME)
    code = await code_for("ada@example.com")
    for bad in ("short", "password1234", "i am ada@example.com", "x" * 1_025):
        with pytest.raises(PasswordRefused):
            await users.reset("ada@example.com", code, bad, source=HOME)
    await users.reset("ada", code, NEW, source=HOME)
    with pytest.raises(WrongCode):
        await users.reset("ada", code, "and yet another one", source=HOME)


async def test_a_code_of_one_user_or_purpose_is_none_of_another(users, ada, code_for):
    await users.create(NewUser("bob", "bob@example.com", email_verified=True), password=PASSWORD)
    await users.forgot("ada", source=HOME)
    await users.forgot("bob", source=HOME)
    code = await code_for("ada@example.com")
    with pytest.raises(WrongCode):
        await users.reset("bob", code, NEW, source=HOME)
    with pytest.raises(WrongCode):
        await users.confirm_email(ada.id, code, source=HOME)


async def test_codes_expire(users, ada, code_for, clock):
    await users.forgot("ada", source=HOME)
    code = await code_for("ada@example.com")
    clock.advance(900)
    with pytest.raises(CodeExpired):
        await users.reset("ada", code, NEW, source=HOME)


async def test_no_code_goes_to_an_address_that_nobody_proved_nor_to_the_disabled(users, ada, mailer):
    await users.create(NewUser("bob", "bob@example.com"), password=PASSWORD)
    await users.disable(ada.id)
    for login in ("bob", "ada", "nobody", "nobody@example.com", "", "\x00"):
        assert await users.forgot(login, source=HOME) is None
    assert not await mailer.recent()


async def test_asking_and_resetting_take_the_same_time_for_known_and_unknown(users, ada):
    asked = {"ada": [], "nobody": []}
    reset = {"ada": [], "nobody": []}
    for n in range(5):
        for login in asked:
            source = Source(f"10.0.0.{n}")
            begun = time.perf_counter()
            await users.forgot(login, source=source)
            between = time.perf_counter()
            with pytest.raises(WrongCode):
                await users.reset(login, "00000000", NEW, source=source)
            asked[login].append(between - begun)
            reset[login].append(time.perf_counter() - between)
    for times in (asked, reset):
        known, unknown = (min(each) for each in times.values())  # noise only adds
        assert abs(known - unknown) < 0.02


async def test_the_old_password_is_needed_for_a_change_and_its_failures_count(users, ada):
    with pytest.raises(WrongCredentials):
        await users.change_password(ada.id, "not the old one", NEW, source=HOME)
    with pytest.raises(PasswordRefused):
        await users.change_password(ada.id, PASSWORD, PASSWORD, source=HOME)
    await users.change_password(ada.id, PASSWORD, NEW, source=HOME)
    await users.sign_in("ada", NEW, source=HOME)


async def test_after_a_reset_no_other_address_counts_as_known(users, ada, code_for, pool):
    await users.sign_in("ada", PASSWORD, source=ELSEWHERE)
    await users.forgot("ada", source=HOME)
    await users.reset("ada", await code_for("ada@example.com"), NEW, source=HOME)
    from portico.identity.users import attempts

    for source, known in ((ELSEWHERE, False), (HOME, True)):
        place = attempts.keys_of(pool.secrets, ada.id, source.address).place
        assert await pool.db.read(attempts.is_known, ada.id, place, pool.clock()) is known


async def test_a_reset_ends_a_lock(users, ada, code_for):
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await users.sign_in("ada", "wrong wrong wrong", source=HOME)
    await users.forgot("ada", source=HOME)
    await users.reset("ada", await code_for("ada@example.com"), NEW, source=HOME)
    await users.sign_in("ada", NEW, source=HOME)


async def test_no_secret_is_logged_or_written_down_at_any_level(users, code_for, history, caplog):
    caplog.set_level(logging.DEBUG)
    await users.sign_up("grace", "first hunter2 phrase", "grace@example.com", {}, source=HOME)
    first = await code_for("grace@example.com")
    user = await users.confirm("grace", first, source=HOME)
    await users.change_password(user.id, "first hunter2 phrase", "second hunter2 phrase", source=HOME)
    await users.forgot("grace", source=HOME)
    second = await code_for("grace@example.com")
    await users.reset("grace", second, "third hunter2 phrase", source=HOME)
    everything = caplog.text + str(await history()) + str(await users.export(user.id))
    for secret in ("hunter2", first, second, "argon2id"):
        assert secret not in everything
