"""Who needs a second factor, and who may not lose the last one."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa
from tests.portico.identity.mfa.authenticator import Authenticator
from tests.portico.identity.mfa.conftest import HOME, App, Join
from tests.portico.identity.mfa.test_passkeys import added

from portico.identity.audit import AuditLog
from portico.identity.mail import MemoryMailer
from portico.identity.mfa import LastMethod, MethodNotOffered, Mfa, NotEnrolled, held_of, policy_for
from portico.identity.mfa.tables import attempts, passkeys, recovery_codes, totp
from portico.identity.pool import Pool
from portico.identity.settings import Group, MfaPolicy, PoolSettings
from portico.identity.users import repository
from portico.identity.users.model import User

STRICT = PoolSettings(mfa="optional", groups={"florists": Group(mfa="required"), "guests": Group(mfa="off")})


@pytest.fixture
def settings() -> PoolSettings:
    return STRICT


@pytest.mark.parametrize(
    ("pool_says", "groups", "policy"),
    [
        ("off", (), "off"),
        ("optional", (), "optional"),
        ("required", (), "required"),
        ("off", ("florists",), "required"),
        ("optional", ("guests", "florists"), "required"),
        ("required", ("guests",), "required"),
        ("optional", ("guests",), "optional"),
        ("off", ("no longer declared",), "off"),
    ],
)
def test_a_group_can_only_be_stricter(pool_says: MfaPolicy, groups: tuple[str, ...], policy: MfaPolicy) -> None:
    settings = PoolSettings(mfa=pool_says, groups=STRICT.groups)
    assert policy_for(groups, settings) == policy


async def test_the_last_method_stays_where_one_is_required(mfa: Mfa, join: Join, pool: Pool) -> None:
    florist = await join("flora", "florists")
    assert mfa.required_for(florist) == "required"
    app = App((await mfa.begin_totp(florist)).secret.reveal(), pool.clock)
    await mfa.confirm_totp(florist.id, app.code(), HOME)
    with pytest.raises(LastMethod):
        await mfa.remove_totp(florist.id, HOME)
    await added(mfa, florist, Authenticator())
    await mfa.remove_totp(florist.id, HOME)
    methods = await mfa.methods_of(florist.id)
    assert methods.recovery_codes == 10
    with pytest.raises(LastMethod):
        await mfa.remove_passkey(florist.id, methods.passkeys[0].id, HOME)


async def test_what_is_not_there_cannot_be_removed(mfa: Mfa, ada: User) -> None:
    with pytest.raises(NotEnrolled):
        await mfa.remove_totp(ada.id, HOME)
    await mfa.begin_totp(ada)
    with pytest.raises(NotEnrolled):
        await mfa.remove_totp(ada.id, HOME)


async def test_a_method_that_is_no_longer_offered_still_protects_its_owner(
    pool: Pool, ada: User, app: App, audit: AuditLog, mailer: MemoryMailer
) -> None:
    later = Mfa(replace(pool, settings=PoolSettings(mfa_methods=("passkey",))), audit=audit, mailer=mailer)
    assert not later.offers_totp
    with pytest.raises(MethodNotOffered):
        await later.begin_totp(ada)
    assert (await later.methods_of(ada.id)).totp
    await later.verify_totp(ada.id, app.code(), HOME)


def count(connection: sa.Connection) -> int:
    tables = (totp, recovery_codes, passkeys, attempts)
    return sum(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables)


async def test_an_operator_takes_everything_away_and_the_owner_hears_of_it(
    mfa: Mfa, ada: User, app: App, pool: Pool, mailer: MemoryMailer
) -> None:
    await added(mfa, ada, Authenticator())
    await mfa.reset(ada.id, HOME)
    assert await pool.db.read(count) == 0
    assert "those who run this site" in (await mailer.recent(1))[0].text


async def test_people_may_see_what_is_held_and_no_secret_is_among_it(mfa: Mfa, ada: User, app: App, pool: Pool) -> None:
    await added(mfa, ada, Authenticator())
    held = await pool.db.read(held_of, ada.id)
    assert (held["authenticator_app"], held["recovery_codes_left"]) == (True, 10)
    [passkey] = msgspec.json.decode(msgspec.json.encode(held))["passkeys"]
    assert set(passkey) == {"id", "name", "created_at", "last_used_at", "backed_up"}


async def test_everything_goes_with_the_user(mfa: Mfa, ada: User, app: App, pool: Pool) -> None:
    await added(mfa, ada, Authenticator())
    await pool.db.tx(repository.delete, ada.id, pool.clock())
    assert await pool.db.read(count) == 0
