"""`portico plans`."""

from __future__ import annotations

import json

import pytest
from tests.portico.cli.test_usage import PLANS, SPEC


@pytest.fixture
def shop(tmp_path):
    for name, text in (
        ("specs/shop.yaml", SPEC),
        ("auth/plans.yaml", PLANS),
        ("portico.toml", '[server]\nmode = "development"\n'),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_plans_are_listed_with_the_keys_that_have_them(portico, shop):
    for name in ("acme", "globex"):
        assert portico("keys", "create", "--plan", "partner", "--name", name, cwd=shop).returncode == 0
    done = portico("plans", "list", cwd=shop)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["PLAN", "TITLE", "APIS", "RATE", "BURST", "QUOTA", "KEYS"]
    assert lines[1].split() == [
        "partner",
        "[red]Partners",
        "*",
        "1/s",
        "3",
        "1,000",
        "a",
        "month",
        "(Europe/Berlin)",
        "2",
    ]
    assert lines[2].split() == ["bare", "bare", "shop", "-", "-", "-", "0"]


def test_plans_are_told_as_json(portico, shop):
    found = json.loads(portico("plans", "list", "--json", cwd=shop).stdout)
    assert found[0] == {
        "plan": "partner",
        "title": "[red]Partners",
        "apis": ["*"],
        "throttle": {"rate": 1.0, "burst": 3},
        "quota": {"limit": 1000, "period": "MONTH", "zone": "Europe/Berlin", "offset": 0.0},
        "keys": 0,
    }
    assert (found[1]["plan"], found[1]["throttle"], found[1]["quota"]) == ("bare", None, None)


def test_a_plan_is_shown_with_all_that_holds_its_keys_in_the_order_in_which_it_is_asked(portico, shop):
    done = portico("plans", "show", "partner", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert "Who sells for us" in done.stdout
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[-5:]] == [
        "the plan's operation", "the plan", "shop.order, each user", "shop", "the project",
    ]  # fmt: skip
    assert "5 a day + 6 h (Europe/Berlin)" in done.stdout
    found = json.loads(portico("plans", "show", "partner", "--json", cwd=shop).stdout)
    assert found["operations"]["shop.order"]["quota"]["limit"] == 5
    assert [(limit["id"], limit["scope"], limit["per"]) for limit in found["limits"]] == [
        ("orders", "operation", "user"), ("limit-2", "api", "all"), ("everybody", "project", "all"),
    ]  # fmt: skip
    assert (found["on_store_failure"], found["stages"], found["keys"]) == ("deny", ["*"], 0)


def test_a_plan_that_is_not_there_names_those_that_are(portico, shop):
    done = portico("plans", "show", "partners", cwd=shop)
    assert (done.returncode, "partner, bare" in done.stderr) == (2, True)


def test_faults_and_missing_plans_are_told(portico, shop):
    (shop / "auth" / "plans.yaml").write_text("plans:\n  partner: {aps: x}\n")
    done = portico("plans", "list", cwd=shop)
    assert (done.returncode, "auth/plans.yaml:2:" in done.stderr) == (2, True)
    (shop / "auth" / "plans.yaml").unlink()
    done = portico("plans", "list", cwd=shop)
    assert (done.returncode, "docs/reference/plans.md" in done.stderr) == (2, True)
