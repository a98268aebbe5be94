"""The signature doctor names the mistakes that clients make, and no secret."""

from __future__ import annotations

import hashlib

import pytest
from tests.portico.signing.requests import KEY, NOW, REGION, RULES, TEMPORARY, arrived

from portico.secret import Secret
from portico.signing import Credentials, Explanation, Received, SignatureMismatch, explain, keys, present, sign, verify

URL = "http://localhost:8000/a%20b//c?z=1&a=x+y&flag"
BODY = b"{}"


def received() -> Received:
    return arrived("POST", URL, sign("POST", URL, {}, BODY, KEY, region=REGION, now=NOW), BODY)


def resigned(one: Received, canonical_request: str, key: Credentials = KEY) -> Received:
    """The same request with the signature of a canonical request that a client got wrong."""
    scope = f"20270115/{REGION}/execute-api/aws4_request"
    hashed = hashlib.sha256(canonical_request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n20270115T080000Z\n{scope}\n{hashed}".encode()
    wrong = keys.signing_key(key.secret_key.reveal(), scope.encode()).signature(to_sign).encode()
    headers = [
        (name, value.rpartition(b"=")[0] + b"=" + wrong if name == b"authorization" else value)
        for name, value in one.headers
    ]
    return one._replace(headers=headers)


def diagnosed(one: Received) -> Explanation:
    presented = present(one)
    assert presented is not None
    with pytest.raises(SignatureMismatch):
        verify(one, presented, KEY.secret_key, now=NOW, rules=RULES)
    return explain(one, presented, KEY.secret_key, rules=RULES)


def canonical() -> str:
    presented = present(received())
    assert presented is not None
    return explain(received(), presented, KEY.secret_key, rules=RULES).canonical_request


def test_the_canonical_request_and_the_string_to_sign_are_those_that_verify() -> None:
    text = canonical()
    assert text.split("\n")[:3] == ["POST", "/a%2520b/c", "a=x%20y&flag=&z=1"]
    assert resigned(received(), text) == received()


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("/a%2520b/c", "/a%20b//c", "encoded once"),
        ("/a%2520b/c", "/a%2520b//c", "not normalised"),
        ("a=x%20y&flag=&z=1", "z=1&a=x+y&flag", "not sorted"),
        ("a=x%20y&flag=&z=1", "a=x%20y&flag&z=1", "without '='"),
        ("a=x%20y&flag=&z=1", "a=x%2By&flag=&z=1", "%2B for a plus"),
        ("a=x%20y&flag=&z=1", "", "not signed"),
        (hashlib.sha256(BODY).hexdigest(), hashlib.sha256(b"").hexdigest(), "empty body"),
        (hashlib.sha256(BODY).hexdigest(), "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"),
        ("host:localhost:8000", "host:localhost", "localhost was signed, and localhost:8000 arrived"),
        ("host:localhost:8000", "host:127.0.0.1:8000", "127.0.0.1:8000 was signed"),
    ],
)
def test_a_usual_mistake_is_named(right: str, wrong: str, hint: str) -> None:
    text = canonical()
    assert right in text
    told = diagnosed(resigned(received(), text.replace(right, wrong)))
    assert any(hint in one for one in told.hints), told.hints


def test_a_wrong_key_has_no_hint() -> None:
    assert diagnosed(resigned(received(), canonical(), TEMPORARY)).hints == ()


def test_neither_the_secret_nor_the_right_signature_nor_the_session_token_is_told() -> None:
    token = "0123456789" * 20
    temporary = Credentials("ASIAEXAMPLE123456789", Secret("s" * 40), token)
    headers = sign("POST", URL, {}, BODY, temporary, region=REGION, now=NOW)
    right = headers["authorization"].rpartition("=")[2]
    changed = arrived("POST", URL, headers, b"[]")
    presented = present(changed)
    assert presented is not None
    told = explain(changed, presented, temporary.secret_key, rules=RULES)
    changed = arrived(
        "POST", URL, {**headers, "authorization": headers["authorization"].replace(right, "0" * 64)}, BODY
    )
    presented = present(changed)
    assert presented is not None
    for text in (repr(told), repr(explain(changed, presented, temporary.secret_key, rules=RULES))):
        assert "sssss" not in text
        assert token not in text
    assert right not in text
    assert "x-amz-security-token:01234567... (shortened)" in told.canonical_request
