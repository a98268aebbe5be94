"""A new secret takes the place of the project's: second factors and waiting mails outlive the old one."""

from __future__ import annotations

from dataclasses import replace

from tests.portico.identity.mfa.conftest import HOME, App

from portico.identity.audit import AuditLog
from portico.identity.mail import Kind, MemoryMailer
from portico.identity.mfa import Mfa
from portico.identity.pool import Pool
from portico.identity.triggers import Triggers
from portico.identity.users.model import User
from portico.store import Secrets, sealed, tables


async def test_apps_recovery_codes_and_waiting_mails_outlive_the_secret(
    pool: Pool, mfa: Mfa, ada: User, audit: AuditLog, mailer: MemoryMailer
) -> None:
    old, new = Secrets.generate(), Secrets.generate()
    before = replace(pool, secrets=Secrets(old))
    mfa = Mfa(before, audit=audit, mailer=mailer)
    app = App((await mfa.begin_totp(ada)).secret.reveal(), pool.clock)
    codes = await mfa.confirm_totp(ada.id, app.code(seconds=-30), HOME)
    waiting = MemoryMailer(before, triggers=Triggers(), audit=audit)
    await pool.db.tx(waiting.queue, Kind.FORGOT_CODE, to="grace@example.com", code="482913")

    both = Secrets(new, [old])
    done = {one.column: one.resealed for one in sealed.reseal(pool.db, both, tables.load())}
    assert done["mfa_totp.secret"] == 1
    assert done["mfa_recovery_codes.digest"] == 10

    after = replace(pool, secrets=Secrets(new))
    later = MemoryMailer(after, triggers=Triggers(), audit=audit)
    mfa = Mfa(after, audit=audit, mailer=later)
    await mfa.verify_totp(ada.id, app.code(), HOME)
    assert await mfa.verify_recovery_code(ada.id, codes[0], HOME) == 9
    assert "482913" in [mail.code for mail in await later.recent()]
