"""A pool that gives credentials: real tokens of real users, real roles, a feed that is looked at on demand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests.portico.access.conftest import SHOP
from tests.portico.identity.conftest import ManualClock

from portico import design
from portico.access import Principal, Roles
from portico.identity.audit import AuditLog
from portico.identity.audit.tables import audit
from portico.identity.credentials import CredentialService, Resolved
from portico.identity.keys import SigningKeys
from portico.identity.oidc import Tokens
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations
from portico.identity.settings import Attribute, Client, Group, PoolSettings
from portico.identity.source import LOCAL
from portico.identity.triggers import Triggers
from portico.identity.users import accounts
from portico.identity.users.accounts import NewUser
from portico.identity.users.model import User
from portico.identity.verify import TokenVerifier
from portico.store.feed import Change, Feed, publish

ROLES = """
roles:
  visitor:
    assigned_to: {signed_in: true}
    statements:
      - {id: own, effect: allow, api: shop, operations: getOrder, paths: "/orders/${claims.sub}/*"}
      - {id: suspended, effect: deny, api: shop, operations: "*", claims: {suspended: true}}
  florist:
    assigned_to: {groups: [florists]}
    max_duration: 30m
    statements: [{effect: allow, api: shop, operations: "*"}]
  stranger:
    assigned_to: {guests: true}
    statements: [{effect: allow, api: shop, operations: listOrders}]
  backend:
    assigned_to: {clients: [batch]}
    statements: [{effect: allow, api: shop, operations: "*"}]
"""


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(
        algorithm="ES256",
        guests=True,
        groups={"florists": Group()},
        attributes={"suspended": Attribute(type="boolean", mutable=False)},
        clients={
            "web": Client(redirect_uris=("/", "https://shop.example/in")),
            "partner": Client(consent=True, redirect_uris=("https://partner.example/in",)),
            "batch": Client(type="confidential", grants=("client_credentials",)),
        },
    )


@dataclass
class World:
    """Everything that a test of credentials touches."""

    pool: Pool
    clock: ManualClock
    roles: Roles
    feed: Feed
    keys: SigningKeys
    tokens: Tokens
    verifier: TokenVerifier
    service: CredentialService
    client: TestClient

    async def user(self, name: str = "ada", groups: tuple[str, ...] = (), **attributes: Any) -> User:
        new = NewUser(username=name, email=f"{name}@shop.example", groups=groups, attributes=attributes)
        return await self.pool.db.tx(
            accounts.add, self.pool, AuditLog(self.pool), new, now=self.clock() - 10, source=LOCAL, by="operator"
        )

    async def token(self, user: User | None, client: str = "web", **more: Any) -> str:
        return await self.tokens.mint_access_token(user, client, ["openid"], **more)

    def ask(self, token: str | None = None, *, raw: bytes | None = None, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.client.post(
            "/auth/main/credentials", content=raw if raw is not None else json.dumps(body), headers=headers
        )

    async def given(self, token: str | None = None, **body: Any) -> dict[str, Any]:
        answer = self.ask(token, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def who(self, given: dict[str, Any]) -> Principal:
        return (await self.resolve(given["AccessKeyId"], given["SessionToken"])).principal

    async def resolve(self, access_key_id: str, session_token: str | None = None) -> Resolved:
        found = self.service.resolve(access_key_id, session_token, self.clock())
        return found if isinstance(found, Resolved) else await found

    async def tell(self, *changes: Change) -> None:
        """Publish changes, and let this process hear them."""

        def said(connection: sa.Connection) -> None:
            for change in changes:
                publish(connection, change)

        await self.pool.db.tx(said)
        await self.feed.look()

    async def audited(self) -> list[tuple[str, str]]:
        def read(connection: sa.Connection) -> list[tuple[str, str]]:
            return [(row.event, row.outcome) for row in connection.execute(sa.select(audit).order_by(audit.c.id))]

        return await self.pool.db.read(read)

    def another_worker(self) -> CredentialService:
        """The same project in another process."""
        return CredentialService(
            self.pool,
            roles=self.roles,
            audit=AuditLog(self.pool),
            verify=self.verifier,
            revocations=Revocations(self.clock),
        )


@pytest.fixture
async def world(pool: Pool, clock: ManualClock, tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "roles.yaml").write_text(ROLES)
    (tmp_path / "shop.yaml").write_text(SHOP)
    pool = replace(pool, clock=clock)
    log = AuditLog(pool)
    roles = Roles.load(tmp_path, pool.settings, apis=[design.read(tmp_path / "shop.yaml", root=tmp_path)])
    keys = SigningKeys(pool, audit=log)
    revocations = Revocations(clock)
    verifier = TokenVerifier(pool, keys=keys, revocations=revocations)
    service = CredentialService(pool, roles=roles, audit=log, verify=verifier, revocations=revocations)
    feed = Feed(pool.db, clock)
    for listener in (revocations.hear, verifier.hear, service.hear):
        feed.listen(listener)
    await keys.start()
    await feed.look()
    app = Starlette(routes=[Mount(pool.path, routes=service.routes())])
    with TestClient(app, base_url=pool.origin) as client:
        yield World(
            pool, clock, roles, feed, keys, Tokens(pool, keys=keys, triggers=Triggers()), verifier, service, client
        )
