"""One call, from its arguments to its answer. What the scenarios of SDKs show for every language is not shown again."""

from __future__ import annotations

import io
import logging
from decimal import Decimal
from pathlib import Path

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Handler, Server, json_answer, options
from tests.portico.sdkgen.python.shop import Row, Shop

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.errors import BadArgument, UnexpectedAnswer
from portico.sdkgen.python.runtime.forms import Part
from portico.sdkgen.python.runtime.hooks import CallEvent, Hooks
from portico.sdkgen.python.runtime.identity import Credentials
from portico.sdkgen.python.runtime.operation import Content, Operation
from portico.sdkgen.python.runtime.options import Options, Retries
from portico.sdkgen.python.runtime.payload import File

ROW = json_answer('{"n": 1}', X_Request_Id="r-1")


def test_a_whole_answer_is_to_be_had(server: Server) -> None:
    server.says(ROW)
    client = Shop(server.url)
    response = client.raw(client.get_thing)("a")
    assert (response.data, response.status, response.request_id) == (Row(n=1), 200, "r-1")
    assert response.headers["Content-Type"] == "application/json"
    assert response.body == b'{"n": 1}'
    with pytest.raises(errors.BadArgument):
        client.raw(Shop(server.url).get_thing)
    with pytest.raises(errors.BadArgument):
        client.raw(len)


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_path_argument_that_would_be_another_path_is_refused(server: Server, value: str) -> None:
    with pytest.raises(errors.BadArgument, match="getThing: id"):
        Shop(server.url).get_thing(value)
    assert server.seen == []


def test_a_body_is_given_once_and_with_what_it_needs(server: Server) -> None:
    client = Shop(server.url)
    for given, told in (
        ({}, "needs n"),
        ({"note": "x"}, "needs n"),
        ({"n": 1, "body": {"n": 2}}, "either body or n, note"),
    ):
        with pytest.raises(TypeError, match=told):
            client.add_thing(**given)  # type: ignore[arg-type]
    assert server.seen == []


def test_another_media_type_can_be_chosen_and_no_unknown_one(server: Server) -> None:
    server.says(ROW)
    client = Shop(server.url)
    client.add_thing(body="hé", options=Options(content_type="text/plain"))
    assert (server.seen[0].headers["content-type"], server.seen[0].body) == ("text/plain", "hé".encode())
    with pytest.raises(errors.BadArgument, match="application/json, text/plain"):
        client.add_thing(body="x", options=Options(content_type="image/png"))


@pytest.mark.parametrize(
    "headers", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"": "a"}, {"Host": "x"}, {"Content-Length": "1"}]
)
def test_a_header_that_would_be_another_one_is_refused(server: Server, headers: dict[str, str]) -> None:
    with pytest.raises(errors.BadArgument):
        Shop(server.url).get_thing("a", options=Options(headers=headers))
    with pytest.raises(errors.BadArgument):
        Shop(server.url, headers=headers)


@pytest.mark.parametrize("key", ["a\r\nb: c", "a\nb"])
def test_a_key_that_would_be_another_header_is_refused(server: Server, key: str) -> None:
    with pytest.raises(errors.BadArgument, match=r"line break|control character"):
        Shop(server.url, api_key=key).call(shop.mine)
    with pytest.raises(errors.BadArgument, match=r"line break|control character"):
        Shop(server.url, access_token=key).call(shop.mine, options=Options(auth="signIn"))


@pytest.mark.parametrize(
    "url",
    [
        "shop.example",
        "ftp://shop.example",
        "http://",
        "http://a@shop.example",
        "http://a:x",
        "http://a/?b",
        "http://a/#b",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(errors.BadArgument):
        Shop(url)


def test_files_are_sent_from_paths_streams_and_bytes(server: Server, tmp_path: Path) -> None:
    server.says(json_answer("{}"))
    path = tmp_path / "a.png"
    path.write_bytes(b"PNG")
    client = Shop(server.url)
    client.call(shop.upload, body={"title": 'a"b', "file": path, "more": File(io.BytesIO(b"two"), "x\r\ny.bin")})
    body = server.seen[0].body
    boundary = server.seen[0].headers["content-type"].partition("boundary=")[2].encode()
    parts = body.split(b"--" + boundary)
    assert len(parts) == 5
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="title"\r\n\r\na"b\r\n'
    assert b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nPNG\r\n' in parts[2]
    assert b'filename="x%0D%0Ay.bin"\r\nContent-Type: application/octet-stream\r\n\r\ntwo' in parts[3]
    assert server.seen[0].headers["content-length"] == str(len(body))


def test_what_can_be_read_once_is_sent_in_chunks(server: Server) -> None:
    server.says(json_answer("{}"))
    Shop(server.url).call(shop.upload, body={"file": File(iter([b"a", b"", b"b"]), "x")})
    assert server.seen[0].headers["transfer-encoding"] == "chunked"
    assert b"\r\n\r\nab\r\n" in server.seen[0].body


def test_a_download_is_read_as_it_comes_or_into_a_file(server: Server, tmp_path: Path) -> None:
    server.says((200, {"content-type": "image/png"}, b"x" * 200_000))
    client = Shop(server.url)
    assert client.call(shop.download).read() == b"x" * 200_000
    client.call(shop.download).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size == 200_000
    with client.call(shop.download) as found:
        assert found.content_type == "image/png"
        assert next(iter(found))


def test_text_is_read_in_its_own_letters(server: Server) -> None:
    server.says(
        (200, {"content-type": "text/plain; charset=iso-8859-1"}, "é".encode("latin-1")),
        (200, {"content-type": "text/plain; charset=klingon"}, "é".encode()),
    )
    client = Shop(server.url)
    assert client.call(shop.text) == client.call(shop.text) == "é"


def test_an_answer_that_is_nested_too_deeply_is_unexpected(server: Server) -> None:
    server.says(json_answer("[" * 200_000))
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        Shop(server.url).get_thing("a")
    assert caught.value.body == b"[" * 200_000


def test_a_problem_of_wrong_types_is_still_told(server: Server) -> None:
    server.says(json_answer('{"title": 7, "status": "x", "errors": "no", "detail": ["?"], "request_id": 5}', 404))
    with pytest.raises(errors.NotFound) as caught:
        Shop(server.url).get_thing("a")
    assert caught.value.problem == errors.Problem(members=caught.value.json())
    assert caught.value.request_id == ""


def test_events_go_on_after_the_last_one_with_an_id(server: Server, ticking: Clock) -> None:
    def cut(handler: Handler) -> None:
        data = b'\xef\xbb\xbf: hello\nid: 7\nretry: 1500\ndata: {"n":\rdata: 1}\r\n\r\ndata: {"n'
        handler.answer(200, {"content-type": "text/event-stream", "content-length": "1000"}, data)
        handler.close_connection = True

    server.says(cut, (200, {"content-type": "text/event-stream"}, b'id\nevent: last\ndata: {"n": 2}\n\n'))
    with Shop(server.url, **options(ticking)) as client, client.call(shop.watch) as events:
        first, second = events
    assert (first.data, first.id, first.event, first.retry) == (Row(n=1), "7", "message", 1500)
    assert (second.data, second.id, second.event) == (Row(n=2), "", "last")
    assert server.seen[1].headers["last-event-id"] == "7"
    assert ticking.slept == [1.5]


def test_a_stream_of_events_that_ends_is_over(server: Server) -> None:
    server.says((200, {"content-type": "text/event-stream"}, b'id: 7\ndata: {"n": 1}\n\n'))
    with Shop(server.url) as client, client.call(shop.watch) as events:
        assert len(list(events)) == 1
    assert len(server.seen) == 1


def test_an_event_that_does_not_fit_is_unexpected(server: Server) -> None:
    server.says((200, {}, b'data: {"n": "x"}\n\n'))
    with pytest.raises(errors.UnexpectedAnswer, match="watch") as caught:
        list(Shop(server.url).call(shop.watch))
    assert caught.value.pointer == "/n"


def test_lines_are_read_as_they_come(server: Server) -> None:
    server.says((200, {}, b'{"n": 1}\r\n\n{"n": 2, "t": "\xc3\xa9\xe2\x80\xa8"}'))
    assert list(Shop(server.url).call(shop.lines)) == [Row(n=1), Row.from_dict({"n": 2, "t": "é\u2028"})]


def test_pages_go_on_until_there_is_no_other_cursor(server: Server) -> None:
    server.says(
        json_answer('{"items": [1, 2], "next": "b"}'),
        json_answer('{"items": [], "next": "c"}'),
        json_answer('{"items": [3], "next": "c"}'),
    )
    assert list(Shop(server.url).iterate(shop.pages, "a")) == [1, 2, 3]
    assert [seen.target for seen in server.seen] == ["/v1/pages?cursor=a", "/v1/pages?cursor=b", "/v1/pages?cursor=c"]


def test_links_are_followed(server: Server) -> None:
    server.says(
        json_answer("[1]", Link='</v1/links?p=2>; rel="prev", </v1/links?p=3>; rel="first next"'),
        json_answer("[2]", Link="<?p=4>; rel=next"),
        json_answer("[3]"),
    )
    assert list(Shop(server.url, headers={"X-Secret": "s"}).iterate(shop.links)) == [1, 2, 3]
    assert [seen.target for seen in server.seen] == ["/v1/links", "/v1/links?p=3", "/v1/links?p=4"]
    assert ["x-secret" in seen.headers for seen in server.seen] == [True, True, True]


def test_logs_and_hooks_are_told_no_secret(server: Server, caplog: pytest.LogCaptureFixture, ticking: Clock) -> None:
    server.says((503, {"set-cookie": "s=hidden"}, b""), json_answer("{}"))
    told: list[CallEvent] = []
    hooks = Hooks(before_request=told.append, after_response=told.append, on_retry=told.append)
    key = Credentials("AKIDEXAMPLE", "very secret", "session secret")
    client = Shop(server.url, credentials=key, api_key="key secret", hooks=hooks, **options(ticking))
    with caplog.at_level(logging.DEBUG):
        client.call(shop.mine)
    assert [(event.attempt, event.status, event.delay) for event in told] == [
        (1, None, None), (1, 503, None), (1, 503, 0.25), (2, None, None), (2, 200, None),
    ]  # fmt: skip
    shown = caplog.text + repr(told) + repr(client) + repr(key) + repr(client._core.settings)
    assert "secret" not in shown
    assert "hidden" not in shown
    assert "Signature=" not in shown
    assert "tests.portico.sdkgen.python" in {record.name for record in caplog.records}


def test_pauses_grow_and_end(server: Server, ticking: Clock) -> None:
    server.says((500, {}, b""))
    client = Shop(server.url, **options(ticking, retries=Retries(count=4, base=1, cap=3)))
    with pytest.raises(errors.ServerError):
        client.get_thing("a")
    assert ticking.slept == [0.5, 1, 1.5, 1.5]


def test_one_key_is_kept_over_all_attempts_and_another_made_for_the_next_call(server: Server, ticking: Clock) -> None:
    server.says((500, {}, b""), (500, {}, b""), json_answer("{}"))
    client = Shop(server.url, **options(ticking))
    client.call(shop.order, shop.ABSENT)
    client.call(shop.order, shop.ABSENT)
    keys = [seen.headers["idempotency-key"] for seen in server.seen]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_the_right_clock_is_taken_from_a_refusal(server: Server, ticking: Clock) -> None:
    late = json_answer(
        '{"detail": "Signature expired: 1 is now earlier than 2"}', 403, Date="Mon, 04 May 2026 11:00:00 GMT"
    )
    server.says(late, json_answer("{}"))
    client = Shop(server.url, credentials=Credentials("AKIDEXAMPLE", "s"), **options(ticking))
    server.answers[0] = lambda handler: _dated(handler)
    client.call(shop.mine)
    client.call(shop.mine)
    dates = [seen.headers["x-amz-date"] for seen in server.seen]
    assert dates == ["20260504T093000Z", "20260504T110000Z", "20260504T110000Z"]


def _dated(handler: Handler) -> None:
    body = b'{"detail": "Signature expired: 1 is now earlier than 2"}'
    handler.send_response_only(403)
    handler.send_header("Date", "Mon, 04 May 2026 11:00:00 GMT")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_bytes_that_can_be_read_once_are_not_signed_and_nothing_is_sent(server: Server) -> None:
    client = Shop(server.url, credentials=Credentials("AKIDEXAMPLE", "s"))
    with pytest.raises(errors.BadArgument, match="read twice"):
        client.call(shop.add_mine, body=iter([b"x"]))
    assert server.seen == []


def test_decimals_of_forms_keep_their_digits(server: Server) -> None:
    parts = (Part("price", "decimal"), Part("detail", "any", content_type="application/json"))
    for media, kind in (("application/x-www-form-urlencoded", "form"), ("multipart/form-data", "multipart")):
        operation = Operation("f", "POST", "/f", bodies=(Content(media, kind, "any", parts),))
        with Shop(server.url) as client:
            client.call(operation, body={"price": Decimal("1.50"), "more": Decimal("2.0"), "detail": [Decimal("3.0")]})
    form, multipart = server.seen
    assert form.body == b"price=1.50&more=2.0&detail=%5B3.0%5D"
    for text in (b"\r\n\r\n1.50\r\n", b"\r\n\r\n2.0\r\n", b"\r\n\r\n[3.0]\r\n"):
        assert text in multipart.body


def test_what_is_nested_too_deeply_is_told_of_answers_and_of_bodies(server: Server) -> None:
    operation = Operation(
        "deep",
        "POST",
        "/deep",
        bodies=(Content("application/json", "json", "any"),),
        result=("map", "Tree"),
        kind="json",
    )
    server.says(json_answer('{"a":[' * 3_000 + "]}" * 3_000))
    circular: dict[str, object] = {}
    circular["a"] = circular
    with Shop(server.url) as client:
        with pytest.raises(UnexpectedAnswer, match="deep"):
            client.call(operation, body={})
        with pytest.raises(BadArgument, match="itself"):
            client.call(operation, body=circular)


def test_a_stream_cannot_make_its_reader_wait_for_days(server: Server, ticking: Clock) -> None:
    ids = b"id: 7\n\nid: \x01\n\nretry: 99999999999\n\nretry: " + b"9" * 5_000 + b'\n\ndata: {"n": 1}\n\n'

    def cut(handler: Handler) -> None:
        handler.answer(200, {"content-length": "100000"}, ids)
        handler.close_connection = True

    server.says(cut, (204, {}, b""))
    with Shop(server.url, **options(ticking)) as client, client.call(shop.watch) as events:
        assert [event.id for event in events] == ["7"]
    assert server.seen[1].headers["last-event-id"] == "7"
    assert ticking.slept == [60]
