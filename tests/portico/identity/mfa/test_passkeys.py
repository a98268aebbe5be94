"""Passkeys, and everything about them that can be bent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.mfa.authenticator import PRESENT, VERIFIED, Authenticator
from tests.portico.identity.mfa.conftest import HOME, Join, Told

from portico.identity.audit import AuditLog
from portico.identity.mail import MemoryMailer
from portico.identity.mfa import MethodNotOffered, Mfa, MfaError, NotEnrolled, PasskeyRefused, TooManyPasskeys
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.identity.users.model import User


@pytest.fixture
async def phone(mfa: Mfa, ada: User) -> Authenticator:
    """Ada's."""
    return await added(mfa, ada, Authenticator())


async def added(mfa: Mfa, user: User, passkey: Authenticator) -> Authenticator:
    answer = passkey.create(await mfa.registration_options(user, browser="b1"))
    await mfa.register_passkey(user, answer, name="Phone", browser="b1", source=HOME)
    return passkey


async def test_a_passkey_is_added_and_recovery_codes_with_the_first(
    mfa: Mfa, ada: User, mailer: MemoryMailer, told: Told, clock: ManualClock
) -> None:
    first, second = Authenticator(), Authenticator()
    answer = first.create(await mfa.registration_options(ada, browser="b1"))
    enrolled = await mfa.register_passkey(ada, answer, name=" My\r\nphone\x00 ", browser="b1", source=HOME)
    assert len(enrolled.recovery_codes) == 10
    assert enrolled.passkey is not None
    assert enrolled.passkey.name == "My phone"
    clock.advance(1)
    options = await mfa.registration_options(ada, browser="b1")
    assert len(json.loads(options)["excludeCredentials"]) == 1
    again = await mfa.register_passkey(ada, second.create(options), name="", browser="b1", source=HOME)
    assert again.recovery_codes == ()
    assert [passkey.name for passkey in (await mfa.methods_of(ada.id)).passkeys] == ["My phone", "Passkey"]
    assert 'passkey "My phone" has been added' in (await mailer.recent())[1].text
    assert await told() == [("mfa_added", "success")] * 2


async def test_a_passkey_is_a_second_factor(mfa: Mfa, ada: User, phone: Authenticator, told: Told) -> None:
    phone.flags = PRESENT
    options = await mfa.authentication_options(browser="b1", user_id=ada.id)
    passkey = await mfa.verify_passkey(phone.get(options), browser="b1", source=HOME, user_id=ada.id)
    assert passkey.user_id == ada.id
    assert (await told())[-1] == ("mfa_passed", "success")
    assert (await mfa.methods_of(ada.id)).passkeys[0].last_used_at is not None


async def test_a_passkey_alone_says_who_it_is(mfa: Mfa, ada: User, phone: Authenticator, join: Join) -> None:
    await added(mfa, await join("eve"), Authenticator())
    options = await mfa.authentication_options(browser="b1")
    assert json.loads(options)["userVerification"] == "required"
    assert json.loads(options)["allowCredentials"] == []
    assert (await mfa.verify_passkey(phone.get(options), browser="b1", source=HOME)).user_id == ada.id


async def test_a_passkey_alone_must_have_verified_its_person(mfa: Mfa, phone: Authenticator) -> None:
    phone.flags = PRESENT
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(phone.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)


@pytest.mark.parametrize("handle", [b"", b"somebody-else"])
async def test_a_passkey_alone_must_name_its_person(mfa: Mfa, phone: Authenticator, handle: bytes) -> None:
    phone.user_handle = handle
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(phone.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)


async def test_a_passkey_of_another_is_no_second_factor(mfa: Mfa, ada: User, phone: Authenticator, join: Join) -> None:
    eves = await added(mfa, await join("eve"), Authenticator())
    options = await mfa.authentication_options(browser="b1", user_id=ada.id)
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(eves.get(options), browser="b1", source=HOME, user_id=ada.id)


async def test_an_answer_for_a_second_factor_does_not_sign_in_alone_nor_the_other_way_round(
    mfa: Mfa, ada: User, phone: Authenticator
) -> None:
    second = phone.get(await mfa.authentication_options(browser="b1", user_id=ada.id))
    alone = phone.get(await mfa.authentication_options(browser="b1"))
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(second, browser="b1", source=HOME)
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(alone, browser="b1", source=HOME, user_id=ada.id)


async def test_an_answer_is_good_once_also_when_it_is_sent_twenty_times_at_once(mfa: Mfa, phone: Authenticator) -> None:
    phone.counts = False  # many authenticators do not count: the challenge alone must do
    answer = phone.get(await mfa.authentication_options(browser="b1"))
    tries = [mfa.verify_passkey(answer, browser="b1", source=HOME) for _ in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, PasskeyRefused) for result in results) == 19
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(answer, browser="b1", source=HOME)


async def test_an_answer_in_another_browser_is_refused(mfa: Mfa, phone: Authenticator) -> None:
    answer = phone.get(await mfa.authentication_options(browser="b1"))
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(answer, browser="b2", source=HOME)


async def test_an_answer_after_five_minutes_is_refused(mfa: Mfa, phone: Authenticator, clock: ManualClock) -> None:
    answer = phone.get(await mfa.authentication_options(browser="b1"))
    clock.advance(300)
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(answer, browser="b1", source=HOME)


async def test_a_counter_that_does_not_grow_betrays_a_copy(mfa: Mfa, phone: Authenticator, told: Told) -> None:
    copy = replace(phone)
    for _ in range(2):
        answer = phone.get(await mfa.authentication_options(browser="b1"))
        await mfa.verify_passkey(answer, browser="b1", source=HOME)
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(copy.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)
    assert (await told())[-1] == ("mfa_failed", "failure")


BENT = {
    "another origin": {"origin": "https://evil.example"},
    "the origin with another port": {"origin": "http://localhost:8001"},
    "another relying party": {"rp_id": "evil.example"},
    "nobody present": {"flags": VERIFIED},
    "within another site's page": {"client_data": {"crossOrigin": True}},
    "another act": {"client_data": {"type": "payment.get"}},
    "a made-up challenge": {"client_data": {"challenge": "AAAA" * 18}},
    "an empty challenge": {"client_data": {"challenge": ""}},
    "a challenge that is no text": {"client_data": {"challenge": 7}},
}


@pytest.mark.parametrize("bend", BENT.values(), ids=list(BENT))
async def test_what_does_not_fit_is_refused(mfa: Mfa, phone: Authenticator, bend: dict[str, object]) -> None:
    bent = replace(phone, **bend)  # type: ignore[arg-type]
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(bent.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)


@pytest.mark.parametrize("bend", BENT.values(), ids=list(BENT))
async def test_a_registration_that_does_not_fit_is_refused(mfa: Mfa, ada: User, bend: dict[str, object]) -> None:
    bent = Authenticator(**bend)  # type: ignore[arg-type]
    answer = bent.create(await mfa.registration_options(ada, browser="b1"))
    with pytest.raises(PasskeyRefused):
        await mfa.register_passkey(ada, answer, name="", browser="b1", source=HOME)
    assert not (await mfa.methods_of(ada.id)).any


async def test_a_registration_counts_once_and_for_who_asked(mfa: Mfa, ada: User, join: Join) -> None:
    eve = await join("eve")
    answer = Authenticator().create(await mfa.registration_options(ada, browser="b1"))
    with pytest.raises(PasskeyRefused):
        await mfa.register_passkey(eve, answer, name="", browser="b1", source=HOME)
    await mfa.register_passkey(ada, answer, name="", browser="b1", source=HOME)
    with pytest.raises(PasskeyRefused):
        await mfa.register_passkey(ada, answer, name="", browser="b1", source=HOME)


async def test_a_credential_of_somebody_cannot_be_added_by_another(mfa: Mfa, phone: Authenticator, join: Join) -> None:
    eve = await join("eve")
    thief = Authenticator(id=phone.id)
    answer = thief.create(await mfa.registration_options(eve, browser="b1"))
    with pytest.raises(PasskeyRefused):
        await mfa.register_passkey(eve, answer, name="", browser="b1", source=HOME)


async def test_another_key_under_a_known_id_is_refused(mfa: Mfa, phone: Authenticator) -> None:
    thief = Authenticator(id=phone.id, user_handle=phone.user_handle, count=100)
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(thief.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)


@pytest.mark.parametrize(
    "garbage", ["", "null", "[]", "{}", "\x00", '{"id": 1}', "[" * 5_000, '{"id":"a","rawId":"a","type":"public-key"}']
)
async def test_garbage_is_refused(mfa: Mfa, ada: User, garbage: str) -> None:
    with pytest.raises(PasskeyRefused):
        await mfa.verify_passkey(garbage, browser="b1", source=HOME)
    with pytest.raises(PasskeyRefused):
        await mfa.register_passkey(ada, garbage, name="", browser="b1", source=HOME)


async def test_every_changed_byte_of_an_answer_is_refused(mfa: Mfa, phone: Authenticator) -> None:
    phone.counts = False
    answer = json.loads(phone.get(await mfa.authentication_options(browser="b1")))
    for part in ("authenticatorData", "signature", "clientDataJSON"):
        text = answer["response"][part]
        for place in range(0, len(text) - 1, 9):
            changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
            bent = {**answer, "response": {**answer["response"], part: changed}}
            with pytest.raises(PasskeyRefused):
                await mfa.verify_passkey(json.dumps(bent), browser="b1", source=HOME)
    await mfa.verify_passkey(json.dumps(answer), browser="b1", source=HOME)


async def test_a_passkey_is_renamed_and_taken_away_by_its_owner_only(
    mfa: Mfa, ada: User, phone: Authenticator, join: Join
) -> None:
    eve = await join("eve")
    [passkey] = (await mfa.methods_of(ada.id)).passkeys
    for attempt in (
        mfa.rename_passkey(eve.id, passkey.id, "Mine", HOME),
        mfa.remove_passkey(eve.id, passkey.id, HOME),
    ):
        with pytest.raises(NotEnrolled):
            await attempt
    await mfa.rename_passkey(ada.id, passkey.id, "Tablet", HOME)
    assert (await mfa.methods_of(ada.id)).passkeys[0].name == "Tablet"
    await mfa.remove_passkey(ada.id, passkey.id, HOME)
    assert not (await mfa.methods_of(ada.id)).any
    with pytest.raises(MfaError):
        await mfa.verify_passkey(phone.get(await mfa.authentication_options(browser="b1")), browser="b1", source=HOME)


async def test_only_so_many_passkeys_belong_to_one_person(mfa: Mfa, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from portico.identity.mfa import passkeys

    monkeypatch.setattr(passkeys, "MOST", 1)
    answers = [Authenticator().create(await mfa.registration_options(ada, browser="b1")) for _ in range(2)]
    await mfa.register_passkey(ada, answers[0], name="", browser="b1", source=HOME)
    with pytest.raises(TooManyPasskeys):
        await mfa.register_passkey(ada, answers[1], name="", browser="b1", source=HOME)
    with pytest.raises(TooManyPasskeys):
        await mfa.registration_options(ada, browser="b1")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "https://[2001:db8::1]"])
async def test_an_origin_without_a_name_offers_no_passkeys(
    pool: Pool, ada: User, audit: AuditLog, mailer: MemoryMailer, origin: str
) -> None:
    mfa = Mfa(replace(pool, origin=origin), audit=audit, mailer=mailer)
    assert not mfa.offers_passkeys
    with pytest.raises(MethodNotOffered):
        await mfa.registration_options(ada, browser="b1")
    with pytest.raises(MethodNotOffered):
        await mfa.authentication_options(browser="b1")


async def test_a_pool_may_have_passkeys_as_second_factor_only(
    pool: Pool, ada: User, audit: AuditLog, mailer: MemoryMailer
) -> None:
    mfa = Mfa(replace(pool, settings=PoolSettings(passkeys_alone=False)), audit=audit, mailer=mailer)
    phone = await added(mfa, ada, Authenticator())
    with pytest.raises(MethodNotOffered):
        await mfa.authentication_options(browser="b1")
    options = await mfa.authentication_options(browser="b1", user_id=ada.id)
    with pytest.raises(MethodNotOffered):
        await mfa.verify_passkey(phone.get(options), browser="b1", source=HOME)


async def test_asking_for_challenges_leaves_nothing_behind(mfa: Mfa, pool: Pool) -> None:
    import sqlalchemy as sa

    from portico.identity.mfa.tables import spent_challenges

    for _ in range(50):
        await mfa.authentication_options(browser="b1")
    count = sa.select(sa.func.count()).select_from(spent_challenges)
    assert await pool.db.read(lambda connection: connection.execute(count).scalar_one()) == 0
