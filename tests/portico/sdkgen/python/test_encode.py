"""Whatever a text is, it stays where an encoder puts it."""

from __future__ import annotations

import ast
import doctest
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.sdkgen.hostile import TEXTS

from portico.sdkgen.python import encode
from portico.sdkgen.untrusted import Untrusted

ANY = (
    st.text(st.characters()) | st.text("\"\\\n\r'#>{}` abcportico: keep\u2028\u202e\ud800\x00") | st.sampled_from(TEXTS)
)
CONSTANTS = st.recursive(
    ANY | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(ANY, inner),
)


def is_seen(text: str) -> bool:
    return all(letter.isprintable() for letter in text)


@given(ANY)
def test_a_literal_has_exactly_the_value_and_one_line(text: str) -> None:
    written = encode.literal(Untrusted(text))
    assert ast.literal_eval(written) == text
    assert is_seen(written)
    assert "portico: keep" not in written


@given(CONSTANTS)
def test_a_constant_has_exactly_the_value(value: Any) -> None:
    written = encode.constant(value)
    assert ast.literal_eval(written) == value
    assert is_seen(written)


def test_numbers_that_have_no_literal_are_still_constants() -> None:
    assert eval(encode.constant([float("inf"), float("-inf")])) == [float("inf"), float("-inf")]  # noqa: S307


def test_what_is_no_constant_is_refused() -> None:
    with pytest.raises(TypeError):
        encode.constant(object())


@given(ANY, st.sampled_from(["", "    "]))
def test_a_docstring_is_one_text_and_holds_no_example_that_runs(text: str, indent: str) -> None:
    written = encode.docstring(encode.lines(Untrusted(text)), indent)
    module = ast.parse(f"class A:\n    {written}\n" if indent else f"{written}\n")
    node: Any = module.body[0].body if indent else module.body  # type: ignore[attr-defined]
    assert len(node) == 1
    assert isinstance(node[0].value, ast.Constant)
    found = node[0].value.value
    assert isinstance(found, str)
    assert doctest.DocTestParser().get_examples(found) == []
    assert all(is_seen(line) for line in written.split("\n"))
    assert "portico: keep" not in written


@given(ANY)
def test_a_comment_ends_with_its_line(text: str) -> None:
    assert ast.parse(f"# {encode.comment(Untrusted(text))}\nx = 1\n").body[0].lineno == 2


@given(ANY)
def test_a_line_of_a_docstring_stays_in_it(text: str) -> None:
    module = ast.parse(f'"""The objects of {encode.docline(Untrusted(text))}. Written."""\n')
    assert isinstance(module.body[0], ast.Expr)
    assert len(module.body) == 1


@given(ANY)
def test_a_string_of_toml_is_a_string(text: str) -> None:
    said = tomllib.loads(f"a = {encode.toml(Untrusted(text))}\nb = 1\n")
    assert said.keys() == {"a", "b"}
    assert isinstance(said["a"], str)


@given(ANY)
def test_markdown_is_one_line_without_markup(text: str) -> None:
    written = encode.markdown(Untrusted(text))
    assert is_seen(written)
    assert "<" not in written
    assert "](" not in written.replace("\\]", "")
    assert "://" not in "".join(written.split("`")[0::2])


def test_code_of_a_description_is_shown_as_code() -> None:
    assert encode.markdown("Call `place_order` *now*.") == "Call `place_order` \\*now\\*."
    assert encode.markdown("# A `") == "\\# A '"
    assert encode.markdown("12. x") == "12\\. x"


def test_long_lines_are_broken_between_words_and_go_on_with_the_next() -> None:
    assert encode.lines("one two three\nfour five", 9) == ["one two", "three", "four five"]
    assert encode.lines("one two three\nfour\n\n\n\nfive\n", 11) == ["one two", "three four", "", "five"]
    assert encode.lines("x" * 50, 10) == ["x" * 50]
    assert encode.lines("  \n ", 10) == []
