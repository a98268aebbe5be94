"""The form of secrets, and what is kept of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.access.keys import form
from portico.access.keys.digest import Digests


def test_a_secret_is_what_scanners_look_for() -> None:
    made = [form.new_secret().reveal() for _ in range(500)]
    assert len(set(made)) == 500
    assert all(re.fullmatch(r"pk_[0-9A-Za-z]{49}", secret) for secret in made)
    assert all(form.may_be_one(secret.encode()) and form.holds_one(f"see {secret}!") for secret in made)


def test_the_form_does_not_change() -> None:
    """Secrets are out there: what was made by an earlier version is one for ever."""
    body = b"pk_" + b"0" * 43
    assert form.may_be_one(body + form._checksum(body).encode())
    assert form._checksum(body) == "1zqVSB"
    assert form._base62(2**256 - 1, 43) == "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"


@given(st.integers(3, 51), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
def test_a_typing_error_is_known_without_a_look_up(place: int, other: str) -> None:
    secret = form.new_secret().reveal()
    wrong = secret[:place] + other + secret[place + 1 :]
    assert form.may_be_one(wrong.encode()) == (wrong == secret)


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_a_fault(given: bytes) -> None:
    if form.may_be_one(given):
        assert 20 <= len(given) <= 128
    form.is_mistyped(given)


@pytest.mark.parametrize(
    "imported",
    ["a" * 20, "~" * 128, "pk_live_" + "a" * 44, "pk_" + "a" * 48, "pk_" + "a" * 50, "AbC,;\"'|<>0123456789"],
)
def test_secrets_of_elsewhere_may_have_any_form(imported: str) -> None:
    assert form.may_be_one(imported.encode())


@pytest.mark.parametrize("other", [b"", b"a" * 19, b"a" * 129, b"a" * 20 + b" ", b"a" * 20 + b"\n", b"\xff" * 30])
def test_what_is_none_is_known(other: bytes) -> None:
    assert not form.may_be_one(other)


def test_digests_depend_on_the_pepper_and_show_nothing() -> None:
    one, two = Digests(b"a" * 32), Digests(b"b" * 32)
    assert one.of(b"secret") == Digests(b"a" * 32).of(b"secret")
    assert len({one.of(b"secret"), two.of(b"secret"), one.of(b"Secret")}) == 3
    assert len(one.of(b"")) == 32
    assert repr(one) == "Digests(***)"
