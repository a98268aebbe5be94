"""Token confusion, and every other way to have a token taken for what it is not (RFC 8725)."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.tokens.conftest import ISSUER, NOW, Make, jwk_of, public_pem

from portico.tokens import InvalidToken, Key, Rules, keys_of, verify
from portico.tokens.verify import UnknownKey

RULES = Rules(issuer=ISSUER, types=frozenset({"at+jwt"}), uses=frozenset({"access"}))


def refused(token: str, keys: dict[str, Key], rules: Rules = RULES, *, now: float = NOW) -> str:
    with pytest.raises(InvalidToken) as caught:
        verify(token, keys, rules, now=now)
    return caught.value.reason


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_is_what_it_says(make: Make, keys: dict[str, Key], algorithm: str) -> None:
    claims = verify(make(algorithm=algorithm), keys, RULES, now=NOW)
    assert (claims["sub"], claims["scope"]) == ("3e1c", "openid concierge/chat")


def test_the_long_form_of_the_type_will_do(make: Make, keys: dict[str, Key]) -> None:
    assert verify(make(header={"typ": "application/AT+JWT"}), keys, RULES, now=NOW)["sub"] == "3e1c"


@pytest.mark.parametrize("typ", [None, "JWT", "logout+jwt", "id_token", ""])
def test_another_type_or_none_is_no_access_token(make: Make, keys: dict[str, Key], typ: str | None) -> None:
    # PyJWT writes "JWT" where no type is given
    assert "typ" in refused(make(header={"typ": typ} if typ is not None else {"typ": "JWT"}), keys)


def test_a_token_without_a_type_is_no_access_token(make: Make, keys: dict[str, Key]) -> None:
    payload = jwt.decode(make(), options={"verify_signature": False})
    assert "typ" in refused(by_hand({"alg": "RS256", "kid": "rsa"}, payload, b"x"), keys)


def test_an_id_token_is_no_access_token(make: Make, keys: dict[str, Key]) -> None:
    assert "token_use" in refused(make({"token_use": "id"}), keys)
    assert "token_use" in refused(make({"token_use": None}), keys)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_no_signature_is_none(make: Make, keys: dict[str, Key], alg: str) -> None:
    payload = jwt.decode(make(), options={"verify_signature": False})
    token = by_hand({"alg": alg, "typ": "at+jwt", "kid": "rsa"}, payload)
    refused(token, keys)
    refused(token.rpartition(".")[0] + ".", keys)


def test_the_public_key_is_no_shared_secret(make: Make, keys: dict[str, Key], rsa_key: rsa.RSAPrivateKey) -> None:
    payload = jwt.decode(make(), options={"verify_signature": False})
    for secret in (public_pem(rsa_key), public_pem(rsa_key).strip()):
        head = {"alg": "HS256", "typ": "at+jwt", "kid": "rsa"}
        signing_input = by_hand(head, payload).rpartition(".")[0]
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        raw = signature.sign(signing_input.encode(), secret)
        token = signing_input + "." + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        assert "HS256" in refused(token, keys)


def test_a_key_is_good_for_one_algorithm_only(make: Make, keys: dict[str, Key], rsa_key: rsa.RSAPrivateKey) -> None:
    assert "PS256" in refused(make(key=rsa_key, algorithm="PS256", header={"kid": "rsa"}), keys)
    assert "RS512" in refused(make(algorithm="RS512"), keys)
    refused(make(algorithm="ES256", header={"kid": "rsa"}), keys)


def test_a_key_that_the_token_brings_along_is_not_looked_at(make: Make, keys: dict[str, Key]) -> None:
    own = rsa.generate_private_key(65_537, 2_048)
    for header in (
        {"jwk": jwk_of(own)},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"jwk": jwk_of(own), "kid": None},
    ):
        reason = refused(make(key=own, header=header), keys)
        assert "header says" in reason or "critical" in reason, header


@pytest.mark.parametrize("kid", ["../../dev/null", "rsa' OR '1'='1", "", "RSA"])
def test_an_unknown_key_is_told_as_such(make: Make, keys: dict[str, Key], kid: str) -> None:
    with pytest.raises(UnknownKey):
        verify(make(header={"kid": kid}), keys, RULES, now=NOW)


def test_without_a_key_id_only_the_one_fitting_key_is_tried(make: Make, keys: dict[str, Key]) -> None:
    assert verify(make(header={"kid": None}), keys, RULES, now=NOW)
    assert "no key" in refused(make(header={"kid": None}), {**keys, "other": keys["rsa"]})


@pytest.mark.parametrize("issuer", [None, "https://evil.example", ISSUER + "/", ISSUER.upper(), [ISSUER]])
def test_another_issuer_is_refused(keys: dict[str, Key], rsa_key: rsa.RSAPrivateKey, issuer: Any) -> None:
    assert "iss" in refused(signed({"iss": issuer, "exp": int(NOW) + 60, "token_use": "access"}, rsa_key), keys)


def signed(claims: dict[str, Any], key: rsa.RSAPrivateKey) -> str:
    """What PyJWT would refuse to make."""
    head = {"typ": "at+jwt", "kid": "rsa"}
    return jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), key, algorithm="RS256", headers=head)


def test_the_audience_is_one_of_those_expected(make: Make, keys: dict[str, Key]) -> None:
    rules = Rules(issuer=ISSUER, audiences=frozenset({"https://api.example"}))
    assert verify(make({"aud": "https://api.example"}), keys, rules, now=NOW)
    assert verify(make({"aud": ["other", "https://api.example"]}), keys, rules, now=NOW)
    assert verify(make({"aud": None, "client_id": "https://api.example"}), keys, rules, now=NOW)
    assert "aud" in refused(make({"aud": "https://api.example.evil"}), keys, rules)
    assert "aud" in refused(make({"aud": None}), keys, rules)


def test_times_are_kept_within_the_leeway(make: Make, keys: dict[str, Key]) -> None:
    token = make()
    assert verify(token, keys, RULES, now=NOW + 904)
    assert "expired" in refused(token, keys, now=NOW + 905)
    assert verify(token, keys, RULES, now=NOW - 5)
    assert "ahead" in refused(token, keys, now=NOW - 6)
    assert "ahead" in refused(make({"nbf": int(NOW) + 60}), keys)
    assert "exp" in refused(make({"exp": None}), keys)


@pytest.mark.parametrize("value", ["9999999999", True, [], {}])
def test_a_time_that_is_no_number_is_refused(keys: dict[str, Key], rsa_key: rsa.RSAPrivateKey, value: Any) -> None:
    token = signed({"iss": ISSUER, "token_use": "access", "exp": value, "iat": int(NOW)}, rsa_key)
    assert "exp is no number" in refused(token, keys)


def test_each_changed_character_is_noticed(make: Make, keys: dict[str, Key]) -> None:
    token = make()
    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        refused(changed, keys)


def test_a_token_of_any_length_is_refused_quickly(keys: dict[str, Key]) -> None:
    assert "bytes" in refused("a" * 10_000_000, keys)
    refused("[" * 16_000, keys)
    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 8_000).decode()
    refused(f"{deep}.e30.x", keys)


@given(st.text(max_size=200))
def test_no_text_breaks_the_verifier(text: str) -> None:
    with pytest.raises(InvalidToken):
        verify(text, {}, RULES, now=NOW)


@pytest.mark.parametrize(
    "entry", [{"kty": "EC", "crv": ["P-256"]}, {"kty": ["RSA"]}, {"kty": "RSA", "crv": {}}, {}, []]
)
def test_a_key_set_that_is_nonsense_holds_no_key(entry: Any) -> None:
    assert keys_of({"keys": [entry]}) == {}
