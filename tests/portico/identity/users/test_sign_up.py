"""Signing up, and what strangers cannot learn from it."""

from __future__ import annotations

import asyncio

import pytest

from portico.identity.settings import Attribute, PoolSettings
from portico.identity.triggers import PostConfirmation, PreSignUp, Refused, TriggerFailed, Triggers
from portico.identity.users import NewUser, Users
from portico.identity.users.errors import (
    CodeExpired,
    Invalid,
    NotConfirmed,
    SignUpClosed,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
)

from .conftest import ELSEWHERE, HOME, PASSWORD


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(attributes={"nickname": Attribute(required=True, max_length=10)})


async def sign_up(users, username="grace", email="grace@example.com", password=PASSWORD, source=HOME, **attributes):
    await users.sign_up(username, password, email, attributes or {"nickname": "Amazing"}, source=source)


async def test_a_visitor_signs_up_confirms_and_signs_in(users, code_for, history):
    await sign_up(users)
    with pytest.raises(NotConfirmed):
        await users.sign_in("grace", PASSWORD, source=HOME)
    confirmed = await users.confirm("grace", await code_for("grace@example.com"), source=HOME)
    signed_in = await users.sign_in("GRACE@example.com", PASSWORD, source=HOME)
    assert signed_in.id == confirmed.id
    assert (signed_in.status, signed_in.email_verified, dict(signed_in.attributes)) == (
        "confirmed",
        True,
        {"nickname": "Amazing"},
    )
    assert [entry.event for entry in await history()] == ["sign_up", "sign_up_confirmed", "sign_in"]


async def test_that_somebody_is_unconfirmed_is_told_for_the_right_password_only(users):
    await sign_up(users)
    with pytest.raises(WrongCredentials):
        await users.sign_in("grace", "another long password", source=HOME)


async def test_who_never_confirms_is_forgotten_after_a_week(users, clock, monkeypatch):
    monkeypatch.setattr("portico.identity.users.sign_up.PURGE_BELOW", "g")
    imported = await users.create(NewUser("old", status="unconfirmed"))
    await sign_up(users)
    clock.advance(7 * 86_400)
    await sign_up(users, "flood", "flood@example.com")
    assert await users.by_login("grace") is not None
    clock.advance(1_000)
    await sign_up(users, "other", "other@example.com")
    assert await users.by_login("grace") is None
    assert await users.by_login("flood") is not None
    assert await users.by_id(imported.id) is not None


async def test_one_address_can_try_so_many_codes_and_fills_neither_the_log_nor_the_processors(
    users, history, monkeypatch
):
    monkeypatch.setattr("portico.identity.users.parts.TRIED", 12)
    await sign_up(users)
    for n in range(12):
        with pytest.raises(WrongCode):
            await (users.confirm("grace", "0", source=HOME) if n % 2 else users.reset("x", "0", PASSWORD, source=HOME))
    monkeypatch.setattr(users._parts.passwords, "hash", None)
    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            await users.reset("grace", "0", PASSWORD, source=HOME)
        with pytest.raises(TooManyAttempts):
            await users.confirm("grace", "0", source=HOME)
    assert len(await history("code_refused")) == 6


async def test_every_fault_is_told_at_once(users):
    with pytest.raises(Invalid) as told:
        await users.sign_up("no spaces", "short", "nowhere", {"shoe": "42"}, source=HOME)
    assert set(told.value.faults) == {"username", "password", "email", "shoe", "nickname"}


async def test_a_code_works_once_and_not_forever(users, code_for, clock):
    await sign_up(users)
    code = await code_for("grace@example.com")
    clock.advance(901)
    with pytest.raises(CodeExpired):
        await users.confirm("grace", code, source=HOME)
    await users.resend_code("grace", source=HOME)
    fresh = await code_for("grace@example.com")
    with pytest.raises(WrongCode):
        await users.confirm("grace", code, source=HOME)
    await users.confirm("grace", f" {fresh[:4]}-{fresh[4:]} ", source=HOME)
    with pytest.raises(WrongCode):
        await users.confirm("grace", fresh, source=HOME)


async def test_five_wrong_codes_and_the_right_one_is_worthless(users, code_for):
    await sign_up(users)
    code = await code_for("grace@example.com")
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(5):
        with pytest.raises(WrongCode):
            await users.confirm("grace", wrong, source=HOME)
    with pytest.raises(WrongCode):
        await users.confirm("grace", code, source=HOME)


async def test_parallel_guesses_at_a_code_count_one_by_one(users, code_for, pool):
    await sign_up(users)
    code = int(await code_for("grace@example.com"))
    wrong = [users.confirm("grace", f"{(code + n) % 10**8:08}", source=HOME) for n in range(1, 21)]
    found = await asyncio.gather(*wrong, return_exceptions=True)
    assert all(isinstance(one, WrongCode) for one in found)
    with pytest.raises(WrongCode):
        await users.confirm("grace", f"{code:08}", source=HOME)


async def test_who_has_an_account_gets_a_mail_and_the_stranger_sees_nothing(users, ada, mailer):
    assert await sign_up(users, "newcomer", "ADA@example.com") is None
    assert await sign_up(users, "ADA", "other@example.com") is None
    told = {mail.to: str(mail.kind) for mail in await mailer.recent()}
    assert told == {"ADA@example.com": "already_registered", "other@example.com": "already_registered"}
    assert await users.by_login("newcomer") is None
    assert (await users.sign_in("ada", PASSWORD, source=HOME)).email == "ada@example.com"


async def test_codes_of_strangers_and_of_the_confirmed_are_wrong_alike(users, ada):
    for login in ("ada", "nobody", "no name at all!"):
        with pytest.raises(WrongCode) as told:
            await users.confirm(login, "12345678", source=HOME)
        assert str(told.value) == "The code is not right."


async def test_who_never_confirmed_gives_way(users, code_for):
    await sign_up(users, email="grace@exmaple.com")
    await sign_up(users, email="grace@example.com", password="another fine password")
    await users.confirm("grace", await code_for("grace@example.com"), source=HOME)
    assert (await users.sign_in("grace", "another fine password", source=HOME)).email == "grace@example.com"
    with pytest.raises(WrongCredentials):
        await users.sign_in("grace", PASSWORD, source=HOME)


async def test_of_twenty_at_once_with_one_name_one_gets_it(users, pool, mailer):
    await asyncio.gather(*(sign_up(users, "GrAcE" if n % 2 else "grace", f"g{n}@example.com") for n in range(20)))
    found = await users.page()
    assert [user.username.lower() for user in found] == ["grace"]


async def test_one_address_causes_a_bounded_number_of_mails(users, mailer, clock, monkeypatch):
    monkeypatch.setattr("portico.identity.users.parts.ASKED", 3)
    for _ in range(3):
        await users.forgot("nobody", source=HOME)
    with pytest.raises(TooManyAttempts) as told:
        await users.forgot("nobody", source=HOME)
    assert told.value.retry_after == 3600
    await users.forgot("nobody", source=ELSEWHERE)
    clock.advance(3601)
    await users.forgot("nobody", source=HOME)


async def test_a_user_is_sent_five_codes_an_hour(users, mailer):
    await sign_up(users)
    for _ in range(7):
        await users.resend_code("grace", source=HOME)
    assert len(await mailer.recent()) == 5


class TestClosed:
    @pytest.fixture
    def settings(self) -> PoolSettings:
        return PoolSettings(sign_up="closed")

    async def test_only_operators_make_accounts(self, users):
        with pytest.raises(SignUpClosed):
            await sign_up(users)


class TestByEmailAlone:
    @pytest.fixture
    def settings(self) -> PoolSettings:
        return PoolSettings(sign_in_with=("email",))

    async def test_a_name_is_made_up(self, users, code_for):
        await users.sign_up(None, PASSWORD, "grace@example.com", {}, source=HOME)
        user = await users.confirm("grace@example.com", await code_for("grace@example.com"), source=HOME)
        assert len(user.username) == 36
        assert await users.by_login(user.username) is None


class TestTriggers:
    @pytest.fixture
    def triggers(self) -> Triggers:
        self.confirmed = []

        def pre_sign_up(event: PreSignUp) -> None:
            if event.email.endswith("@evil.example"):
                raise Refused("Not from there.")
            if event.email.startswith("broken"):
                raise RuntimeError("the password of the directory is hunter2")

        async def post_confirmation(event: PostConfirmation) -> None:
            self.confirmed.append(event.user.username)
            raise OSError

        return Triggers({"pre_sign_up": pre_sign_up, "post_confirmation": post_confirmation})

    @pytest.fixture
    def settings(self) -> PoolSettings:
        return PoolSettings()

    async def test_the_project_refuses_with_a_sentence(self, users: Users):
        with pytest.raises(Refused, match="Not from there"):
            await users.sign_up("eve", PASSWORD, "eve@evil.example", {}, source=HOME)
        assert await users.by_login("eve") is None

    async def test_a_trigger_that_fails_denies_and_its_message_is_not_told(self, users: Users, caplog):
        with pytest.raises(TriggerFailed) as told:
            await users.sign_up("eve", PASSWORD, "broken@example.com", {}, source=HOME)
        assert "hunter2" not in str(told.value) + caplog.text
        assert "pre_sign_up failed: RuntimeError at test_sign_up.py" in caplog.text

    async def test_a_confirmation_stands_when_the_trigger_after_it_fails(self, users: Users, code_for, history):
        await users.sign_up("grace", PASSWORD, "grace@example.com", {}, source=HOME)
        await users.confirm("grace", await code_for("grace@example.com"), source=HOME)
        assert self.confirmed == ["grace"]
        assert (await users.sign_in("grace", PASSWORD, source=HOME)).status == "confirmed"
        assert [entry.details for entry in await history("trigger_failed")] == [{"trigger": "post_confirmation"}]


async def test_operators_are_told_what_is_taken(users, ada):
    from portico.identity.users.errors import NameTaken

    with pytest.raises(NameTaken, match="username"):
        await users.create(NewUser("aDa"))
    with pytest.raises(NameTaken, match="email"):
        await users.create(NewUser("other", "Ada@Example.com"))
