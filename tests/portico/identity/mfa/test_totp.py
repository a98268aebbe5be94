"""Authenticator apps, and those who guess or replay their codes."""

from __future__ import annotations

import asyncio
import logging

import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.mfa.conftest import HOME, App, Join, Told

from portico.identity.mail import Kind, MemoryMailer
from portico.identity.mfa import Mfa, MfaError, NotEnrolled, TooManyCodes, WrongCode
from portico.identity.mfa.tables import totp
from portico.identity.pool import Pool
from portico.identity.users.model import User
from portico.store import NotSealedHere


async def test_an_app_is_set_up_and_then_asked_for(
    mfa: Mfa, ada: User, pool: Pool, mailer: MemoryMailer, told: Told
) -> None:
    setup = await mfa.begin_totp(ada)
    assert not (await mfa.methods_of(ada.id)).any
    assert setup.uri.reveal().startswith("otpauth://totp/localhost%3A8000:ada?secret=")
    assert setup.qr.reveal().startswith("<svg ")
    assert setup.secret.reveal() not in repr(setup)
    app = App(setup.secret.reveal(), pool.clock)
    codes = await mfa.confirm_totp(ada.id, app.code(), HOME)
    assert len(set(codes)) == 10
    methods = await mfa.methods_of(ada.id)
    assert (methods.totp, methods.recovery_codes, methods.any) == (True, 10, True)
    [mail] = await mailer.recent()
    assert (mail.kind, mail.to) == (Kind.MFA_CHANGED, "ada@example.com")
    assert await told() == [("mfa_added", "success")]


async def test_a_wrong_first_code_does_not_set_up_anything(mfa: Mfa, ada: User, pool: Pool) -> None:
    app = App((await mfa.begin_totp(ada)).secret.reveal(), pool.clock)
    with pytest.raises(WrongCode):
        await mfa.confirm_totp(ada.id, app.wrong(), HOME)
    assert not (await mfa.methods_of(ada.id)).any
    await mfa.confirm_totp(ada.id, app.code(), HOME)


async def test_a_set_up_that_took_too_long_is_over(mfa: Mfa, ada: User, clock: ManualClock) -> None:
    app = App((await mfa.begin_totp(ada)).secret.reveal(), clock)
    clock.advance(900)
    with pytest.raises(NotEnrolled):
        await mfa.confirm_totp(ada.id, app.code(), HOME)


async def test_the_old_app_is_good_until_the_new_one_has_proved_itself(
    mfa: Mfa, ada: User, app: App, clock: ManualClock
) -> None:
    new = App((await mfa.begin_totp(ada)).secret.reveal(), clock)
    await mfa.verify_totp(ada.id, app.code(), HOME)
    assert await mfa.confirm_totp(ada.id, new.code(), HOME) == ()
    clock.advance(60)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, app.code(), HOME)
    await mfa.verify_totp(ada.id, new.code(), HOME)


async def test_the_first_code_cannot_be_used_again_to_sign_in(mfa: Mfa, ada: User, clock: ManualClock) -> None:
    app = App((await mfa.begin_totp(ada)).secret.reveal(), clock)
    await mfa.confirm_totp(ada.id, app.code(), HOME)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, app.code(), HOME)


async def test_a_code_is_taken_once(mfa: Mfa, ada: User, app: App, clock: ManualClock) -> None:
    code = app.code()
    await mfa.verify_totp(ada.id, code, HOME)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, code, HOME)
    clock.advance(30)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, code, HOME)


async def test_a_code_given_twenty_times_at_once_is_taken_once(mfa: Mfa, ada: User, app: App) -> None:
    tries = [mfa.verify_totp(ada.id, app.code(), HOME) for _ in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == 1
    assert all(isinstance(result, MfaError) for result in results if result is not None)


async def test_an_older_code_does_not_count_after_a_newer_one(mfa: Mfa, ada: User, app: App) -> None:
    older, newer = app.code(), app.code(seconds=30)
    await mfa.verify_totp(ada.id, newer, HOME)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, older, HOME)


@pytest.mark.parametrize("seconds", [-30, 30])
async def test_a_telephone_may_be_half_a_minute_off(
    mfa: Mfa, ada: User, app: App, clock: ManualClock, seconds: float
) -> None:
    clock.advance(60)
    await mfa.verify_totp(ada.id, f" {app.code(seconds=seconds)[:3]} {app.code(seconds=seconds)[3:]} ", HOME)


@pytest.mark.parametrize("seconds", [-60, 60])
async def test_a_telephone_may_not_be_a_minute_off(
    mfa: Mfa, ada: User, app: App, clock: ManualClock, seconds: float
) -> None:
    clock.advance(90)
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, app.code(seconds=seconds), HOME)


@pytest.mark.parametrize(
    "code",
    ["", "12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "\ud800", "\x00" * 6, "0" * 10_000],
)
async def test_what_is_no_code_is_wrong(mfa: Mfa, ada: User, app: App, code: str) -> None:
    with pytest.raises(WrongCode):
        await mfa.verify_totp(ada.id, code, HOME)


async def test_codes_of_others_are_wrong(mfa: Mfa, ada: User, app: App, join: Join) -> None:
    eve = await join("eve")
    with pytest.raises(NotEnrolled):
        await mfa.verify_totp(eve.id, app.code(), HOME)


async def test_after_five_wrong_codes_each_further_one_costs_twice_as_long(
    mfa: Mfa, ada: User, app: App, clock: ManualClock
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await mfa.verify_totp(ada.id, app.wrong(), HOME)
    pauses = []
    for _ in range(13):
        with pytest.raises(TooManyCodes) as caught:
            await mfa.verify_totp(ada.id, app.code(), HOME)
        pauses.append(caught.value.retry_after)
        clock.advance(caught.value.retry_after)
        with pytest.raises(WrongCode):
            await mfa.verify_totp(ada.id, app.wrong(), HOME)
    assert pauses[:4] == [60, 120, 240, 480]
    assert pauses[-2:] == [86_400, 86_400]


async def test_a_right_code_begins_anew(mfa: Mfa, ada: User, app: App, clock: ManualClock) -> None:
    for _ in range(4):
        with pytest.raises(WrongCode):
            await mfa.verify_totp(ada.id, app.wrong(), HOME)
    await mfa.verify_totp(ada.id, app.code(), HOME)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await mfa.verify_totp(ada.id, app.wrong(), HOME)
    clock.advance(30)
    await mfa.verify_totp(ada.id, app.code(), HOME)


async def test_fifty_wrong_codes_at_once_are_five_tries_and_one_mail(
    mfa: Mfa, ada: User, app: App, mailer: MemoryMailer, told: Told
) -> None:
    tries = [mfa.verify_totp(ada.id, app.wrong(), HOME) for _ in range(50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, WrongCode) for result in results) == 5
    assert sum(isinstance(result, TooManyCodes) for result in results) == 45
    assert [mail.kind for mail in await mailer.recent()].count(Kind.MFA_FAILING) == 1
    assert (await told()).count(("mfa_failed", "failure")) == 5
    assert ("mfa_locked", "success") in await told()


async def test_a_secret_in_the_database_is_sealed_to_its_user(
    mfa: Mfa, ada: User, join: Join, pool: Pool, app: App
) -> None:
    eve = await join("eve")
    await mfa.begin_totp(eve)

    def swap(connection: sa.Connection) -> None:
        stolen = connection.execute(sa.select(totp.c.secret).where(totp.c.user_id == ada.id)).scalar()
        connection.execute(totp.update().where(totp.c.user_id == eve.id).values(secret=stolen))

    await pool.db.tx(swap)
    with pytest.raises(NotSealedHere):
        await mfa.verify_totp(eve.id, app.code(), HOME)


async def test_no_log_tells_a_secret_or_a_code(
    mfa: Mfa, ada: User, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = (await mfa.begin_totp(ada)).secret.reveal()
    app = App(secret, pool.clock)
    codes = await mfa.confirm_totp(ada.id, app.code(), HOME)
    for text in (secret, app.code(), codes[0]):
        assert text not in caplog.text
