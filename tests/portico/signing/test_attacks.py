"""A signed request in which anything was changed is refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import pytest
from tests.portico.signing.requests import KEY, NOW, REGION, TEMPORARY, accept, arrived

from portico.signing import (
    Credentials,
    HeaderNotSigned,
    IncompleteSignature,
    PayloadMismatch,
    PayloadNotSigned,
    Received,
    Rules,
    SignatureError,
    SignatureMismatch,
    SignedTwice,
    UnsupportedAlgorithm,
    WrongScope,
    present,
    presign,
    sign,
)

URL = "https://shop.example/concierge/v1/messages/m%20x?room=main&n=2"
BODY = b'{"text":"two bouquets"}'


def signed(
    credentials: Credentials = KEY, *, method: str = "POST", url: str = URL, body: bytes = BODY, **headers: str
) -> Received:
    given = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return arrived(method, url, sign(method, url, given, body, credentials, region=REGION, now=NOW), body)


def presigned(credentials: Credentials = KEY, *, url: str = URL) -> Received:
    return arrived("GET", presign("GET", url, credentials, region=REGION, now=NOW, expires=60), {})


def with_header(received: Received, name: bytes, change: Callable[[bytes], bytes]) -> Received:
    headers = [(one, change(value) if one == name else value) for one, value in received.headers]
    return received._replace(headers=headers)


def header(received: Received, name: bytes) -> bytes:
    return dict(received.headers)[name]


def mutations(value: bytes) -> Iterator[bytes]:
    """The value with each of its bytes changed, taken away, and doubled."""
    for place in range(len(value)):
        for mask in (0x01, 0x20):
            yield value[:place] + bytes((value[place] ^ mask,)) + value[place + 1 :]
        yield value[:place] + value[place + 1 :]
        yield value[: place + 1] + value[place:]


def refused(received: Received, credentials: Credentials) -> bool:
    """Whether the server takes it for unsigned, for another key's, or for wrong."""
    try:
        presented = present(received)
        if presented is None or presented.access_key_id != credentials.access_key_id:
            return True  # there is no such key
        if presented.session_token != credentials.session_token:
            return True  # there is no such session
        accept(received, credentials)
    except SignatureError:
        return True
    return False


@pytest.mark.parametrize("credentials", [KEY, TEMPORARY], ids=["key", "temporary"])
def test_a_single_byte_changed_anywhere_is_refused(credentials: Credentials) -> None:
    received = signed(credentials)
    accept(received, credentials)
    changed = [
        *[received._replace(method=value.decode("latin-1")) for value in mutations(b"POST")],
        *[received._replace(raw_path=value) for value in mutations(received.raw_path)],
        *[received._replace(query_string=value) for value in mutations(received.query_string)],
        *[received._replace(body=value) for value in mutations(received.body)],
    ]
    for name, value in received.headers:
        changed += [
            with_header(received, name, lambda _, other=other: other)  # type: ignore[misc]
            for other in mutations(value)
        ]
        changed.append(received._replace(headers=[pair for pair in received.headers if pair[0] != name]))
    accepted = [one for one in changed if not refused(one, credentials)]
    assert all(same_meaning(received, one) for one in accepted), accepted
    assert len(accepted) < 20 < 1_200 < len(changed)


def same_meaning(original: Received, changed: Received) -> bool:
    """Changes that the canonical form is blind to on purpose: white space, slashes, digits' case."""
    return (
        changed.method == original.method
        and changed.raw_path.replace(b"//", b"/") == original.raw_path
        and same_query(original, changed)
        and [(name, squeezed(value)) for name, value in changed.headers]
        == [(name, squeezed(value)) for name, value in original.headers]
        and changed.body == original.body
    )


def same_query(original: Received, changed: Received) -> bool:
    before, after = (parse_qsl(one.query_string, keep_blank_values=True) for one in (original, changed))
    return before == after


def squeezed(value: bytes) -> bytes:
    return value.translate(None, b" ")


@pytest.mark.parametrize("credentials", [KEY, TEMPORARY], ids=["key", "temporary"])
def test_a_single_byte_changed_in_a_presigned_url_is_refused(credentials: Credentials) -> None:
    received = presigned(credentials)
    accept(received, credentials)
    for query in mutations(received.query_string):
        changed = received._replace(query_string=query)
        assert refused(changed, credentials) or same_query(received, changed), query


def test_a_header_that_is_added_with_an_amazon_name_must_be_signed() -> None:
    received = signed()
    added = received._replace(headers=[*received.headers, (b"x-amz-meta-role", b"admin")])
    with pytest.raises(HeaderNotSigned, match="x-amz-meta-role"):
        present(added)
    url = presigned()
    with pytest.raises(HeaderNotSigned, match="x-amz-acl"):
        present(url._replace(headers=[*url.headers, (b"x-amz-acl", b"public")]))


@pytest.mark.parametrize("name", [b"host", b"x-amz-date"])
def test_the_host_and_the_date_must_be_signed(name: bytes) -> None:
    unsigned = with_header(
        signed(), b"authorization", lambda value: value.replace(name + b";", b"").replace(b";" + name, b"")
    )
    with pytest.raises(HeaderNotSigned, match="must be a 'SignedHeader'"):
        present(unsigned)


def test_another_host_is_refused() -> None:
    with pytest.raises(SignatureMismatch):
        accept(with_header(signed(), b"host", lambda _: b"evil.example"))


def test_behind_a_proxy_that_changes_the_host_the_configured_one_counts() -> None:
    received = with_header(signed(), b"host", lambda _: b"127.0.0.1:8000")
    presented = present(received, host="shop.example")
    assert presented is not None
    assert b"host:shop.example\n" in presented.headers


@pytest.mark.parametrize("name", [b"host", b"authorization", b"x-amz-date", b"x-amz-security-token"])
def test_headers_that_decide_must_not_come_twice(name: bytes) -> None:
    received = signed(TEMPORARY)
    for other in (header(received, name), b"other"):
        with pytest.raises(SignedTwice, match="twice"):
            present(received._replace(headers=[*received.headers, (name, other)]))


def test_the_parameters_of_a_presigned_url_must_not_come_twice() -> None:
    received = presigned(TEMPORARY)
    for item in received.query_string.split(b"&"):
        if item.startswith(b"X-Amz-"):
            name, _, value = item.partition(b"=")
            for spelling in (name, name.lower(), name.replace(b"-", b"%2D")):
                query = received.query_string + b"&" + spelling + b"=" + value
                with pytest.raises(SignedTwice, match="twice"):
                    present(received._replace(query_string=query))


def test_a_parameter_with_an_amazon_name_must_not_come_twice_beside_a_header_either() -> None:
    with pytest.raises(SignedTwice):
        present(signed()._replace(query_string=b"X-Amz-Date=1&x-amz-date=2"))


def test_a_request_with_two_kinds_of_signature_is_refused() -> None:
    both = presigned()._replace(headers=[*presigned().headers, (b"authorization", b"Bearer token")])
    with pytest.raises(SignedTwice, match="Authorization header and a signature"):
        present(both)


def test_a_swapped_session_token_does_not_fit_the_signature() -> None:
    received = with_header(signed(TEMPORARY), b"x-amz-security-token", lambda _: b"another.token")
    presented = present(received)
    assert presented is not None
    assert presented.session_token == "another.token"
    with pytest.raises(SignatureMismatch):
        accept(received, Credentials(TEMPORARY.access_key_id, TEMPORARY.secret_key, "another.token"))


def test_a_session_token_moved_from_the_query_string_to_a_header_is_refused() -> None:
    received = presigned(TEMPORARY)
    with pytest.raises(SignedTwice, match="session token"):
        present(received._replace(headers=[*received.headers, (b"x-amz-security-token", b"a.token")]))


def test_another_secret_key_is_refused() -> None:
    with pytest.raises(SignatureMismatch):
        accept(signed(), Credentials(KEY.access_key_id, TEMPORARY.secret_key))


@pytest.mark.parametrize(
    ("rules", "told"),
    [(Rules("eu-central-1"), "valid region: 'eu-central-1', not 'us-east-1'"), (Rules(REGION, service="s3"), "'s3'")],
)
def test_a_signature_for_another_region_or_service_is_refused(rules: Rules, told: str) -> None:
    with pytest.raises(WrongScope, match=told):
        accept(signed(), rules=rules)


def test_the_date_of_the_credential_must_be_the_date_of_the_request() -> None:
    other = with_header(signed(), b"authorization", lambda value: value.replace(b"/20270115/", b"/20270114/"))
    with pytest.raises(WrongScope, match="'20270114' != '20270115', from '20270115T080000Z'"):
        present(other)


def test_another_body_is_refused_with_and_without_a_stated_hash() -> None:
    with pytest.raises(SignatureMismatch):
        accept(signed()._replace(body=b"{}"))
    stated = signed(x_amz_content_sha256="dd3edd8e5a4b0bd9ef3b2e9a63a0ab4e2ecd4e1aaa1a55f4a1f2f1f0f2a1d1c0")
    with pytest.raises(PayloadMismatch):
        accept(stated)


def test_an_unsigned_payload_is_taken_only_where_the_operation_says_so() -> None:
    received = signed(x_amz_content_sha256="UNSIGNED-PAYLOAD")
    with pytest.raises(PayloadNotSigned, match="UNSIGNED-PAYLOAD is not taken"):
        accept(received)
    accept(received, rules=Rules(REGION, unsigned_payload=True))


@pytest.mark.parametrize("stated", ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_a_streamed_payload_is_never_taken(stated: str) -> None:
    with pytest.raises(PayloadNotSigned, match="STREAMING"):
        accept(signed(x_amz_content_sha256=stated), rules=Rules(REGION, unsigned_payload=True))


def test_an_unsigned_payload_header_cannot_be_added_later() -> None:
    received = signed()
    with pytest.raises(HeaderNotSigned):
        present(received._replace(headers=[*received.headers, (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD")]))


@pytest.mark.parametrize(
    ("authorization", "error", "told"),
    [
        ("AWS4-HMAC-SHA256", IncompleteSignature, "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c", IncompleteSignature, "requires 'SignedHeaders' parameter"),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", UnsupportedAlgorithm, "'AWS4-ECDSA-P256-SHA256'"),
        ("AWS AKID:signature", UnsupportedAlgorithm, "'AWS'"),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host;x-amz-date, Signature=0",
            IncompleteSignature,
            "exactly 5",
        ),
        ("AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=x-amz-date;host, Signature=0", IncompleteSignature, "sorted"),
        (
            "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=Host;x-amz-date, Signature=0",
            IncompleteSignature,
            "lower case",
        ),
        ("AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host;x-amz-date, Signature=zz", IncompleteSignature, "64 hex"),
        ("AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host;nope;x-amz-date, Signature=00", HeaderNotSigned, "nope"),
        ("AWS4-HMAC-SHA256 Credential=%s, Credential=%s, Signature=00", SignedTwice, "twice"),
        ("AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host, Signature=00, X=1", IncompleteSignature, "nobody knows"),
    ],
)
def test_a_malformed_header_says_what_is_wrong(authorization: str, error: type[SignatureError], told: str) -> None:
    credential = "AKIAEXAMPLE123456789/20270115/us-east-1/execute-api/aws4_request"
    received = with_header(signed(), b"authorization", lambda _: authorization.replace("%s", credential).encode())
    with pytest.raises(error, match=told):
        present(received)


@pytest.mark.parametrize(
    "date", ["", "20270115", "2027-01-15T08:00:00Z", "20270230T080000Z", "20270115T080000+", "x" * 500]
)
def test_a_date_that_is_none_is_refused(date: str) -> None:
    with pytest.raises(SignatureError, match="Date must be in ISO-8601 'basic format'") as caught:
        present(with_header(signed(), b"x-amz-date", lambda _: date.encode()))
    assert len(str(caught.value)) < 300


def test_a_missing_date_is_told() -> None:
    received = signed()
    without = received._replace(headers=[pair for pair in received.headers if pair[0] != b"x-amz-date"])
    with pytest.raises(IncompleteSignature, match="X-Amz-Date"):
        present(without)


@pytest.mark.parametrize("name", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders"])
def test_a_presigned_url_without_one_of_its_parameters_says_which(name: str) -> None:
    items = presigned().query_string.split(b"&")
    query = b"&".join(item for item in items if not item.startswith(b"X-Amz-" + name.encode() + b"="))
    with pytest.raises(IncompleteSignature, match=f"must include 'X-Amz-{name}'"):
        present(presigned()._replace(query_string=query))


def test_what_carries_no_signature_is_none() -> None:
    received = signed()
    for value in (b"", b"Bearer abc", b"Basic abc"):
        assert present(with_header(received, b"authorization", lambda _, value=value: value)) is None  # type: ignore[misc]
    assert present(Received("GET", b"/", b"a=1", [(b"host", b"shop.example")])) is None


def test_no_error_tells_a_secret_or_the_right_signature() -> None:
    right = header(signed(), b"authorization").rpartition(b"=")[2].decode()
    for changed in (signed()._replace(body=b"{}"), with_header(signed(), b"host", lambda _: b"x")):
        with pytest.raises(SignatureMismatch) as caught:
            accept(changed)
        assert KEY.secret_key.reveal() not in repr(caught.value)
        assert right not in repr(caught.value)


def test_credentials_of_any_length_are_not_remembered() -> None:
    """What nobody has verified yet must not fill the memory: 1,024 of these would take 60 MB."""
    received = signed()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(100):
        region = b"%d" % number + b"x" * 50_000
        with pytest.raises(SignatureError):
            present(
                with_header(received, b"authorization", lambda value, it=region: value.replace(REGION.encode(), it))
            )
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 500_000
