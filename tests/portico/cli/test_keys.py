"""`portico keys`."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.portico.cli.conftest import PETS, Done

PLANS = """
plans:
  partner:
    apis: pets
    throttle: {rate: 10, burst: 20}
    quota: {limit: 1000, period: MONTH}
  free:
    throttle: {rate: 1, burst: 2}
"""

Run = Callable[..., Done]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PORTICO_SECRET", raising=False)
    for name, text in (
        ("specs/pets.yaml", PETS),
        ("auth/plans.yaml", PLANS),
        ("portico.toml", '[server]\nmode = "development"\n'),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def keys(portico: Run, project: Path) -> Run:
    def run(*words: str, code: int = 0, stdin: str = "") -> Done:
        done = portico("keys", *words, cwd=project, stdin=stdin)
        assert done.returncode == code, done
        return done

    return run


def shown(keys: Run, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(keys("show", key, "--json").stdout)
    return found


def test_the_secret_is_printed_once_alone_on_standard_output(keys: Run, project: Path) -> None:
    done = keys("create", "--plan", "partner", "--name", "acme")
    secret = done.stdout.strip()
    assert re.fullmatch(r"pk_[0-9A-Za-z]{49}", secret)
    assert "acme (key_" in done.stderr
    assert "not shown again" in done.stderr
    for words in (("list",), ("list", "--json"), ("show", "acme"), ("show", "acme", "--json"), ("export", "-")):
        told = keys(*words)
        assert secret not in told.stdout + told.stderr
        assert "acme" in told.stdout
    assert secret.encode() not in b"".join(path.read_bytes() for path in (project / ".portico").iterdir())


def test_a_key_has_what_was_said(keys: Run) -> None:
    made = json.loads(
        keys(
            "create", "--name", "acme", "--plan", "partner", "--plan", "free", "--owner", "ops@acme.example",
            "--description", "The shop", "--tag", "team=a=b", "--expires", "90d", "--api", "pets", "--stage", "prod",
            "--network", "203.0.113.0/24", "--network", "2001:db8::/32", "--json",
        ).stdout
    )  # fmt: skip
    found = shown(keys, made["id"])
    assert (found["plans"], found["tags"], found["apis"]) == (["partner", "free"], {"team": "a=b"}, ["pets"])
    assert (found["stages"], found["networks"]) == (["prod"], ["203.0.113.0/24", "2001:db8::/32"])
    assert found["expires_at"] - found["created_at"] == pytest.approx(90 * 86_400, abs=5)
    assert found["secrets"][0]["hint"] == made["secret"][-4:]
    changed = json.loads(
        keys("change", "acme", "--plan", "free", "--network", "", "--expires", "", "--tag", "x=y", "--json").stdout
    )
    assert (changed["plans"], changed["networks"], changed["expires_at"]) == (["free"], [], None)
    assert (changed["tags"], changed["owner"], changed["apis"]) == ({"x": "y"}, "ops@acme.example", ["pets"])


def test_keys_are_listed_disabled_enabled_rotated_and_deleted(keys: Run) -> None:
    first = keys("create", "--plan", "partner", "--name", "acme").stdout
    keys("create", "--plan", "free", "--name", "beta")
    assert [one["name"] for one in json.loads(keys("list", "--json").stdout)] == ["acme", "beta"]
    assert [one["name"] for one in json.loads(keys("list", "--json", "--plan", "free").stdout)] == ["beta"]
    assert [one["name"] for one in json.loads(keys("list", "--json", "--limit", "1").stdout)] == ["acme"]
    keys("disable", "acme")
    assert "disabled" in keys("list", "--search", "ac").stdout
    keys("enable", "acme")
    second = keys("rotate", "acme", "--overlap", "1h").stdout
    assert second != first
    assert len(shown(keys, "acme")["secrets"]) == 2
    keys("rotate", "acme", "--overlap", "0")
    keys("delete", "acme")
    assert "There is no API key 'acme'" in keys("show", "acme", code=2).stderr
    assert [one["name"] for one in json.loads(keys("list", "--json").stdout)] == ["beta"]


def test_what_cannot_be_is_told(keys: Run) -> None:
    assert "partner" in keys("create", "--name", "x", "--plan", "gold", code=2).stderr
    assert "pets" in keys("create", "--name", "x", "--api", "shop", code=2).stderr
    assert "no duration" in keys("create", "--name", "x", "--expires", "soon", code=2).stderr
    assert "no user pool" in keys("create", "--name", "x", "--user", "ada", code=2).stderr
    assert "NAME=VALUE" in keys("create", "--name", "x", "--tag", "y", code=2).stderr
    ids = [json.loads(keys("create", "--name", "twin", "--json").stdout)["id"] for _ in range(2)]
    told = keys("disable", "twin", code=2).stderr
    assert all(id in told for id in ids)
    keys("disable", ids[0])


def test_a_key_belongs_to_a_user_or_a_client_of_the_pool(portico: Run, keys: Run, project: Path) -> None:
    (project / "auth" / "pool.yaml").write_text(
        "algorithm: ES256\nclients:\n  batch: {type: confidential, grants: [client_credentials]}\n"
    )
    portico("users", "create", "ada", "--email", "ada@example.com", cwd=project)
    ada = json.loads(portico("users", "show", "ada", "--json", cwd=project).stdout)["id"]
    keys("create", "--name", "hers", "--plan", "free", "--user", "ada")
    keys("create", "--name", "batch", "--plan", "free", "--client", "batch")
    assert shown(keys, "hers")["user_id"] == ada
    assert shown(keys, "batch")["client_id"] == "batch"
    assert "no user 'eve'" in keys("change", "hers", "--user", "eve", code=2).stderr
    assert "no client 'other'" in keys("change", "hers", "--client", "other", code=2).stderr
    keys("change", "hers", "--user", "")
    assert shown(keys, "hers")["user_id"] is None


def test_quotas_are_extended_and_reset(keys: Run, project: Path) -> None:
    keys("create", "--name", "acme", "--plan", "partner")
    keys("create", "--name", "beta", "--plan", "free")
    assert "5,000 requests more" in keys("extend-quota", "acme", "--by", "5000").stderr
    assert "no quota" in keys("extend-quota", "beta", "--by", "5", code=2).stderr
    keys("reset-usage", "acme")
    assert shown(keys, "acme")["quota_revision"] == 2
    (project / "auth" / "plans.yaml").unlink()
    assert "no plans" in keys("extend-quota", "acme", "--by", "5", code=2).stderr
    keys("create", "--name", "later", "--plan", "not-declared-yet")


def test_keys_are_imported_with_a_report(keys: Run, project: Path) -> None:
    file = project / "keys.csv"
    secret = "abcdefghij0123456789"
    file.write_text(
        f"name,key,description,enabled,usageplanIds,createdDate\none,{secret},,true,c7y23b,\ntwo,short,,yes,gold,\n"
    )
    tried = keys("import", "keys.csv", "--dry-run", code=1)
    assert "nothing is written; it would be: 0 created" in tried.stdout
    assert "keys.csv:2: UsagePlanIds: auth/plans.yaml has no plan c7y23b" in tried.stderr
    done = keys("import", "keys.csv", "--plan-map", "c7y23b=partner", code=1)
    assert "1 created, 0 changed, 0 unchanged, 0 overwritten, 1 faulty" in done.stdout
    assert "keys.csv:3: Enabled: write true or false" in done.stderr
    assert "ignored columns: createddate" in done.stderr
    assert secret not in done.stdout + done.stderr + tried.stdout + tried.stderr
    failed = json.loads(keys("import", "-", "--fail-on-warnings", "--json", code=1, stdin=file.read_text()).stdout)
    assert (failed["written"], failed["faults"][0]["line"]) == (False, 2)
    again = json.loads(keys("import", "keys.csv", "--plan", "partner", "--json", code=1).stdout)
    assert (again["unchanged"], again["faults"][0]["column"]) == (1, "Key")
    assert "ID=PLAN" in keys("import", "keys.csv", "--plan-map", "x", code=2).stderr
    assert "header" in keys("import", "portico.toml", code=2).stderr


def test_keys_are_exported_without_secrets(keys: Run, project: Path) -> None:
    keys("create", "--name", "acme", "--plan", "partner")
    out = project / "out.csv"
    keys("export", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (row,) = csv.DictReader(io.StringIO(out.read_text()))
    assert (row["Name"], row["UsagePlanIds"]) == ("acme", "partner")
    assert "must not be there yet" in keys("export", str(out), code=2).stderr


def test_names_do_not_steer_the_terminal(keys: Run) -> None:
    keys("create", "--name", "[red]acme[/]", "--owner", "‮evil")
    told = keys("list").stdout + keys("show", "[red]acme[/]").stdout
    assert "[red]acme[/]" in told
    assert "‮" not in told


def test_what_might_be_overlooked_is_told_beside_the_secret(keys: Run) -> None:
    assert "note" not in keys("create", "--name", "acme", "--plan", "free").stderr
    assert "note" not in keys("create", "--name", "ac", "--plan", "free").stderr
    again = keys("create", "--name", "acme", "--plan", "free")
    assert "note Other keys have that name too" in again.stderr
    bare = keys("create", "--name", "globex")
    assert "note It has no plan, so it opens nothing yet: portico keys change key_" in bare.stderr
    assert re.fullmatch(r"pk_[0-9A-Za-z]{49}\n", bare.stdout)


def test_a_list_that_is_cut_says_so(keys: Run) -> None:
    for name in ("one", "three", "two"):
        keys("create", "--name", name, "--plan", "free")
    cut = keys("list", "--limit", "2")
    assert ("three" in cut.stdout, "two" in cut.stdout) == (True, False)
    assert "note There are more than these 2" in cut.stderr
    assert "note" not in keys("list", "--limit", "3").stderr
    assert len(json.loads(keys("list", "--limit", "2", "--json").stdout)) == 2
