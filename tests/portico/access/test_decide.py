"""What a policy decides."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portico.access.conftest import NOON, Load, call, somebody

from portico.access import Principal, Roles, explain
from portico.access.policy import Rule

BUYER = """
roles:
  buyer:
    statements:
      - {id: look, effect: allow, api: shop, operations: [list*, getOrder]}
      - {id: place, effect: allow, api: shop, methods: post}
      - {id: never, effect: deny, api: "*", operations: listPosts}
      - {id: posts, effect: allow, api: blog, operations: "*"}
"""


def statements(*lines: str) -> str:
    return "roles:\n  buyer:\n    statements:\n" + "".join(f"      - {line}\n" for line in lines)


def test_what_no_statement_allows_is_denied(load: Load) -> None:
    roles = load(BUYER)
    said = roles.decide(somebody(), call("deleteOrder", "/orders/ada/1"))
    assert (said.allowed, said.statement) == (False, None)
    assert "deleteOrder" in said.reason


def test_a_statement_selects_by_operation_and_by_method(load: Load) -> None:
    roles = load(BUYER)
    assert roles.decide(somebody(), call("listOrders")).statement == "buyer/look"
    assert roles.decide(somebody(), call("getOrder", "/orders/ada/1")).statement == "buyer/look"
    assert roles.decide(somebody(), call("placeOrder")).statement == "buyer/place"


def test_an_explicit_deny_wins_wherever_it_stands(load: Load) -> None:
    said = load(BUYER).decide(somebody(), call("listPosts", "/posts", api="blog"))
    assert (said.allowed, said.statement) == (False, "buyer/never")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_conditional_deny_wins_in_every_order(load: Load, order: tuple[int, ...]) -> None:
    lines = (
        '{id: all, effect: allow, api: shop, operations: "*"}',
        '{id: home, effect: allow, api: shop, operations: "*", from: 192.0.2.0/24}',
        '{id: closed, effect: deny, api: shop, operations: "*", from: 192.0.2.7}',
    )
    roles = load(statements(*(lines[place] for place in order)))
    assert roles.decide(somebody(), call()).statement == "buyer/closed"
    assert roles.decide(somebody(), call(address="192.0.2.8")).allowed


@pytest.mark.parametrize(
    ("api", "operation"),
    [("shop", "dropTables"), ("bank", "listOrders"), ("shop", "listorders"), ("", ""), ("blog", "listOrders")],
)
def test_what_is_in_no_design_is_denied(load: Load, api: str, operation: str) -> None:
    roles = load(statements('{effect: allow, api: "*", operations: "*"}'))
    assert not roles.decide(somebody(), call(operation, api=api)).allowed


def test_a_role_that_is_not_there_may_do_nothing(load: Load) -> None:
    assert not load(BUYER).decide(somebody("admin"), call()).allowed
    assert not load("").decide(somebody(), call()).allowed
    assert not load("roles: {buyer: {}}").decide(somebody(), call()).allowed


def test_the_method_is_the_designs_and_not_the_callers(load: Load) -> None:
    roles = load(statements("{effect: allow, api: shop, methods: [GET, head]}"))
    assert roles.decide(somebody(), call("listOrders")).allowed
    assert not roles.decide(somebody(), call("placeOrder")).allowed


def test_a_statement_without_conditions_is_decided_when_the_file_is_read(load: Load) -> None:
    table = load(BUYER).all["buyer"].table
    assert not any(isinstance(found, Rule) for found in table.values())


def test_stages_are_bounded(load: Load) -> None:
    roles = load(statements('{effect: allow, api: shop, operations: "*", stages: [prod, "test-*"]}'))
    allowed = {
        stage: roles.decide(somebody(), call(stage=stage)).allowed
        for stage in ("prod", "test-1", "test-", "test", "production", "default")
    }
    assert allowed == {
        "prod": True, "test-1": True, "test-": True, "test": False, "production": False, "default": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::1", True),
        ("11.0.0.1", False),
        ("2001:db9::1", False),
        ("", False),
        ("testclient", False),
        ("10.1.2.3, 10.0.0.1", False),
    ],
)
def test_networks_are_bounded_and_an_address_that_is_none_is_in_none(load: Load, address: str, allowed: bool) -> None:
    roles = load(statements('{effect: allow, api: shop, operations: "*", from: [10.0.0.0/8, "2001:db8::/32"]}'))
    assert roles.decide(somebody(), call(address=address)).allowed is allowed


def test_a_deny_by_network_applies_to_who_comes_from_nowhere_known(load: Load) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: "*"}',
            '{effect: deny, api: shop, operations: "*", from: 10.0.0.0/8}',
        )
    )
    assert roles.decide(somebody(), call(address="192.0.2.1")).allowed
    assert not roles.decide(somebody(), call(address="unknown")).allowed


def window(declared: str, at: float, load: Load) -> bool:
    roles = load(statements(f'{{effect: allow, api: shop, operations: "*", time: {{{declared}}}}}'))
    return roles.decide(somebody(), call(at=at)).allowed


@pytest.mark.parametrize(
    ("declared", "hours", "allowed"),
    [
        ('after: "2027-01-15T12:00:00Z"', 0, True),
        ('after: "2027-01-15T12:00:00Z"', -0.001, False),
        ('before: "2027-01-15T12:00:00Z"', 0, False),
        ('before: "2027-01-15T13:00:00+01:00"', -0.001, True),
        ('daily: "08:00-12:00"', 0, False),
        ('daily: "12:00-13:00"', 0, True),
        ('daily: "22:00-06:00"', 11, True),
        ('daily: "22:00-06:00"', 17, True),
        ('daily: "22:00-06:00"', 18, False),
        ('daily: "13:00-14:00", zone: Europe/Berlin', 0, True),
        ('daily: "00:00-24:00", days: [fri]', 0, True),
        ("days: [fri]", 12, False),
        ("days: [sat], zone: Pacific/Auckland", 0, True),
    ],
)
def test_time_windows(load: Load, declared: str, hours: float, allowed: bool) -> None:
    assert window(declared, NOON + hours * 3_600, load) is allowed


def test_claims_are_compared_with_their_type(load: Load) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: listOrders, claims: {email_verified: true, tier: [gold, "plat*"]}}',
            '{effect: allow, api: shop, operations: placeOrder, claims: {level: 1, "cognito:groups": florists}}',
        )
    )
    assert roles.decide(somebody(email_verified=True, tier="platinum"), call()).allowed
    for wrong in ({"email_verified": "true"}, {"email_verified": 1}, {"tier": "silver"}, {"tier": None}):
        claims = {"email_verified": True, "tier": "gold", **wrong}
        assert not roles.decide(somebody(**claims), call()).allowed
    place = call("placeOrder")
    assert roles.decide(somebody(level=1, **{"cognito:groups": ["a", "florists"]}), place).allowed
    assert not roles.decide(somebody(level=True, **{"cognito:groups": ["florists"]}), place).allowed
    assert not roles.decide(somebody(level=1, **{"cognito:groups": [["florists"]]}), place).allowed
    assert not roles.decide(somebody(level=1), place).allowed


def test_a_claim_that_is_not_known_allows_nothing_and_is_denied_everywhere(load: Load) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: "*"}',
            '{effect: deny, api: shop, operations: "*", claims: {suspended: true}}',
        )
    )
    absent = Principal(role="buyer", carried=frozenset({"suspended"}))
    unknown = Principal(role="buyer", carried=frozenset({"sub"}))
    assert roles.decide(absent, call()).allowed
    assert not roles.decide(unknown, call()).allowed


def test_a_deny_whose_claim_cannot_be_put_in_denies(load: Load) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: "*"}',
            '{effect: deny, api: shop, operations: getOrder, paths: "/orders/${claims.rival}/*"}',
        )
    )
    path = "/orders/eve/1"
    assert roles.decide(somebody(rival="bob"), call("getOrder", path)).allowed
    assert not roles.decide(somebody(rival="eve"), call("getOrder", path)).allowed
    assert not roles.decide(somebody(), call("getOrder", path)).allowed


@pytest.mark.parametrize("path", ["", "x/orders/eve/1", "/orders/eve/./1", "/orders/eve/1?x=1"])
def test_a_path_that_cannot_be_read_slips_past_no_deny(load: Load, path: str) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: "*"}',
            '{effect: deny, api: shop, operations: getOrder, paths: "/orders/eve/*"}',
        )
    )
    assert not roles.decide(somebody(), call("getOrder", path)).allowed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    claims=st.dictionaries(st.sampled_from(["sub", "tier", "cognito:groups", "client_id"]), JSON, max_size=4),
    path=st.text("/ab%2e.*?{}é\0", max_size=12),
    address=st.text("0123456789.:af%", max_size=12),
    at=st.floats(0, 4e9),
    carried=st.none() | st.just(frozenset({"sub"})),
)
def test_whatever_is_sent_there_is_an_answer_and_never_an_allowance_by_accident(
    load: Load, claims: dict[str, object], path: str, address: str, at: float, carried: frozenset[str] | None
) -> None:
    roles = load(
        statements(
            '{effect: allow, api: shop, operations: getOrder, paths: "/orders/${claims.sub}/${claims.tier}", '
            'claims: {tier: gold, "cognito:groups": florists}, from: 10.0.0.0/8, time: {daily: "08:00-18:00"}}'
        )
    )
    who = Principal(role="buyer", claims=claims, carried=carried)
    roles.role_for(claims)
    said = roles.decide(who, call("getOrder", path, address=address, at=at))
    assert not said.allowed or (claims.get("tier") == "gold" and address.startswith("10."))


def test_the_explanation_says_which_statement_and_which_condition(load: Load) -> None:
    roles = load(
        statements(
            '{id: own, effect: allow, api: shop, operations: getOrder, paths: "/orders/${claims.sub}/*"}',
            "{id: office, effect: allow, api: shop, operations: getOrder, from: 10.0.0.0/8}",
            "{id: other, effect: allow, api: shop, operations: listOrders}",
        )
    )
    said = explain(roles, somebody(sub="ada"), call("getOrder", "/orders/eve/1", address="10.0.0.1"))
    assert said.decision.statement == "buyer/office"
    assert [(one.statement, one.applies) for one in said.considered] == [("buyer/own", False), ("buyer/office", True)]
    assert said.considered[0].steps[0].holds == "no"
    assert "/orders/${claims.sub}/*" in said.considered[0].steps[0].condition
    assert not explain(roles, somebody("nobody"), call()).considered


def test_a_decision_takes_less_than_the_time_of_a_dozen_look_ups(load: Load) -> None:
    """A look-up, whatever the number of statements: 500 of them cost what one costs."""
    import timeit

    def best(roles: Roles) -> float:
        who, what = somebody(), call()
        return min(timeit.repeat(lambda: roles.decide(who, what), number=2_000, repeat=5))

    one = best(load(statements("{effect: allow, api: shop, operations: listOrders}")))
    many = best(load(statements(*["{effect: allow, api: shop, operations: listOrders}"] * 500)))
    assert many < 5 * one
