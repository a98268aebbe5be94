"""When a signature is valid, to the second, and what a client whose clock is wrong is told."""

from __future__ import annotations

import pytest
from tests.portico.signing.requests import KEY, NOW, REGION, accept, arrived

from portico.signing import (
    CannotSign,
    IncompleteSignature,
    Received,
    RequestExpired,
    RequestFromTheFuture,
    Rules,
    present,
    presign,
    sign,
)

URL = "https://shop.example/concierge/v1/products"
SKEW = 300.0  # seconds


def signed() -> Received:
    return arrived("GET", URL, sign("GET", URL, {}, b"", KEY, region=REGION, now=NOW))


def presigned(expires: int = 60) -> Received:
    return arrived("GET", presign("GET", URL, KEY, region=REGION, now=NOW, expires=expires), {})


@pytest.mark.parametrize("off", [-SKEW, -1, 0, 1, SKEW])
def test_a_clock_may_be_wrong_by_the_skew(off: float) -> None:
    accept(signed(), now=NOW + off)


def test_a_request_that_is_too_old_is_told_by_how_much() -> None:
    with pytest.raises(RequestExpired) as caught:
        accept(signed(), now=NOW + SKEW + 1)
    assert str(caught.value) == (
        "Signature expired: 20270115T080000Z is now earlier than 20270115T080001Z (20270115T080501Z - 5 min.). "
        "The client's clock is 301 seconds slow, or the request was under way for that long."
    )


def test_a_request_from_the_future_is_told_by_how_much() -> None:
    with pytest.raises(RequestFromTheFuture) as caught:
        accept(signed(), now=NOW - SKEW - 1)
    assert str(caught.value) == (
        "Signature not yet current: 20270115T080000Z is still later than 20270115T075959Z (20270115T075459Z + 5 min.). "
        "The client's clock is 301 seconds fast."
    )


def test_the_skew_is_configured() -> None:
    accept(signed(), now=NOW + 10, rules=Rules(REGION, skew=10))
    with pytest.raises(RequestExpired):
        accept(signed(), now=NOW + 10.001, rules=Rules(REGION, skew=10))


@pytest.mark.parametrize("age", [-SKEW, 0, 59, 60])
def test_a_presigned_url_is_valid_until_it_expires(age: float) -> None:
    accept(presigned(), now=NOW + age)


def test_an_expired_presigned_url_says_so() -> None:
    with pytest.raises(RequestExpired, match="valid for 60 seconds from 20270115T080000Z, which was 61 seconds ago"):
        accept(presigned(), now=NOW + 61)
    with pytest.raises(RequestFromTheFuture):
        accept(presigned(), now=NOW - SKEW - 1)


def test_a_presigned_url_may_be_valid_for_a_week() -> None:
    accept(presigned(604_800), now=NOW + 604_800)


@pytest.mark.parametrize("expires", [0, -1, 604_801])
def test_a_longer_expiry_is_neither_signed_nor_accepted(expires: int) -> None:
    with pytest.raises(CannotSign):
        presigned(expires)
    other = presigned()
    query = other.query_string.replace(b"X-Amz-Expires=60", f"X-Amz-Expires={expires}".encode())
    with pytest.raises(IncompleteSignature, match="X-Amz-Expires"):
        present(other._replace(query_string=query))


@pytest.mark.parametrize("text", [b"", b"1.5", b"soon", b"1" * 5_000, "٣".encode()])
def test_an_expiry_that_is_no_number_is_refused(text: bytes) -> None:
    other = presigned()
    with pytest.raises(IncompleteSignature, match="X-Amz-Expires should be a number"):
        present(other._replace(query_string=other.query_string.replace(b"Expires=60", b"Expires=" + text)))


@pytest.mark.parametrize("url", ["shop.example/x", "ftp://shop.example/", "http://[::1", "http:///x", ""])
def test_what_is_no_url_cannot_be_signed(url: str) -> None:
    with pytest.raises(CannotSign, match="no URL"):
        sign("GET", url, {}, b"", KEY, region=REGION, now=NOW)


def test_what_is_presigned_is_not_presigned_again() -> None:
    url = presign("GET", URL, KEY, region=REGION, now=NOW, expires=60)
    with pytest.raises(CannotSign, match="presigned"):
        presign("GET", url, KEY, region=REGION, now=NOW, expires=60)
