"""Recovery codes."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.mfa.conftest import HOME, App, Join

from portico.identity.mail import MemoryMailer
from portico.identity.mfa import Mfa, NotEnrolled, TooManyCodes, WrongCode
from portico.identity.mfa.tables import recovery_codes
from portico.identity.pool import Pool
from portico.identity.users.model import User


@pytest.fixture
async def codes(mfa: Mfa, ada: User, pool: Pool) -> tuple[str, ...]:
    app = App((await mfa.begin_totp(ada)).secret.reveal(), pool.clock)
    return await mfa.confirm_totp(ada.id, app.code(seconds=-30), HOME)


async def test_each_code_is_good_once(mfa: Mfa, ada: User, codes: tuple[str, ...], mailer: MemoryMailer) -> None:
    assert await mfa.verify_recovery_code(ada.id, codes[3], HOME) == 9
    with pytest.raises(WrongCode):
        await mfa.verify_recovery_code(ada.id, codes[3], HOME)
    assert await mfa.verify_recovery_code(ada.id, codes[4], HOME) == 8
    assert "8 are left" in (await mailer.recent(1))[0].text


async def test_a_code_given_twenty_times_at_once_is_good_once(mfa: Mfa, ada: User, codes: tuple[str, ...]) -> None:
    tries = [mfa.verify_recovery_code(ada.id, codes[0], HOME) for _ in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(9) == 1
    assert sum(isinstance(result, WrongCode | TooManyCodes) for result in results) == 19


async def test_a_code_may_be_typed_carelessly(mfa: Mfa, ada: User, codes: tuple[str, ...]) -> None:
    careless = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert await mfa.verify_recovery_code(ada.id, careless, HOME) == 9


async def test_codes_are_good_while_the_app_is_locked(mfa: Mfa, ada: User, codes: tuple[str, ...]) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await mfa.verify_totp(ada.id, "", HOME)
    with pytest.raises(TooManyCodes):
        await mfa.verify_totp(ada.id, "", HOME)
    await mfa.verify_recovery_code(ada.id, codes[0], HOME)


async def test_guessing_is_slowed(mfa: Mfa, ada: User, codes: tuple[str, ...], clock: ManualClock) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await mfa.verify_recovery_code(ada.id, "7K2M-94QX-0000-0000", HOME)
    with pytest.raises(TooManyCodes) as caught:
        await mfa.verify_recovery_code(ada.id, codes[0], HOME)
    clock.advance(caught.value.retry_after)
    await mfa.verify_recovery_code(ada.id, codes[0], HOME)


@pytest.mark.parametrize("code", ["", "----", "\ud800", "\x00", "0" * 10_000])
async def test_what_is_no_code_is_wrong(mfa: Mfa, ada: User, codes: tuple[str, ...], code: str) -> None:
    with pytest.raises(WrongCode):
        await mfa.verify_recovery_code(ada.id, code, HOME)


async def test_new_codes_void_the_old(mfa: Mfa, ada: User, codes: tuple[str, ...]) -> None:
    new = await mfa.new_recovery_codes(ada.id, HOME)
    assert len(new) == 10
    with pytest.raises(WrongCode):
        await mfa.verify_recovery_code(ada.id, codes[0], HOME)
    await mfa.verify_recovery_code(ada.id, new[0], HOME)


async def test_there_are_no_codes_without_a_second_factor(mfa: Mfa, ada: User) -> None:
    with pytest.raises(NotEnrolled):
        await mfa.new_recovery_codes(ada.id, HOME)


async def test_codes_of_others_are_wrong(mfa: Mfa, ada: User, codes: tuple[str, ...], join: Join) -> None:
    eve = await join("eve")
    with pytest.raises(WrongCode):
        await mfa.verify_recovery_code(eve.id, codes[0], HOME)


async def test_the_database_holds_no_code(mfa: Mfa, ada: User, codes: tuple[str, ...], pool: Pool) -> None:
    rows = await pool.db.read(lambda connection: str(connection.execute(sa.select(recovery_codes)).all()))
    for code in codes:
        assert code not in rows
        assert code.replace("-", "") not in rows


async def test_the_codes_go_with_the_last_method(mfa: Mfa, ada: User, codes: tuple[str, ...]) -> None:
    await mfa.remove_totp(ada.id, HOME)
    assert (await mfa.methods_of(ada.id)).recovery_codes == 0
