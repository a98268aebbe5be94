"""What a password must be, and how hashes of others are verified."""

from __future__ import annotations

import base64
import hashlib

import pytest

from portico.identity.settings import PasswordPolicy
from portico.identity.users import phc, policy
from portico.identity.users.errors import HashRefused, PasswordRefused

PLAIN = PasswordPolicy()


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "\u30d1\u30b9\u30ef\u30fc\u30c9\u306f\u79d8\u5bc6\u3067\u3059\u3088",
        "dragon8#kQ!2vLp",
        "x7!Kp" * 200,
        "\U0001f600\U0001f601\U0001f602\U0001f603 smile",
    ],
)
def test_long_and_uncommon_passwords_are_good(password):
    policy.check(password, PLAIN, "ada", "ada.lovelace@example.com")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("ninechars", "at least 10"),
        ("qwertyuiop", "Many people"),
        ("QWERTYUIOP", "Many people"),
        ("Password2024", "Many people"),
        ("basketball1!", "Many people"),
        ("aaaaaaaaaaaaaaaa", "Many people"),
        ("abababababab", "Many people"),
        ("ada.lovelace 1815", "own name"),
        ("I-am-COUNTESS-really", "own name"),
        ("\u00e4" * 513, "at most"),
        ("\ufb03" * 400, "at most"),
        ("\uff51\uff57\uff45\uff52\uff54\uff59\uff55\uff49\uff4f\uff50", "Many people"),
    ],
)
def test_others_are_refused_with_a_reason(password, reason):
    with pytest.raises(PasswordRefused, match=reason):
        policy.check(password, PLAIN, "countess", "ada.lovelace@example.com")


@pytest.mark.parametrize(
    ("required", "bad", "good"),
    [
        ("digit", "no number here", "1 number here"),
        ("uppercase", "all lower case", "All lower case"),
        ("lowercase", "ALL UPPER CASE", "ALL UPPER CASe"),
        ("symbol", "nothingelse9", "nothing else9"),
    ],
)
def test_a_pool_may_ask_for_classes_of_characters(required, bad, good):
    asked = PasswordPolicy(require=(required,))
    with pytest.raises(PasswordRefused):
        policy.check(bad, asked)
    policy.check(good, asked)


def test_a_pool_may_allow_common_passwords():
    policy.check("qwertyuiop", PasswordPolicy(refuse_breached=False))


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()


SALT = b"0123456789abcdef"


@pytest.mark.parametrize(
    "made",
    [
        f"$scrypt$ln=14,r=8,p=1${encoded(SALT)}${encoded(hashlib.scrypt(b'plain', salt=SALT, n=1 << 14, r=8, p=1))}",
        f"$pbkdf2-sha256$i=20000${encoded(SALT)}${encoded(hashlib.pbkdf2_hmac('sha256', b'plain', SALT, 20000))}",
        f"$pbkdf2-sha512$i=20000${encoded(SALT)}${encoded(hashlib.pbkdf2_hmac('sha512', b'plain', SALT, 20000))}",
    ],
)
def test_hashes_of_others_are_verified(made):
    phc.check(made)
    assert phc.matches(made, b"plain")
    assert not phc.matches(made, b"plane")


def test_the_list_of_common_passwords_is_small_and_sorted():
    from importlib.resources import files

    text = files("portico.identity.users").joinpath("breached.txt").read_bytes()
    words = text.decode("ascii").split()
    assert len(text) < 200_000
    assert len(words) > 10_000
    assert words == sorted(set(words))


@pytest.mark.parametrize(
    "stored",
    [
        f"$scrypt$ln=16,r=1,p=1${encoded(SALT)}${encoded(b'x' * 32)}",
        f"$argon2id$v=19$m=\u0661\u0662,t=2,p=1${encoded(SALT)}${encoded(b'x' * 32)}",
    ],
)
def test_a_hash_that_nobody_can_verify_is_refused_and_not_an_error_at_each_sign_in(stored):
    with pytest.raises(HashRefused):
        phc.check(stored)
