"""The test vectors that AWS publishes for Signature Version 4 (Apache-2.0), as an npm package has them as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from portico.secret import Secret
from portico.signing import Credentials, HeaderNotSigned, Received, Rules, explain, present, sign, verify
from portico.signing.verify import canonical_request, payload_hash, string_to_sign

VECTOR_KEY = Credentials("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
VECTOR_RULES = Rules("us-east-1", service="service")
VECTOR_TIME = 1_440_938_160.0  # 20150830T123600Z

Vectors = Mapping[str, Mapping[str, str]]

TOKEN_ADDED_LATER = "post-sts-header-after"  # the token is not signed, which S3 and others took once
GARBLED = {"post-x-www-form-urlencoded", "post-x-www-form-urlencoded-parameters"}  # the package changed them


def parse(text: str) -> Received:
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, _, rest = first.partition(" ")
    path, _, query = rest.removesuffix(" HTTP/1.1").encode().partition(b"?")
    headers = [line.encode().partition(b":") for line in lines]
    return Received(method, path, query, [(name.lower(), value.strip()) for name, _, value in headers], body.encode())


def test_every_published_vector_verifies_step_by_step(vectors: Vectors) -> None:
    checked = []
    for name, vector in vectors.items():
        if name == TOKEN_ADDED_LATER or name in GARBLED:
            continue
        received = parse(vector["sreq"])
        presented = present(received)
        assert presented is not None
        verify(received, presented, VECTOR_KEY.secret_key, now=VECTOR_TIME, rules=VECTOR_RULES)
        request = canonical_request(received, presented, payload_hash(received, presented, VECTOR_RULES))
        assert request.decode() == vector["creq"], name
        assert string_to_sign(presented, request).decode() == vector["sts"], name
        checked.append(name)
    assert len(checked) >= 25


def test_the_vectors_with_a_form_verify_as_they_were_published(vectors: Vectors) -> None:
    for name in GARBLED:
        received = parse(vectors[name]["sreq"].replace("charset=utf-8", "charset=utf8"))
        presented = present(received)
        assert presented is not None
        verify(received, presented, VECTOR_KEY.secret_key, now=VECTOR_TIME, rules=VECTOR_RULES)


def test_the_vector_whose_token_was_added_after_signing_is_refused(vectors: Vectors) -> None:
    with pytest.raises(HeaderNotSigned, match="x-amz-security-token"):
        present(parse(vectors[TOKEN_ADDED_LATER]["sreq"]))


def test_signing_gives_the_published_signature() -> None:
    headers = sign(
        "GET",
        "https://example.amazonaws.com/",
        {},
        b"",
        VECTOR_KEY,
        region="us-east-1",
        service="service",
        now=VECTOR_TIME,
    )
    assert headers["x-amz-date"] == "20150830T123600Z"
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


def test_a_vector_that_is_read_back_explains_itself(vectors: Vectors) -> None:
    received = parse(vectors["get-relative-relative"]["sreq"])
    presented = present(received)
    assert presented is not None
    told = explain(received, presented, VECTOR_KEY.secret_key, rules=replace(VECTOR_RULES))
    assert told.canonical_request == vectors["get-relative-relative"]["creq"]
