"""Keys come in from a file of API Gateway."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import threading
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portico.access.keys.conftest import World

from portico import config
from portico.access.keys import ApiKeyDisabled, ApiKeyUnknown, form, importer, service
from portico.access.keys.errors import ApiKeyInvalid, KeyFileRefused, TooManyApiKeys
from portico.access.keys.exporter import COLUMNS, export_keys
from portico.access.keys.importer import Imported, import_keys
from portico.access.keys.rows import Fault, PlanNames
from portico.access.keys.tables import api_key_secrets, api_keys
from portico.identity.source import LOCAL
from portico.store import Database, State
from portico.store.tables import changes

AWS = """Name,key,description,Enabled,usageplanIds
MyFirstApiKey,apikey1234abcdefghij0123456789,An imported key,TRUE,c7y23b
MySecondApiKey,apikey4321hijklmnopq0123456789,,FALSE,"c7y23b, partner"
"""  # as the page that describes the format has it, with plans
PLANS = PlanNames(known=("partner", "free"), of={"c7y23b": "free"})


class File(io.BytesIO):
    """What a pipe is like."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_arguments: int) -> int:
        raise OSError


def done(
    world: World, text: str | bytes, plans: PlanNames = PLANS, *, file: io.BytesIO | None = None, **more: Any
) -> tuple[Imported, list[Fault]]:
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    faults: list[Fault] = []
    source = file or io.BytesIO(raw)
    found = import_keys(world.state, source, audit=world.audit, plans=plans, fault=faults.append, **more)
    return found, faults


def lines(faults: list[Fault]) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in faults]


async def listed(world: World) -> dict[str, Any]:
    return {key.name: key async for key in world.keys.all()}


async def test_a_file_of_api_gateway(world: World) -> None:
    found, faults = done(world, AWS)
    assert (found.created, found.faulty, faults) == (2, 0, [])
    await world.heard()
    known = await world.resolve("apikey1234abcdefghij0123456789")
    assert (known.key.name, known.key.plans, known.key.enabled) == ("MyFirstApiKey", ("free",), True)
    with pytest.raises(ApiKeyDisabled):
        await world.resolve("apikey4321hijklmnopq0123456789")
    assert (await listed(world))["MySecondApiKey"].plans == ("free", "partner")
    assert (await listed(world))["MyFirstApiKey"].description == "An imported key"
    entries = [entry for entry in await world.audited() if entry.event == "api_keys_imported"]
    assert [entry.details for entry in entries] == [{"created": 2, "changed": 0}]
    assert [row.kind for row in await world.rows(changes)] == ["api_keys"]


async def test_the_same_file_again_changes_nothing_and_another_changes_what_it_says(world: World) -> None:
    done(world, AWS)
    before = await listed(world)
    assert done(world, AWS)[0] == Imported(unchanged=2)
    assert len(await world.rows(changes)) == 1
    await world.keys.change(before["MyFirstApiKey"].id, owner="ops", source=LOCAL)
    again, _ = done(world, "KEY,NAME\napikey1234abcdefghij0123456789,renamed\n", PlanNames())
    assert again == Imported(changed=1)
    after = await listed(world)
    assert after["renamed"].id == before["MyFirstApiKey"].id
    assert (after["renamed"].owner, after["renamed"].plans, after["renamed"].description) == (
        "ops", ("free",), "An imported key",
    )  # fmt: skip


@pytest.mark.parametrize("batch", [1, 2, 1_000])
@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_later_row_overwrites_an_earlier_one(
    world: World, batch: int, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", batch)
    one, other = "a" * 30, "b" * 30
    found, _ = done(world, f"Name,Key\nfirst,{one}\nother,{other}\nsecond,{one}\n", dry_run=dry_run)
    assert (found.created, found.changed, found.overwritten, found.written) == (2, 0, 1, not dry_run)
    assert sorted(await listed(world)) == ([] if dry_run else ["other", "second"])


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        (f",{'k' * 30}", "Name", "call"),
        (f"{'n' * 257},{'k' * 30}", "Name", "256"),
        (f"a\x00b,{'k' * 30}", "Name", "seen"),
        (f"a\udcffb,{'k' * 30}", "Name", "seen"),
        ("acme", "Key", "none"),
        ("acme,", "Key", "none"),
        ("acme,short", "Key", "5 characters"),
        (f"acme,{'k' * 129}", "Key", "129"),
        (f"acme,{'k' * 20} {'k' * 20}", "Key", "spaces"),
        (f"acme,{'k' * 20}é", "Key", "ASCII"),
        (f"acme,pk_{'0' * 49}", "Key", "typing error"),
        (f"{'k' * 30},{'k' * 30}", "Name", "everybody"),
        (f"acme,{'k' * 30},see {'k' * 30}", "Description", "everybody"),
        (f"acme,{'k' * 30},{'d' * 1_025}", "Description", "1,024"),
        (f"acme,{'k' * 30},,maybe", "Enabled", "true or false"),
        (f"acme,{'k' * 30},,,gold", "UsagePlanIds", "gold"),
        (f'acme,{"k" * 30},,,"gold, free"', "UsagePlanIds", "--plan-map"),
        (f"acme,{'k' * 30},,,free,partner", "", "quotes"),
        (f"acme,{'k' * 70_000}", "", "65536"),
        (f'acme,"{"k" * 30}"x', "", "quotes"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_faulty_row_is_told_and_does_not_stop_the_others(
    world: World, row: str, column: str, told: str
) -> None:
    text = f"Name,Key,Description,Enabled,UsagePlanIds\nbefore,{'a' * 30}\n{row}\nafter,{'b' * 30}\n"
    found, faults = done(world, text)
    assert (3, column) in lines(faults)
    assert any(told in fault.mend for fault in faults)
    assert (found.created, found.faulty) == (2, 1)
    assert sorted(await listed(world)) == ["after", "before"]
    assert "k" * 20 not in repr(faults)


async def test_all_faults_of_a_row_are_told(world: World) -> None:
    _, faults = done(world, "Name,Key,Enabled,UsagePlanIds\n,short,perhaps,gold\n")
    assert lines(faults) == [(2, "Name"), (2, "Key"), (2, "Enabled"), (2, "UsagePlanIds")]


async def test_no_key_is_told_even_where_columns_are_swapped(world: World) -> None:
    secret, made = "s3cr3t" * 6, form.new_secret().reveal()
    text = f"Key,Name,UsagePlanIds,Description\nacme,{secret},{secret},{secret}\n{made},{made},{made},{made}\n"
    _, faults = done(world, text)
    assert len(faults) >= 4
    assert secret not in repr(faults)
    assert made not in repr(faults)
    assert await listed(world) == {}


async def test_usage_plans_that_are_not_known_can_be_mapped(world: World) -> None:
    text = f'Name,Key,UsagePlanIds\none,{"a" * 30},x1\ntwo,{"b" * 30},\nthree,{"c" * 30},"x1,x2"\n'
    assert lines(done(world, text, PlanNames(known=("partner",)))[1]) == [(2, "UsagePlanIds"), (4, "UsagePlanIds")]
    plans = PlanNames(known=("partner", "free"), of={"x1": "free"}, usual="partner")
    assert done(world, text, plans)[0].faulty == 0
    found = await listed(world)
    assert [found[name].plans for name in ("one", "two", "three")] == [("free",), ("partner",), ("free", "partner")]
    for wrong in (PlanNames(known=("partner",), usual="gold"), PlanNames(known=("partner",), of={"x": "gold"})):
        with pytest.raises(ApiKeyInvalid, match="gold"):
            done(world, text, wrong)
    assert done(world, f"Name,Key,UsagePlanIds\nfour,{'d' * 30},anything\n", PlanNames())[0].created == 1


async def test_a_trial_writes_nothing_and_says_what_would_be(world: World) -> None:
    tried, faults = done(world, AWS + "bad,short\n", dry_run=True)
    assert tried == Imported(created=2, faulty=1, written=False)
    assert lines(faults) == [(4, "Key")]
    assert await world.rows(api_keys, api_key_secrets, changes) == []
    done(world, AWS)
    assert done(world, AWS.replace("MyFirst", "Renamed"), dry_run=True)[0] == Imported(
        changed=1, unchanged=1, written=False
    )


@pytest.mark.parametrize("pipe", [False, True])
async def test_with_fail_on_warnings_all_is_imported_or_nothing(world: World, pipe: bool) -> None:
    def source(text: str) -> io.BytesIO:
        return (File if pipe else io.BytesIO)(text.encode())

    text = AWS + "bad,short\n"
    found, faults = done(world, text, file=source(text), fail_on_warnings=True)
    assert (found.written, lines(faults)) == (False, [(4, "Key")])
    assert await listed(world) == {}
    found, faults = done(world, AWS, file=source(AWS), fail_on_warnings=True)
    assert found == Imported(created=2)
    assert len(await listed(world)) == 2


async def test_an_old_file_does_not_bring_back_what_was_rotated_away(world: World) -> None:
    done(world, AWS)
    id = (await listed(world))["MyFirstApiKey"].id
    for _ in range(3):
        world.clock.advance(1)
        await world.keys.rotate(id, overlap=0, source=LOCAL)
    found, faults = done(world, AWS)
    assert (lines(faults), found.unchanged) == ([(2, "Key")], 1)
    assert "rotated away" in faults[0].mend


@pytest.mark.parametrize(
    "header",
    [
        "",
        "\n",
        "Name;Key\n",
        "Key\n",
        "Name,Description\n",
        "Name,Key,name\n",
        "acme,abcdefghijklmnopqrstuvw\n",
        AWS.encode("utf-16").decode("latin-1"),
        "Name,Key" + ",x" * 200 + "\n",
        '"Name,Key\n',
        "\x00" * 1_000,
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_file_without_a_header_is_refused_without_being_repeated(world: World, header: str) -> None:
    with pytest.raises(KeyFileRefused) as refused:
        done(world, header.encode("latin-1"))
    assert "abcdefgh" not in str(refused.value)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_forms_of_one_file(world: World) -> None:
    key = iter("abcdefgh")
    for text in (
        b"\xef\xbb\xbfName,Key\nbom,%s\n",
        b"NAME , kEY\r\ncrlf, %s \r\n",
        b'key,name,createdDate,\n%s,"columns, that say nothing",2024-01-01,\n',
        b'Name,Key\n"quoted ""name""",%s',
        b"Name,Key\n\n\n,\nempty lines,%s\n",
        "Name,Key\nünï 🔑,%s\n".encode(),
    ):
        found, faults = done(world, text.replace(b"%s", next(key).encode() * 30))
        assert (found.created, faults) == (1, [])
    assert set(await listed(world)) == {
        "bom", "crlf", "columns, that say nothing", 'quoted "name"', "empty lines", "ünï 🔑",
    }  # fmt: skip
    assert done(world, "Name,Key,createdDate\n")[0].ignored == ("createddate",)


async def test_there_is_room_for_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    done(world, AWS)
    done(world, AWS)  # they are there already
    with pytest.raises(TooManyApiKeys):
        done(world, f"Name,Key\nmore,{'m' * 30}\n")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(raw=st.binary(max_size=400) | st.text(alphabet="ab,\"\n\r\x00'=;", max_size=200).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_told(world: World, raw: bytes) -> None:
    found, faults = done(world, b"Name,Key,Enabled\n" + raw, PlanNames())
    assert len({fault.line for fault in faults}) == found.faulty
    with contextlib.suppress(KeyFileRefused):
        done(world, raw)


async def test_two_imports_of_one_file_at_once_make_each_key_once(
    world: World, database_settings: config.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 20)
    text = "Name,Key\n" + "".join(f"k{n},{f'key-{n:03}-' + 'x' * 20}\n" for n in range(200))
    other = Database.open(database_settings, root=tmp_path)
    found: list[Imported] = []

    def work(state: State) -> None:
        found.append(done(replace(world, state=state), text)[0])

    threads = [threading.Thread(target=work, args=(state,)) for state in (world.state, replace(world.state, db=other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    other.close()
    assert sum(one.created for one in found) == 200
    assert sum(one.unchanged for one in found) == 200
    assert len(await world.rows(api_keys)) == len(await world.rows(api_key_secrets)) == 200


async def test_a_worker_hears_of_an_import(world: World) -> None:
    worker = world.worker()
    with pytest.raises(ApiKeyUnknown):
        await world.resolve("apikey1234abcdefghij0123456789", worker.ring)
    done(world, AWS)
    await worker.feed.look()
    known = await world.resolve("apikey1234abcdefghij0123456789", worker.ring)
    done(world, AWS.replace("MyFirst", "Renamed"))
    await worker.feed.look()
    renamed = await world.resolve("apikey1234abcdefghij0123456789", worker.ring)
    assert (known.key.name, renamed.key.name) == ("MyFirstApiKey", "RenamedApiKey")


async def test_twenty_thousand_rows_in_bounded_memory(world: World) -> None:
    rows = [f"partner {n},{f'{n:06}' + 'k' * 30},What it is for,true,c7y23b\n" for n in range(20_000)]
    raw = ("Name,Key,Description,Enabled,UsagePlanIds\n" + "".join(rows)).encode()
    source = io.BytesIO(raw)
    tracemalloc.start()
    found, _ = done(world, b"", file=source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.created == 20_000
    assert peak < 25_000_000


async def test_an_export_has_all_but_the_secrets(world: World) -> None:
    made = await world.made(
        "=cmd|x", ["partner", "free"], description="two\nlines", tags={"a": "b"}, networks=["10.0.0.0/8"], user_id="u1"
    )
    written: list[str] = []
    assert await export_keys(world.keys.all(), written.append) == 1
    text = "".join(written)
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == COLUMNS
    expected: Mapping[str, str] = {
        "Id": made.key.id,
        "Name": "'=cmd|x",  # a spreadsheet does not run it
        "Description": "two\nlines",
        "Enabled": "true",
        "UsagePlanIds": "partner,free",
        "Tags": "a=b",
        "Networks": "10.0.0.0/8",
        "UserId": "u1",
        "ExpiresAt": "",
    }
    assert {name: row[name] for name in expected} == expected
    assert made.secret.reveal() not in text
    assert made.secret.reveal()[-4:] not in text
