"""What is signed holds before `portico.signing`, the reference."""

from __future__ import annotations

import io
from dataclasses import replace
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from portico.sdkgen.python.runtime.payload import Body, of
from portico.sdkgen.python.runtime.request import Request
from portico.sdkgen.python.runtime.signing import Signature, Signer
from portico.secret import Secret
from portico.signing import Credentials, Received, Rules, present, sign, verify

NOW = 1_777_887_000.0
KEY = Signature("AKIDEXAMPLE", "wJalrXUtnFEMI", None, "us-east-1")
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def request(target: str, body: Body | None = b"", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "https", "shop.example", 443, target, named, body)


def received(sent: Request, body: bytes = b"") -> Received:
    path, _, query = sent.target.partition("?")
    headers = {"host": sent.authority, **sent.headers}
    return Received(
        sent.method, path.encode(), query.encode(),
        tuple((name.encode(), value.encode()) for name, value in headers.items()), body,
    )  # fmt: skip


def check(sent: Request, body: bytes = b"", *, unsigned: bool = False) -> None:
    got = received(sent, body)
    presented = present(got)
    assert presented is not None
    verify(got, presented, Secret("wJalrXUtnFEMI"), now=NOW, rules=Rules("us-east-1", unsigned_payload=unsigned))


@given(st.lists(_text, min_size=1, max_size=4), st.lists(st.tuples(_text, _text), max_size=5))
def test_any_path_and_query_hold(segments: list[str], pairs: list[tuple[str, str]]) -> None:
    path = "/" + "/".join(quote(part, safe="!$&'()*+,;=:@~") for part in segments)
    query = "&".join(f"{quote(name, safe='/:@!$()*,;')}={quote(value, safe='/:@!$()*,;')}" for name, value in pairs)
    sent = request(f"{path}?{query}" if query else path, content_type="application/json")
    Signer().sign(sent, KEY, now=NOW)
    check(sent)


def test_the_headers_are_those_of_the_reference() -> None:
    headers = {"content-type": "application/json", "x-amz-nonce": "a  b", "x-other": "1"}
    sent = request("/a%20b?x=1&a=%2F", b"{}", **headers)
    Signer().sign(sent, replace(KEY, session_token="token"), now=NOW)
    expected = sign(
        "POST", "https://shop.example/a%20b?x=1&a=%2F",
        {name: value for name, value in headers.items() if name != "x-other"}, b"{}",
        Credentials("AKIDEXAMPLE", Secret("wJalrXUtnFEMI"), "token"), region="us-east-1", now=NOW,
    )  # fmt: skip
    assert sent.headers["authorization"] == expected["authorization"]
    assert sent.headers["x-amz-date"] == expected["x-amz-date"]


def test_a_stream_is_signed_by_reading_it_twice() -> None:
    body = of(io.BytesIO(b"x" * 100_000))
    sent = request("/", body)
    Signer().sign(sent, KEY, now=NOW)
    check(sent, b"x" * 100_000)


def test_a_body_can_be_left_out_where_the_operation_takes_that() -> None:
    sent = request("/", of(iter([b"x"])))
    Signer().sign(sent, KEY, now=NOW, unsigned=True)
    check(sent, b"x", unsigned=True)


def test_a_key_is_derived_once_a_day(monkeypatch: object) -> None:
    signer = Signer()
    for second in range(3):
        signer.sign(request("/"), KEY, now=NOW + second)
    assert len(signer._keys) == 1
    for day in range(20):
        signer.sign(request("/"), KEY, now=NOW + 86_400 * day)
    assert len(signer._keys) <= 8


@given(st.text(st.sampled_from("a \t\u00a0\u2003\u3000\u0085é"), max_size=12))
def test_only_blanks_and_tabs_of_headers_are_folded(value: str) -> None:
    sent = request("/", b"", x_amz_meta=value.strip(" \t"))
    Signer().sign(sent, KEY, now=NOW)
    check(sent)
