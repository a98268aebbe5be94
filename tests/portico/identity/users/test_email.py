"""A new e-mail address."""

from __future__ import annotations

import pytest

from portico.identity.users import NewUser
from portico.identity.users.errors import Invalid, WrongCode

from .conftest import HOME, PASSWORD


async def test_the_old_address_stays_until_the_new_one_is_proved_and_is_told(users, ada, code_for, mailer):
    await users.change_email(ada.id, "ada@new.example", source=HOME)
    assert (await users.by_id(ada.id)).email == "ada@example.com"
    assert await users.by_login("ada@new.example") is None
    user = await users.confirm_email(ada.id, await code_for("ada@new.example"), source=HOME)
    assert (user.email, user.email_verified) == ("ada@new.example", True)
    assert (await users.sign_in("ada@new.example", PASSWORD, source=HOME)).id == ada.id
    assert [(str(mail.kind), mail.to) for mail in await mailer.recent()] == [
        ("email_changed", "ada@example.com"),
        ("email_code", "ada@new.example"),
    ]


async def test_an_address_that_somebody_has_is_not_told_to_the_asker(users, ada, mailer):
    bob = await users.create(NewUser("bob", "bob@example.com", email_verified=True), password=PASSWORD)
    assert await users.change_email(ada.id, "BOB@example.com", source=HOME) is None
    assert [str(mail.kind) for mail in await mailer.recent()] == ["already_registered"]
    assert (await users.by_id(bob.id)).email == "bob@example.com"


async def test_who_proves_an_address_first_has_it(users, ada, code_for):
    bob = await users.create(NewUser("bob", "bob@example.com", email_verified=True), password=PASSWORD)
    await users.change_email(ada.id, "shared@example.com", source=HOME)
    first = await code_for("shared@example.com")
    await users.change_email(bob.id, "shared@example.com", source=HOME)
    second = await code_for("shared@example.com")
    await users.confirm_email(bob.id, second, source=HOME)
    with pytest.raises(WrongCode):
        await users.confirm_email(ada.id, first, source=HOME)


async def test_a_sign_up_that_nobody_confirmed_does_not_hold_an_address(users, ada, code_for):
    await users.sign_up("mallory", PASSWORD, "ada@new.example", {}, source=HOME)
    await users.change_email(ada.id, "ada@new.example", source=HOME)
    await users.confirm_email(ada.id, await code_for("ada@new.example"), source=HOME)
    assert await users.by_login("mallory") is None


async def test_a_new_request_replaces_the_address_that_a_code_proves(users, ada, code_for):
    await users.change_email(ada.id, "first@example.com", source=HOME)
    first = await code_for("first@example.com")
    await users.change_email(ada.id, "second@example.com", source=HOME)
    with pytest.raises(WrongCode):
        await users.confirm_email(ada.id, first, source=HOME)


@pytest.mark.parametrize("address", ["", "ada", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@example.com", "a@exa mple.com"])
async def test_what_is_no_address_is_refused(users, ada, address):
    with pytest.raises(Invalid):
        await users.change_email(ada.id, address, source=HOME)


async def test_a_code_for_a_new_password_dies_with_the_address_that_it_was_sent_to(users, ada, code_for):
    await users.change_email(ada.id, "ada@new.example", source=HOME)
    proof = await code_for("ada@new.example")
    await users.forgot("ada", source=HOME)
    code = await code_for("ada@example.com")
    await users.confirm_email(ada.id, proof, source=HOME)
    with pytest.raises(WrongCode):
        await users.reset("ada", code, "a wholly different one", source=HOME)
