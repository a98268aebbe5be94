"""What must not be seen is not seen: in logs at any level, in the audit log, in what errors say."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from tests.portico.identity.oidc.conftest import VERIFIER, Party
from tests.portico.identity.oidc.test_clients import agreed_code

from portico.identity.audit.tables import audit
from portico.identity.service import Identity


async def test_no_secret_is_in_debug_logs_or_in_the_audit_log(
    shop: Party, identity: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "portico", "authlib", "joserfc"):
        caplog.set_level(logging.DEBUG, name)
    code = await agreed_code(identity, shop)
    answer = (await shop.redeem(code)).json()
    fresh = (await shop.refresh(answer["refresh_token"])).json()
    wrong = shop.secret
    shop.secret = "a-wrong-secret-that-nobody-knows"
    refused = await shop.refresh(fresh["refresh_token"])
    assert refused.status_code == 401
    await shop.userinfo(answer["access_token"] + "x")
    written = "\n".join(
        [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    )

    def audited(connection: sa.Connection) -> str:
        return "\n".join(str(tuple(row)) for row in connection.execute(sa.select(audit)))

    kept = await identity.pool.db.read(audited)
    assert "token_issued" in kept
    assert "token_refused" in kept
    secrets = [
        code,
        VERIFIER,
        wrong,
        shop.secret,
        *(one[name] for one in (answer, fresh) for name in ("access_token", "id_token", "refresh_token")),
    ]
    for secret in secrets:
        assert secret
        assert secret not in written
        assert secret not in kept
        assert secret not in refused.text


async def test_refusals_do_not_quote_what_was_sent(chat: Party) -> None:
    marked = '"><script>alert(1)</script>'
    for response in (
        await chat.redeem(marked),
        await chat.refresh(marked),
        await chat.post("token", grant_type=marked),
        await chat.authorize(scope=marked, redirect_uri="http://localhost:8000/"),
        await chat.authorize(redirect_uri=marked),
        await chat.authorize(client_id=marked),
    ):
        assert "<script>alert" not in response.text
        assert "%3Cscript" not in response.headers.get("location", "")


async def test_a_flood_of_refusals_does_not_fill_the_audit_log(chat: Party, identity: Identity) -> None:
    for _ in range(120):
        await chat.refresh("x")

    def refusals(connection: sa.Connection) -> int:
        counted = sa.select(sa.func.count()).where(audit.c.event == "token_refused")
        return connection.execute(counted).scalar_one()

    assert await identity.pool.db.read(refusals) == 100
