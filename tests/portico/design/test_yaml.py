"""YAML as designs need it: version 1.2's types, and nothing that a stranger could hurt with."""

from __future__ import annotations

import time

import pytest

from portico.design import yaml
from portico.design.limits import Unreadable

HEAD = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {}\n"


@pytest.mark.parametrize(
    "word",
    ["on", "off", "yes", "no", "y", "n", "On", "NO", "2026-01-01", "2026-01-01T00:00:00Z", "1:30", "1_000", "0b11"],
)
def test_words_that_older_yaml_took_for_something_else_stay_texts(word: str) -> None:
    assert yaml.load(f"a: {word}") == {"a": word}
    assert yaml.load(f"{word}: a") == {word: "a"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("12", 12), ("-3", -3), ("010", 10),
        ("0o10", 8), ("0x1F", 31), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("'12'", "12"), ('"true"', "true"),
        ("!!str 12", "12"), ("!!int '12'", 12), ("3.1.0", "3.1.0"), ("+x", "+x"), ("-", None),
    ],
)  # fmt: skip
def test_plain_words_mean_what_the_core_schema_says(written: str, meant: object) -> None:
    if written == "-":
        assert yaml.load("a:\n  -") == {"a": [None]}
    else:
        assert yaml.load(f"a: {written}") == {"a": meant}


def test_keys_are_texts_as_they_are_written() -> None:
    assert yaml.load("200: a\n4XX: b\ntrue: c\nnull: d\n1.0: e\n0x1: f") == {
        "200": "a", "4XX": "b", "true": "c", "null": "d", "1.0": "e", "0x1": "f",
    }  # fmt: skip


def test_anchors_and_merge_keys_work() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {y: 5, z: 3}\nit:\n  <<: [*b, *o]\n  x: 9\nsame: *b\nkey: &k name\n*k : 1"
    assert yaml.load(text) == {
        "base": {"x": 1, "y": 2},
        "other": {"y": 5, "z": 3},
        "it": {"x": 9, "y": 2, "z": 3},
        "same": {"x": 1, "y": 2},
        "key": "name",
        "name": 1,
    }


def test_a_quoted_merge_key_is_a_key_like_any_other() -> None:
    assert yaml.load("'<<': {a: 1}") == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", 3, 1),
        ("a: {b: 1,\n    b: 2}", "duplicate-key", 2, 5),
        ("? [a, b]\n: 1", "unreadable-file", 1, 3),
        ("? {a: b}\n: 1", "unreadable-file", 1, 3),
        ("a: [1, 2\nb: 3", "unreadable-file", 2, 2),
        ("a: b: c", "unreadable-file", 1, 5),
        ("a:\n\t- b", "unreadable-file", 2, 1),
        ("a: *nobody", "unreadable-file", 1, 4),
        ("a: &x [*x]", "unreadable-file", 1, 8),
        ("a: !!python/object/apply:os.system ['true']", "unreadable-file", 1, 4),
        ("a: !include x.yaml", "unreadable-file", 1, 4),
        ("a: .inf", "unreadable-file", 1, 4),
        ("a: .nan", "unreadable-file", 1, 4),
        ("a: 1e999", "unreadable-file", 1, 4),
        (f"a: {'9' * 5000}", "unreadable-file", 1, 4),
        ("a: 1\n---\nb: 2", "unreadable-file", 2, 1),
        ("a: b\x00c", "unreadable-file", 1, 5),
        ("a: \ud800", "unreadable-file", 1, 1),
        ("<<: 3", "unreadable-file", 1, 5),
        ("[" * 100_000, "too-deep", 1, 129),
        ("{a: " * 100_000, "too-deep", 1, 513),
        ("- " * 100_000, "too-deep", 1, 257),
        ("a: " + "[" * 200 + "]" * 200, "too-deep", 1, 131),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, rule: str, line: int, column: int) -> None:
    with pytest.raises(Unreadable) as caught:
        yaml.load(text)
    assert (caught.value.rule, caught.value.line, caught.value.column) == (rule, line, column), caught.value.message


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    began = time.process_time()
    with pytest.raises(Unreadable) as caught:
        yaml.load("\n".join(levels))
    assert caught.value.rule == "too-large"
    assert time.process_time() - began < 1


def test_a_bomb_of_merge_keys_is_refused_at_once() -> None:
    levels = ["a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}"]
    levels += [f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(9))}}}" for n in range(1, 20)]
    with pytest.raises(Unreadable) as caught:
        yaml.load("\n".join(levels))
    assert caught.value.rule == "too-large"


def test_aliases_that_nest_ever_deeper_are_refused() -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300)]
    with pytest.raises(Unreadable) as caught:
        yaml.load("\n".join(levels))
    assert caught.value.rule == "too-deep"
