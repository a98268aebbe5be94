"""Paths of statements, and what a hostile path or claim can do to them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.access.conftest import Load, call, somebody

from portico.access.model import Principal
from portico.access.patterns import PatternInvalid, compile_path, fits, segments_of


def holds(pattern: str, path: str, **claims: object) -> bool | None:
    segments = segments_of(path)
    return None if segments is None else compile_path(pattern).holds(segments, Principal(role="r", claims=claims))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/orders", "/orders", True),
        ("/orders", "/orders/", False),
        ("/orders", "/Orders", False),
        ("/orders/*", "/orders/1", True),
        ("/orders/*", "/orders/1/2", False),
        ("/orders/*", "/orders/a%2Fb", True),
        ("/orders/a-*-z", "/orders/a-b-c-z", True),
        ("/orders/a-*-z", "/orders/a-z", False),
        ("/orders/**", "/orders", True),
        ("/orders/**", "/orders/1/2/3", True),
        ("/orders/**", "/ordersX", False),
        ("/**/items/*", "/a/b/items/1", True),
        ("/**/items/*", "/items/1", True),
        ("/**/items/*", "/items/items/1", True),
        ("/**/a/**/b", "/a/x/y/b", True),
        ("/**/a/**/b", "/b/x/y/a", False),
        ("/or ders", "/or%20ders", True),
        ("/straße", "/stra%C3%9Fe", True),
        ("/orders/1", "/orders%2F1", False),
        ("/orders/1", "/order%73/1", True),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert holds(pattern, path) is expected


@pytest.mark.parametrize(
    "path", ["/orders/../admin", "/orders/%2e%2e/admin", "/orders/.", "/orders/%2E/x", "", "orders", "/orders?x"]
)
def test_a_path_with_dots_and_one_that_is_none_cannot_be_judged(path: str) -> None:
    assert holds("/**", path) is None


def test_a_person_reaches_their_own_orders_only(load: Load) -> None:
    roles = load(
        "roles: {buyer: {statements: [{effect: allow, api: shop, operations: getOrder, "
        'paths: "/orders/${claims.sub}/*"}]}}'
    )
    ada = somebody(sub="ada")
    assert roles.decide(ada, call("getOrder", "/orders/ada/1")).allowed
    for path in (
        "/orders/eve/1",
        "/orders/ad/1",
        "/orders/adaa/1",
        "/orders/ada/../eve/1",
        "/orders/ada/%2e%2e",
        "/orders/ada%2F1",
        "/orders/ada%2F..%2Feve/1",
        "/orders/ADA/1",
        "//orders/ada/1",
        "/orders//1",
        "/orders/ada%00/1",
    ):
        assert not roles.decide(ada, call("getOrder", path)).allowed, path


@pytest.mark.parametrize("sub", ["*", "**", "a*", "", "ada/1", "../ada", "${claims.sub}", "eve/*", "?", "[a-z]+", ".*"])
def test_a_claim_stands_for_itself_only(load: Load, sub: str) -> None:
    roles = load(
        "roles: {buyer: {statements: [{effect: allow, api: shop, operations: getOrder, "
        'paths: "/orders/${claims.sub}/*"}]}}'
    )
    for path in ("/orders/ada/1", "/orders/eve/1", "/orders/x/1", "/orders//1", "/orders/ada/1/2"):
        assert not roles.decide(somebody(sub=sub), call("getOrder", path)).allowed


def test_a_slash_in_a_claim_is_an_encoded_slash_of_the_path() -> None:
    assert holds("/orders/${claims.team}/*", "/orders/a%2Fb/1", team="a/b") is True
    assert holds("/orders/${claims.team}/*", "/orders/a/b/1", team="a/b") is False
    assert holds("/orders/${claims.team}/*", "/orders/a%252Fb/1", team="a/b") is False


@pytest.mark.parametrize("value", [None, True, ["ada"], {"a": 1}, "", 1.5, 1 << 70])
def test_a_claim_that_is_no_text_and_no_whole_number_cannot_be_put_in(value: object) -> None:
    assert holds("/orders/${claims.x}/*", "/orders/ada/1", x=value) is None


def test_numbers_and_several_claims_in_one_segment() -> None:
    assert holds("/t/${claims.a}-${claims.https://x.example/b}*", "/t/7-z!", **{"a": 7, "https://x.example/b": "z"})


@pytest.mark.parametrize(
    "pattern", ["orders", "", "/a/${claim.sub}", "/a/${claims.}", "/a/x**", "/a?b=1", "/a/%2e", "/a#b", "/${sub}"]
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(PatternInvalid):
        compile_path(pattern)


@given(st.lists(st.text("ab/", max_size=3), min_size=1, max_size=5), st.text("ab/", max_size=12))
def test_stars_are_what_a_regular_expression_would_find(pieces: list[str], text: str) -> None:
    import re

    assert fits(pieces, text) == bool(re.fullmatch(".*".join(map(re.escape, pieces)), text, re.DOTALL))


def test_a_pattern_of_many_stars_is_matched_in_a_moment() -> None:
    began = time.process_time()
    assert not fits(["a"] * 40 + ["b"], "a" * 20_000)
    assert holds("/" + "**/a/" * 30 + "b", "/a" * 4_000) is False
    assert time.process_time() - began < 1
