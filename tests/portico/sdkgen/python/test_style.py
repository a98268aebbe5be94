"""Parameters are written as `portico.design.style`, the reference, writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portico.design import style as reference
from portico.design.model import Definitions, Parameter, Schema
from portico.sdkgen.python.runtime import jsontext, style
from portico.sdkgen.python.runtime.errors import BadArgument

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_scalar = _text | st.integers() | st.booleans()
_value = _scalar | st.lists(_scalar, max_size=4) | st.dictionaries(_text, _scalar, max_size=3)
_deep = st.recursive(_scalar, lambda inner: st.dictionaries(_text, inner, max_size=3), max_leaves=6)


def parameter(location: Any, form: Any, explode: bool, **more: Any) -> Parameter:
    return Parameter("näme", location, Schema(True, Definitions({})), style=form, explode=explode, **more)


@given(st.sampled_from(["simple", "label", "matrix"]), st.booleans(), _value)
def test_paths(form: str, explode: bool, value: Any) -> None:
    expected = reference.path_text(parameter("path", form, explode), value)
    written = style.path_text("näme", form, explode, json=False)(value)
    assert written == expected or written in (".", "..")  # which the caller refuses


@given(
    st.sampled_from(["form", "spaceDelimited", "pipeDelimited", "tabDelimited", "deepObject"]),
    st.booleans(),
    st.booleans(),
    _value | _deep,
)
def test_queries(form: str, explode: bool, reserved: bool, value: Any) -> None:
    expected = reference.query_pairs(parameter("query", form, explode, allow_reserved=reserved), value)
    assert style.query_pairs("näme", form, explode, json=False, reserved=reserved)(value) == expected


@given(st.booleans(), _value)
def test_headers(explode: bool, value: Any) -> None:
    assert style.header_text(explode, json=False)(value) == reference.header_text(
        parameter("header", "simple", explode), value
    )


@given(st.sampled_from(["form", "cookie"]), st.booleans(), _value)
def test_cookies(form: str, explode: bool, value: Any) -> None:
    expected = reference.cookie_pairs(parameter("cookie", form, explode), value)
    assume(not any(";" in pair for pair in expected))
    assert style.cookie_pairs("näme", form, explode, json=False)(value) == expected


def test_a_cookie_cannot_begin_another() -> None:
    with pytest.raises(BadArgument, match="another cookie"):
        style.cookie_pairs("a", "cookie", False, json=False)("b; admin=1")


def test_decimals_keep_their_digits_wherever_they_stand() -> None:
    price = jsontext.digits("1.50")
    assert style.path_text("a", "simple", False, json=False)(price) == "1.50"
    assert style.query_pairs("a", "form", True, json=False, reserved=False)([price, {"b": price}]) == [
        "a=1.50",
        "a=%7B%22b%22%3A1.50%7D",
    ]
    assert style.query_pairs("a", "form", False, json=True, reserved=False)(price) == ["a=1.50"]
    assert style.header_text(False, json=True)({"b": price}) == '{"b":1.50}'
    assert style.cookie_pairs("a", "cookie", False, json=False)(price) == ["a=1.50"]


@given(st.sampled_from(["path", "query", "header"]), _value)
def test_parameters_that_are_json(location: str, value: Any) -> None:
    asked = parameter(location, "form", False, media_type="application/json")
    if location == "path":
        assert style.path_text("näme", "form", False, json=True)(value) == reference.path_text(asked, value)
    elif location == "query":
        written = style.query_pairs("näme", "form", False, json=True, reserved=False)(value)
        assert written == reference.query_pairs(asked, value)
    else:
        assert style.header_text(False, json=True)(value) == reference.header_text(asked, value)
