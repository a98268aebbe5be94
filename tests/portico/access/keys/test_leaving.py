"""The API keys of somebody who is disabled, or whose account is deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portico.access.keys.conftest import World

from portico.access.keys.errors import ApiKeyDisabled
from portico.config import Config
from portico.identity.audit import Event
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import PoolSettings
from portico.identity.source import LOCAL
from portico.identity.users.accounts import NewUser


@pytest.fixture
def identity(world: World, tmp_path: Path) -> Identity:
    state = world.state
    pool = Pool(PoolSettings(), "http://localhost", state.db, state.secrets, state.clock, tmp_path, development=True)
    return Identity.of(pool, Config())


@pytest.mark.parametrize("how", ["disable", "delete"])
async def test_who_leaves_takes_no_key_that_works_along(world: World, identity: Identity, how: str) -> None:
    ada = await identity.users.create(NewUser(username="ada"), password="a lantern on the quay")
    mine, other = await world.made(user_id=ada.id), await world.made()
    assert (await world.resolve(mine)).key.user_id == ada.id
    await getattr(identity.users, how)(ada.id, source=LOCAL)
    await world.heard()
    with pytest.raises(ApiKeyDisabled):
        await world.resolve(mine)
    assert await world.resolve(other)
    events = [(entry.event, entry.details) for entry in await world.audited()]
    assert (Event.API_KEY_DISABLED, {"key": mine.key.id}) in events


async def test_what_people_take_along_names_their_keys_and_no_secret(world: World, identity: Identity) -> None:
    ada = await identity.users.create(NewUser(username="ada"), password="a lantern on the quay")
    mine = await world.made(user_id=ada.id)
    held = await identity.users.export(ada.id)
    assert [key["id"] for key in held["api_keys"]] == [mine.key.id]  # type: ignore[attr-defined]
    assert mine.secret.reveal() not in str(held)
