"""API keys are made, changed, rotated, claimed and deleted."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portico.access.keys.conftest import World

from portico.access.keys import ApiKeyDisabled, ApiKeyExpired, ApiKeyUnknown, NewApiKey, check, service
from portico.access.keys.errors import (
    ApiKeyAmbiguous,
    ApiKeyInvalid,
    ApiKeyNotFound,
    TooManyApiKeys,
    TooManySecrets,
)
from portico.access.keys.ring import KeyRing
from portico.access.keys.service import ApiKeys
from portico.access.keys.tables import api_key_peppers, api_key_secrets, api_keys
from portico.access.usage.tables import quotas
from portico.identity.audit.tables import audit
from portico.identity.source import LOCAL
from portico.store import Secrets, metadata, sealed
from portico.store.tables import changes


async def test_a_partner_gets_a_key_and_is_known_by_it(world: World) -> None:
    made = await world.made(
        owner="ops@acme.example", tags={"team": "shop"}, apis=["shop"], stages=["prod"], networks=["10.0.0.0/8"]
    )
    assert made.key.id.startswith("key_")
    known = await world.resolve(made)
    assert known.key == made.key
    assert (known.key.plans, known.key.tags, known.key.networks) == (("partner",), {"team": "shop"}, ("10.0.0.0/8",))
    assert await world.keys.find("acme") == await world.keys.find(made.key.id) == made.key
    assert [key async for key in world.keys.all()] == [made.key]
    (secret,) = await world.keys.secrets_of(made.key.id)
    assert (secret.hint, secret.expires_at) == (made.secret.reveal()[-4:], None)


async def test_nothing_of_a_secret_is_kept_or_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = await world.made()
    rotated = await world.keys.rotate(made.key.id, overlap=60, source=LOCAL)
    await world.keys.claim(made.secret.reveal(), "ada", source=LOCAL)
    await world.heard()
    known = await world.resolve(rotated)
    with pytest.raises(ApiKeyUnknown) as unknown:
        await world.resolve(rotated.secret.reveal()[:-1] + "!")
    with pytest.raises(ApiKeyNotFound) as missing:
        await world.keys.find(rotated.secret.reveal())
    with pytest.raises(ApiKeyInvalid) as named:
        await world.keys.create(made.secret.reveal(), [], source=LOCAL)
    kept = await world.rows(api_keys, api_key_secrets, api_key_peppers, changes, audit)
    told = [made, made.key, known, world.ring, world.ring._digests, unknown.value, missing.value, named.value]
    text = " ".join(map(repr, [*kept, *told])) + " ".join(map(str, told)) + caplog.text
    for secret in (made.secret.reveal(), rotated.secret.reveal()):
        for part in (secret, secret[3:], secret[:20], secret[-16:]):
            assert part not in text


async def test_all_that_happens_is_audited_with_whose_key_it_is(world: World) -> None:
    made = await world.made(user_id="ada", client_id="batch")
    id = made.key.id
    await world.keys.change(id, name="acme inc", owner="ops", source=LOCAL)
    await world.keys.rotate(id, overlap=60, source=LOCAL)
    await world.keys.set_enabled(id, False, source=LOCAL)
    await world.keys.set_enabled(id, True, source=LOCAL)
    await world.keys.reset_quota(id, source=LOCAL)
    await world.keys.extend_quota(id, 5, windows=[("partner", "2027-01-01", world.clock() + 60)], source=LOCAL)
    await world.keys.delete(id, source=LOCAL)
    entries = await world.audited()
    assert [entry.event for entry in entries] == [
        "api_key_created", "api_key_changed", "api_key_rotated", "api_key_disabled", "api_key_enabled", "quota_reset",
        "quota_extended", "api_key_deleted",
    ]  # fmt: skip
    assert {(entry.user_id, entry.client_id, entry.details["key"]) for entry in entries} == {("ada", "batch", id)}
    assert entries[1].details["changed"] == ["name", "owner"]
    assert entries[2].details["ends_at"] == "2027-01-15T08:01:00Z"
    assert (entries[6].details["by"], entries[6].details["limits"]) == (5, ["partner"])


async def test_only_what_is_given_is_changed(world: World) -> None:
    made = await world.made(owner="ops", tags={"a": "b"}, expires_at=world.clock() + 60, user_id="ada")
    changed = await world.keys.change(made.key.id, name="other", expires_at=None, user_id=None, source=LOCAL)
    assert (changed.name, changed.expires_at, changed.user_id) == ("other", None, None)
    assert (changed.owner, changed.tags, changed.plans) == ("ops", {"a": "b"}, ("partner",))
    assert await world.keys.find("other") == changed
    count = len(await world.audited())
    await world.keys.change(made.key.id, name="other", source=LOCAL)
    assert len(await world.audited()) == count  # nothing changed


async def test_a_name_of_several_keys_is_told_with_their_ids(world: World) -> None:
    first, second = await world.made(), await world.made()
    with pytest.raises(ApiKeyAmbiguous) as several:
        await world.keys.find("acme")
    assert set(several.value.ids) == {first.key.id, second.key.id}
    assert first.key.id in str(several.value)
    assert await world.keys.find(f" {second.key.id} ") == second.key


async def test_keys_are_listed_page_by_page_in_the_order_of_their_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    for name in ("bee", "ant", "cow", "ant", "b_e"):
        await world.made(name, ["gold"] if name == "cow" else [], owner="ops" if name == "bee" else "")
    assert sorted([key.name async for key in world.keys.all()]) == ["ant", "ant", "b_e", "bee", "cow"]
    assert [key.name async for key in world.keys.all(plan="gold")] == ["cow"]
    assert [key.name async for key in world.keys.all(owner="ops")] == ["bee"]
    assert [key.name async for key in world.keys.all(search="b_")] == ["b_e"]
    first = await world.keys.page(limit=3)
    rest = await world.keys.page(after=first[-1], limit=3)
    assert len({key.id for key in (*first, *rest)}) == 5


async def test_a_rotated_key_has_two_secrets_for_a_while(world: World) -> None:
    old = await world.made()
    new = await world.keys.rotate(old.key.id, overlap=3_600, source=LOCAL)
    await world.heard()
    assert new.key == old.key
    known = await world.resolve(old)
    assert known.lasts_until == world.clock() + 3_600
    assert (await world.resolve(new)).lasts_until == float("inf")
    world.clock.advance(3_600)
    with pytest.raises(ApiKeyExpired):
        await world.resolve(old)
    await world.resolve(new)


async def test_without_an_overlap_the_old_secret_ends_at_once(world: World) -> None:
    old = await world.made()
    await world.resolve(old)
    new = await world.keys.rotate(old.key.id, overlap=0, source=LOCAL)
    await world.heard()
    with pytest.raises(ApiKeyExpired):
        await world.resolve(old)
    await world.resolve(new)


async def test_rotating_never_lengthens_what_ends_earlier(world: World) -> None:
    old = await world.made()
    await world.keys.rotate(old.key.id, overlap=60, source=LOCAL)
    await world.keys.rotate(old.key.id, overlap=3_600, source=LOCAL)
    ends = [secret.expires_at for secret in await world.keys.secrets_of(old.key.id)]
    assert sorted(ends, key=str) == sorted([None, world.clock() + 60, world.clock() + 3_600], key=str)


async def test_two_rotations_at_once_leave_every_secret_with_its_end(world: World) -> None:
    old = await world.made()
    both = await asyncio.gather(*(world.keys.rotate(old.key.id, overlap=60, source=LOCAL) for _ in range(2)))
    await world.heard()
    ends = sorted([(await world.resolve(one)).lasts_until for one in (old, *both)])
    assert ends == [world.clock() + 60, world.clock() + 60, float("inf")]


async def test_a_key_cannot_have_ever_more_secrets(world: World) -> None:
    made = await world.made()
    for _ in range(service.SECRETS - 1):
        await world.keys.rotate(made.key.id, overlap=3_600, source=LOCAL)
    with pytest.raises(TooManySecrets, match="--overlap 0"):
        await world.keys.rotate(made.key.id, overlap=3_600, source=LOCAL)
    for _ in range(40):
        world.clock.advance(1)
        await world.keys.rotate(made.key.id, overlap=0, source=LOCAL)
    assert len(await world.keys.secrets_of(made.key.id)) <= 22


@pytest.mark.parametrize("overlap", [-1, float("nan"), float("inf"), 400 * 86_400])
async def test_an_overlap_is_a_time(world: World, overlap: float) -> None:
    made = await world.made()
    with pytest.raises(ApiKeyInvalid):
        await world.keys.rotate(made.key.id, overlap=overlap, source=LOCAL)


async def test_who_shows_the_secret_makes_the_key_theirs(world: World) -> None:
    made = await world.made()
    claimed = await world.keys.claim(f" {made.secret.reveal()}\n", "ada", source=LOCAL)
    assert claimed.user_id == "ada"
    assert await world.keys.of_user("ada") == [claimed]
    assert await world.keys.claim(made.secret.reveal(), "ada", source=LOCAL) == claimed
    entries = [entry for entry in await world.audited() if entry.event == "api_key_claimed"]
    assert [(entry.user_id, entry.outcome) for entry in entries] == [("ada", "success")]


async def test_every_claim_that_is_refused_looks_the_same(world: World) -> None:
    theirs = await world.made(user_id="eve")
    machine = await world.made(client_id="batch")
    disabled = await world.made()
    await world.keys.set_enabled(disabled.key.id, False, source=LOCAL)
    ended = await world.made(expires_at=world.clock() + 1)
    rotated = await world.made()
    await world.keys.rotate(rotated.key.id, overlap=0, source=LOCAL)
    world.clock.advance(1)
    secrets = [one.secret.reveal() for one in (theirs, machine, disabled, ended, rotated)]
    told = set()
    for secret in [*secrets, "pk_" + "a" * 49, "x" * 30, "", "\udcff" * 30, "x" * 100_000]:
        with pytest.raises(ApiKeyUnknown) as refused:
            await world.keys.claim(secret, "ada", source=LOCAL)
        told.add((type(refused.value), str(refused.value)))
    assert len(told) == 1
    assert await world.keys.of_user("ada") == []
    failures = [entry for entry in await world.audited() if entry.outcome == "failure"]
    assert [entry.details["reason"] for entry in failures] == [
        "another's", "another's", "disabled", "expired", "expired",
    ]  # fmt: skip


async def test_of_two_claims_at_once_one_has_it(world: World) -> None:
    made = await world.made()
    claims = (world.keys.claim(made.secret.reveal(), who, source=LOCAL) for who in ("ada", "eve"))
    done = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["ApiKey", "ApiKeyUnknown"]
    (winner,) = [one for one in done if not isinstance(one, BaseException)]
    assert (await world.keys.find("acme")).user_id == winner.user_id


async def test_the_pepper_is_made_once_by_whoever_is_first(world: World) -> None:
    made = await asyncio.gather(*(world.keys.create(f"k{n}", [], source=LOCAL) for n in range(8)))
    assert len(await world.rows(api_key_peppers)) == 1
    await world.heard()
    for one in made:
        assert (await world.resolve(one)).key == one.key


async def test_digests_outlive_a_new_project_secret(world: World) -> None:
    old, new = Secrets.generate(), Secrets.generate()
    before = world.with_secrets(Secrets(old))
    made = await ApiKeys(before, world.audit).create("acme", [], source=LOCAL)
    done = {one.column: one for one in sealed.reseal(world.state.db, Secrets(new, [old]), metadata)}
    assert done["api_key_peppers.sealed"].resealed == 1
    after = world.with_secrets(Secrets(new))
    assert (await world.resolve(made, KeyRing(after))).key.id == made.key.id
    again = await ApiKeys(after, world.audit).create("other", [], source=LOCAL)
    assert (await world.resolve(again, KeyRing(after))).key.id == again.key.id


async def test_a_quota_is_reset_and_extended(world: World) -> None:
    made = await world.made()
    id, soon, past = made.key.id, world.clock() + 60, world.clock() - 60
    rows = [
        {"key_id": id, "name": "partner", "window": "now", "used": 900, "granted": 50, "ends_at": soon},
        {"key_id": id, "name": "partner", "window": "past", "used": 1_000, "granted": 7, "ends_at": past},
        {"key_id": "key_other", "name": "partner", "window": "now", "used": 3, "granted": 0, "ends_at": soon},
    ]
    await world.state.db.tx(lambda connection: connection.execute(quotas.insert(), rows).rowcount)

    async def stored() -> dict[tuple[str, str, str], tuple[int, int]]:
        found = await world.rows(quotas)
        return {(row.key_id, row.name, row.window): (row.used, row.granted) for row in found}

    assert (await world.keys.extend_quota(id, 100, source=LOCAL)).quota_revision == 1
    assert (await stored())[id, "partner", "now"] == (900, 150)
    windows = [("partner", "now", soon), ("partner/shop.buy", "now", soon)]
    assert (await world.keys.extend_quota(id, 5, windows=windows, source=LOCAL)).quota_revision == 2
    assert (await stored())[id, "partner", "now"] == (900, 155)
    assert (await stored())[id, "partner/shop.buy", "now"] == (0, 5)
    assert (await world.keys.reset_quota(id, source=LOCAL)).quota_revision == 3
    found = await stored()
    assert found[id, "partner", "now"] == found[id, "partner/shop.buy", "now"] == (0, 0)
    assert found[id, "partner", "past"] == (1_000, 7)
    assert found["key_other", "partner", "now"] == (3, 0)


async def test_a_quota_that_is_not_there_is_not_extended(world: World) -> None:
    made = await world.made()
    for windows in (None, []):
        with pytest.raises(ApiKeyInvalid, match="no quota"):
            await world.keys.extend_quota(made.key.id, 5, windows=windows, source=LOCAL)
    for by in (0, -5, 10**18):
        with pytest.raises(ApiKeyInvalid):
            await world.keys.extend_quota(made.key.id, by, source=LOCAL)
    assert (await world.keys.find("acme")).quota_revision == 0


async def test_what_is_not_there_cannot_be_changed(world: World) -> None:
    keys = world.keys
    for work in (
        keys.change("key_none", name="x", source=LOCAL),
        keys.rotate("key_none", overlap=0, source=LOCAL),
        keys.set_enabled("key_none", True, source=LOCAL),
        keys.delete("key_none", source=LOCAL),
        keys.reset_quota("key_none", source=LOCAL),
        keys.extend_quota("key_none", 1, source=LOCAL),
        keys.secrets_of("key_none"),
        keys.find("key_none"),
    ):
        with pytest.raises(ApiKeyNotFound, match="portico keys list"):
            await work


async def test_there_is_an_end_to_the_number_of_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    await world.made()
    with pytest.raises(TooManyApiKeys):
        await world.made()


async def test_a_deleted_key_takes_its_secrets_along(world: World) -> None:
    made = await world.made()
    await world.resolve(made)
    await world.keys.delete(made.key.id, source=LOCAL)
    await world.heard()
    assert await world.rows(api_keys, api_key_secrets) == []
    for _ in range(2):
        with pytest.raises(ApiKeyUnknown):
            await world.resolve(made)


async def test_disabled_and_enabled_again(world: World) -> None:
    made = await world.made()
    await world.keys.set_enabled(made.key.id, False, source=LOCAL)
    await world.heard()
    for _ in range(2):
        with pytest.raises(ApiKeyDisabled):
            await world.resolve(made)
    await world.keys.set_enabled(made.key.id, True, source=LOCAL)
    await world.heard()
    await world.resolve(made)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t "}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"description": "x" * 1_025}, "description"),
        ({"description": "\x1b[2J"}, "description"),
        ({"owner": "x" * 257}, "owner"),
        ({"tags": {f"t{n}": "" for n in range(51)}}, "tags"),
        ({"tags": {"": "x"}}, "tags"),
        ({"tags": {"x" * 129: "x"}}, "tags"),
        ({"tags": {"x": "x" * 257}}, "tags"),
        ({"plans": ["gold"]}, "plans"),
        ({"plans": "partner"}, "plans"),
        ({"apis": ["shap"]}, "apis"),
        ({"stages": ["a b"]}, "stages"),
        ({"stages": [""]}, "stages"),
        ({"networks": ["10.0.0.1/8"]}, "networks"),
        ({"networks": ["10.0.0.0/33"]}, "networks"),
        ({"networks": ["example.org"]}, "networks"),
        ({"networks": ["fe80::1%eth0"]}, "networks"),
        ({"networks": ["::ffff:10.0.0.0/104"]}, "networks"),
        ({"networks": [f"10.0.{n}.0/24" for n in range(51)]}, "networks"),
        ({"expires_at": 0.0}, "expires_at"),
        ({"expires_at": float("nan")}, "expires_at"),
        ({"expires_at": 1e15}, "expires_at"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "x" * 65}, "user_id"),
        ({"client_id": "x" * 129}, "client_id"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_cannot_be_is_told_with_its_field(world: World, given: dict[str, Any], field: str) -> None:
    keys = ApiKeys(world.state, world.audit, known_plans=["partner"], known_apis=["shop"])
    with pytest.raises(ApiKeyInvalid) as wrong:
        await keys.create(**{"name": "acme", "plans": ["partner"], **given}, source=LOCAL)
    assert wrong.value.field == field
    assert len(str(wrong.value)) > 20
    assert await world.rows(api_keys) == []


async def test_names_of_plans_and_apis_are_told_that_there_are(world: World) -> None:
    keys = ApiKeys(world.state, world.audit, known_plans=["partner", "free"], known_apis=[])
    with pytest.raises(ApiKeyInvalid, match=r"has no plan 'gold'\. It has: free, partner"):
        await keys.create("acme", ["gold"], source=LOCAL)
    with pytest.raises(ApiKeyInvalid, match=r"has no API 'shop'\. It has: none"):
        await keys.create("acme", ["free"], apis=["shop"], source=LOCAL)


def test_networks_are_kept_as_they_are_written_canonically() -> None:
    assert check.networks(["10.0.0.1", "2001:DB8::/32", "10.0.0.1/32"]) == ("10.0.0.1/32", "2001:db8::/32")


HOSTILE = st.text(max_size=300) | st.sampled_from(["' OR 1=1 --", "%", "_", "\\", "\x00", "\ud800", "ünï", "🔑" * 256])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=HOSTILE, description=HOSTILE, tag=HOSTILE, owner=HOSTILE)
def test_whatever_is_typed_is_kept_as_it_is_or_refused(
    world: World, name: str, description: str, tag: str, owner: str
) -> None:
    async def work() -> None:
        try:
            made: NewApiKey = await world.keys.create(
                name, [tag], description=description, tags={tag: tag}, owner=owner, source=LOCAL
            )
        except ApiKeyInvalid:
            return
        assert await world.keys.find(made.key.id) == made.key
        json.dumps(made.key.description)
        assert [key.id async for key in world.keys.all(search=made.key.name) if key.id == made.key.id]

    asyncio.run(work())


async def test_an_api_key_is_made_in_one_transaction_with_its_secret(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("portico.access.keys.service.publish", fails)
    with pytest.raises(RuntimeError):
        await world.keys.create("acme", [], source=LOCAL)
    assert await world.rows(api_keys, api_key_secrets, api_key_peppers, audit, changes) == []


async def test_the_tables_hold_what_a_key_may_have(world: World) -> None:
    """The longest values fit into their columns, on a database that minds."""
    long = await world.made(
        "n" * check.NAME,
        ["p" * check.WORD],
        description="d" * check.DESCRIPTION,
        owner="o" * check.OWNER,
        user_id="u" * check.USER,
        client_id="c" * check.CLIENT,
    )
    stored = await world.rows(api_keys)
    assert stored[0].name == long.key.name
    assert (await world.rows(api_key_secrets))[0].key_id == long.key.id
    assert sa.inspect(world.state.db.engine).has_table("api_keys")
