"""`auth/plans.yaml`: what it may say, what is told of its faults, and that it is read again."""

from __future__ import annotations

import os
import re
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from portico import design
from portico.access.errors import PlansInvalid
from portico.access.plans import Plans, declared, document
from portico.design.model import Api
from portico.errors import ConfigError

DOCS = Path(__file__).parents[4] / "docs"
SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop}]
paths:
  /orders:
    get: {operationId: listOrders, security: [], responses: {"200": {description: Orders}}}
    post: {operationId: placeOrder, security: [], x-portico-cost: 5, responses: {"201": {description: Placed}}}
"""


def api_of(root: Path, text: str = SHOP) -> Api:
    (root / "shop.yaml").write_text(text)
    return design.read(root / "shop.yaml", root=root)


def write(root: Path, text: str) -> None:
    (root / "auth").mkdir(exist_ok=True)
    (root / "auth/plans.yaml").write_text(dedent(text))


def load(root: Path, text: str) -> Plans:
    write(root, text)
    plans = Plans.load(root, [api_of(root)])
    assert plans is not None
    return plans


def test_without_the_file_there_are_no_plans(tmp_path: Path) -> None:
    assert Plans.load(tmp_path, []) is None


def test_a_plan_has_what_is_declared(tmp_path: Path) -> None:
    plans = load(
        tmp_path,
        """
        plans:
          partner:
            title: Partners
            throttle: {rate: 10, burst: 20}
            quota: {limit: 1000, period: MONTH, offset: 14d}
            zone: Europe/Berlin
            operations:
              shop.placeOrder: {throttle: {rate: 5.5}}
        limits:
          - {id: all, throttle: {rate: 500}}
          - {id: orders, api: shop, operation: placeOrder, per: user, throttle: {rate: 1, burst: 5}}
          - {api: shop, throttle: {rate: 300}}
        """,
    )
    partner = plans.all["partner"]
    assert [share.name for share in partner.shares("shop.placeOrder")] == ["partner/shop.placeOrder", "partner"]
    assert [share.name for share in partner.shares("shop.listOrders")] == ["partner"]
    assert partner.operations["shop.placeOrder"].throttle is not None
    assert partner.operations["shop.placeOrder"].throttle.burst == 6  # of one second
    assert partner.own.quota is not None
    assert (partner.own.quota.limit, partner.own.quota.offset, str(partner.own.quota.zone)) == (
        1000, 14 * 86_400.0, "Europe/Berlin",
    )  # fmt: skip
    assert [(limit.name, limit.scope) for limit in plans.limits] == [
        ("orders", "operation"), ("limit-3", "api"), ("all", "project"),
    ]  # fmt: skip


def test_the_first_plan_of_a_key_that_covers_an_api_counts(tmp_path: Path) -> None:
    plans = load(tmp_path, "plans: {blog: {apis: sh*, stages: test}, shop: {}, other: {}}")
    found = plans.of(["gone", "blog", "shop", "other"], "shop", "default")
    assert found is not None
    assert found.name == "shop"
    assert plans.of(["gone"], "shop", "default") is None


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("plan: {}", "1:1", "There is no key 'plan'"),
        ("plans: [a]", "1:1", "plans must be a mapping of names"),
        ("limits: {}", "1:1", "limits must be a list"),
        ("plans:\n  a b: {}", "2:3", "is no name"),
        ("plans:\n  a: {rate: 5}", "2:7", "There is no key 'rate'. There are: title, description, apis,"),
        ("plans:\n  a:\n    throtle: {rate: 5}", "3:5", "There is no key 'throtle'. Did you mean throttle?"),
        ("plans:\n  a:\n    operations: {shop.placeOrder: {throttle: {rat: 5}}}", "3:5", "Did you mean rate?"),
        ("plans:\n  a:\n    throttle: 5/s", "3:5", "Expected a mapping, got a text."),
        ("plans:\n  a:\n    throttle: {rate: 0}", "3:16", "> 0"),
        ("plans:\n  a:\n    throttle: {rate: .inf}", "3:22", "has no infinity"),
        ("plans:\n  a:\n    throttle: {rate: 1, burst: 0}", "3:25", ">= 1"),
        ("plans:\n  a:\n    quota: {limit: 5, period: YEAR}", "3:23", "'YEAR' is none of DAY, MONTH, WEEK."),
        ("plans:\n  a:\n    quota: {limit: 5, period: DAY, offset: 1d}", "3:36", "less than 1d for a DAY"),
        ("plans:\n  a:\n    zone: Mars/Base", "3:5", "no time zone 'Mars/Base'"),
        ("plans:\n  a:\n    zone: ../../etc/passwd", "3:5", "no time zone"),
        ("plans:\n  a:\n    apis: shoop", "3:5", "Did you mean shop?"),
        ("plans:\n  a:\n    operations: {shop.placeOrders: {}}", "3:18", "Did you mean shop.placeOrder or"),
        ("plans:\n  a:\n    throttle: {rate: 1, burst: 4}", "3:5", "shop.placeOrder costs 5"),
        ("plans:\n  a:\n    on_store_failure: open", "3:5", "'open' is none of allow, deny, local."),
        ("limits:\n  - {throttle: {rate: 9}}\n  - {id: limit-1, throttle: {rate: 9}}", "3:6", "Two limits are called"),
        ("limits:\n  - {api: shop, operation: x, throttle: {rate: 9}}", "2:17", "There is no 'x'"),
        ("limits:\n  - {operation: listOrders, throttle: {rate: 9}}", "2:6", "Say of which API"),
        ("limits:\n  - {api: nope, throttle: {rate: 9}}", "2:6", "There is no API 'nope'"),
        ("limits:\n  - {per: planet, throttle: {rate: 9}}", "2:6", "'planet' is none of address, all, client,"),
        ("plans: {a: &a {throttle: *a}}", "1:", ""),
    ],
)
def test_a_fault_is_told_with_its_place_and_its_mend(tmp_path: Path, text: str, place: str, said: str) -> None:
    with pytest.raises(PlansInvalid, match=re.escape(f"auth/plans.yaml:{place}")) as told:
        load(tmp_path, text)
    assert said in str(told.value)


@pytest.mark.parametrize("cost", ["-1", "1.5", "lots", "true", "1000001"])
def test_a_cost_that_is_no_whole_number_is_an_error(tmp_path: Path, cost: str) -> None:
    write(tmp_path, "plans: {a: {}}")
    api = api_of(tmp_path, SHOP.replace("x-portico-cost: 5", f"x-portico-cost: {cost}"))
    with pytest.raises(ConfigError, match=r"shop\.placeOrder: x-portico-cost is .* Write a whole number"):
        Plans.load(tmp_path, [api])


def test_a_changed_file_is_taken_and_a_broken_one_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plans = load(tmp_path, "plans: {a: {}}")
    assert not plans.refresh()
    write(tmp_path, "plans: {a: {}, bb: {}}")
    assert plans.refresh()
    assert plans.names == ("a", "bb")
    write(tmp_path, "plans: {a: {zone: Mars}}")
    assert not plans.refresh()
    assert plans.names == ("a", "bb")
    assert "the plans stay as they were: auth/plans.yaml:1:13" in caplog.text
    os.remove(tmp_path / "auth/plans.yaml")
    assert not plans.refresh()
    assert plans.names == ("a", "bb")


def test_a_file_that_is_emptied_to_be_written_lifts_no_limit(tmp_path: Path, apis: tuple[Api, ...]) -> None:
    write(tmp_path, "plans: {a: {}}")
    plans = Plans.load(tmp_path, apis)
    assert plans is not None
    write(tmp_path, "")
    assert not plans.refresh()
    assert plans.names == ("a",)
    write(tmp_path, "plans: {b: {}}")
    assert plans.refresh()
    write(tmp_path, "")
    assert [plans.refresh(), plans.refresh()] == [False, True]
    assert plans.names == ()


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("A plan", declared.Plan), ("throttle", declared.Throttle), ("quota", declared.Quota),
        ("An operation of a plan", declared.Share), ("A limit", declared.Limit),
    ],
)  # fmt: skip
def test_every_key_is_documented_and_no_other(heading: str, kind: type[msgspec.Struct]) -> None:
    text = (DOCS / "reference" / "plans.md").read_text()
    section = re.split(r"^#+ ", text.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(documented) == sorted(field.encode_name for field in msgspec.structs.fields(kind))


def test_the_keys_at_the_top_are_documented() -> None:
    text = (DOCS / "reference" / "plans.md").read_text()
    assert all(f"| `{key}` |" in text for key in document.DECLARATION.keys)
