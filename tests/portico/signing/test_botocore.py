"""What botocore signs is accepted, whatever the path, query, headers and body; and the other way round."""

from __future__ import annotations

import datetime
from unittest import mock
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as some
from tests.portico.signing.requests import KEY, NOW, REGION, TEMPORARY, accept, arrived

from portico.signing import Credentials, presign, sign

ORIGIN = "http://localhost:8000"

text = some.text(some.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
segments = some.one_of(
    text.map(lambda one: quote(one, safe="")),
    some.sampled_from(["", ".", "..", "%2e", "%2F", "a(b)", "x:y@z", "~", "é"]),
)
paths = some.lists(segments, max_size=6).map(lambda parts: "/" + "/".join(parts))
names = text.filter(lambda one: not one.lower().startswith("x-amz-"))  # such names are the signature's own
queries = some.lists(some.tuples(names, text), max_size=5)
header_values = some.text(some.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
bodies = some.binary(max_size=200)
credentials = some.sampled_from([KEY, TEMPORARY])
methods = some.sampled_from(["GET", "POST", "PUT", "DELETE"])


def signer(kind: type[SigV4Auth], given: Credentials, **options: int) -> SigV4Auth:
    theirs = BotocoreCredentials(given.access_key_id, given.secret_key.reveal(), given.session_token)
    return kind(theirs, "execute-api", REGION, **options)


def botocore_sign(auth: SigV4Auth, request: AWSRequest) -> None:
    now = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        auth.add_auth(request)


def encoded(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


@given(method=methods, path=paths, query=queries, value=header_values, body=bodies, key=credentials)
def test_what_botocore_signs_in_headers_is_accepted(
    method: str, path: str, query: list[tuple[str, str]], value: str, body: bytes, key: Credentials
) -> None:
    url = ORIGIN + path + ("?" + encoded(query) if query else "")
    request = AWSRequest(method, url, headers={"Content-Type": "application/json", "X-Shop": value}, data=body)
    botocore_sign(signer(SigV4Auth, key), request)
    accept(arrived(method, url, dict(request.headers.items()), body), key)


@given(method=methods, path=paths, query=queries, expires=some.integers(1, 604_800), key=credentials)
def test_what_botocore_presigns_is_accepted(
    method: str, path: str, query: list[tuple[str, str]], expires: int, key: Credentials
) -> None:
    url = ORIGIN + path + ("?" + encoded(query) if query else "")
    request = AWSRequest(method, url)
    botocore_sign(signer(SigV4QueryAuth, key, expires=expires), request)
    accept(arrived(method, request.url, {}), key)


@given(method=methods, path=paths, query=queries, value=header_values, body=bodies, key=credentials)
def test_what_is_signed_here_is_what_botocore_signs(
    method: str, path: str, query: list[tuple[str, str]], value: str, body: bytes, key: Credentials
) -> None:
    url = ORIGIN + quote(path, safe="/%:@()~") + ("?" + encoded(query) if query else "")
    headers = {"content-type": "application/json", "x-shop": value}
    request = AWSRequest(method, url, headers=headers, data=body)
    botocore_sign(signer(SigV4Auth, key), request)
    ours = sign(method, url, headers, body, key, region=REGION, now=NOW)
    assert ours["authorization"] == request.headers["Authorization"]
    accept(arrived(method, url, ours, body), key)


@given(method=methods, path=paths, query=queries, expires=some.integers(1, 604_800), key=credentials)
def test_what_is_presigned_here_is_accepted_and_what_botocore_presigns(
    method: str, path: str, query: list[tuple[str, str]], expires: int, key: Credentials
) -> None:
    url = ORIGIN + quote(path, safe="/%:@()~")
    ours = presign(method, f"{url}?{encoded(query)}", key, region=REGION, now=NOW, expires=expires)
    accept(arrived(method, ours, {}), key)
    if len({name for name, _ in query}) == len(query):  # botocore keeps the first of several
        theirs = AWSRequest(method, f"{url}?{encoded(query)}")
        botocore_sign(signer(SigV4QueryAuth, key, expires=expires), theirs)
        assert parameters(ours)["X-Amz-Signature"] == parameters(theirs.url)["X-Amz-Signature"]


def parameters(url: str) -> dict[str, str]:
    return dict(item.split("=", 1) for item in urlsplit(url).query.split("&") if item)
