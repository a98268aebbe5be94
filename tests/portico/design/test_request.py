"""Building requests: what is written down is what the gateway reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec
import pytest

from portico.design.model import Api, Body, Definitions, Media, Operation, Parameter, Schema
from portico.design.request import UnfitArguments, build_request
from portico.gateway.parameters import Reader, deep_object, exploded_object
from portico.gateway.schema import Validators

NAMES = Definitions({})
COLOURS = ["blue", "bl,ack", "br own&é"]
RGB = {"R": "100", "G": "2=0&0"}


def schema(node: dict[str, Any]) -> Schema:
    return Schema(node, NAMES)


STRINGS = schema({"type": "array", "items": {"type": "string"}})
OBJECT = schema({"type": "object", "properties": {"R": {"type": "string"}, "G": {"type": "string"}}})


def request(*parameters: Parameter, path: str = "/x", body: Body | None = None, given: Any = None, content: Any = None):  # type: ignore[no-untyped-def]
    operation = Operation("op", "op", "post", path, parameters=parameters, body=body)
    api = Api("shop", "Shop", "1", "3.1", "/v1", (operation,), NAMES)
    return build_request(api, operation, given or {}, content)


def read(parameter: Parameter, *texts: str) -> Any:
    return Reader(parameter, parameter.name, Validators()).read(texts, [])


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [False, True])
def test_the_gateway_reads_back_an_array_in_the_path(style: Any, explode: bool) -> None:
    colours = ["blue", "black"]
    parameter = Parameter("color", "path", STRINGS, required=True, style=style, explode=explode)
    made = request(parameter, path="/x/{color}", given={"color": colours})
    assert read(parameter, unquote(made.url.removeprefix("/v1/x/"))) == colours


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_the_gateway_reads_back_any_text_in_the_path(style: Any) -> None:
    parameter = Parameter("name", "path", schema({"type": "string"}), required=True, style=style)
    name = "a/b?c#d e%2Fé{}"
    made = request(parameter, path="/x/{name}", given={"name": name})
    assert made.url.count("/") == 3
    assert read(parameter, unquote(made.url.removeprefix("/v1/x/"))) == name


def test_the_styles_are_those_of_the_specifications_table() -> None:
    def path(style: Any, explode: bool, value: Any) -> str:
        parameter = Parameter("color", "path", STRINGS, style=style, explode=explode)
        return request(parameter, path="/{color}", given={"color": value}).url.removeprefix("/v1/")

    array, rgb = ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}
    assert path("matrix", False, array) == ";color=blue,black,brown"
    assert path("matrix", True, array) == ";color=blue;color=black;color=brown"
    assert path("matrix", False, rgb) == ";color=R,100,G,200,B,150"
    assert path("matrix", True, rgb) == ";R=100;G=200;B=150"
    assert path("matrix", False, "") == ";color"
    assert path("label", False, array) == ".blue,black,brown"
    assert path("label", True, array) == ".blue.black.brown"
    assert path("label", True, rgb) == ".R=100.G=200.B=150"
    assert path("simple", False, rgb) == "R,100,G,200,B,150"
    assert path("simple", True, rgb) == "R=100,G=200,B=150"


def query(parameter: Parameter, value: Any) -> dict[str, list[str]]:
    made = request(parameter, given={parameter.name: value})
    return parse_qs(made.url.partition("?")[2], keep_blank_values=True)


def test_the_gateway_reads_back_what_a_query_holds() -> None:
    repeated = Parameter("color", "query", STRINGS, style="form", explode=True)
    assert query(repeated, COLOURS)["color"] == COLOURS
    spaced = Parameter("color", "query", STRINGS, style="spaceDelimited")
    assert read(spaced, *query(spaced, ["a", "b"])["color"]) == ["a", "b"]
    piped = Parameter("color", "query", STRINGS, style="pipeDelimited")
    assert read(piped, *query(piped, ["a", "b"])["color"]) == ["a", "b"]
    deep = Parameter("color", "query", OBJECT, style="deepObject", explode=True)
    assert deep_object("color", query(deep, RGB), OBJECT) == RGB
    exploded = Parameter("color", "query", OBJECT, style="form", explode=True)
    assert exploded_object(query(exploded, RGB), OBJECT) == RGB
    content = Parameter("color", "query", OBJECT, media_type="application/json")
    assert read(content, *query(content, RGB)["color"]) == RGB
    flag = Parameter("on", "query", schema({"type": "boolean"}), style="form")
    assert read(flag, *query(flag, True)["on"]) is True


def test_reserved_characters_stay_where_the_document_allows_them_and_end_no_value() -> None:
    parameter = Parameter("next", "query", schema({"type": "string"}), style="form", allow_reserved=True)
    made = request(parameter, given={"next": "/a?b=1&c#d"})
    assert made.url == "/v1/x?next=/a?b%3D1%26c%23d"


def test_headers_and_cookies_are_written() -> None:
    made = request(
        Parameter("X-Colours", "header", STRINGS),
        Parameter("basket", "cookie", schema({"type": "string"}), style="form"),
        given={"X-Colours": ["a", "b"], "basket": "7;x"},
    )
    assert made.headers == {"X-Colours": "a,b", "Cookie": "basket=7%3Bx"}


@pytest.mark.parametrize("attack", ["a\r\nX-Admin: 1", "a\nb", "a\0b"])
@pytest.mark.parametrize("style", ["simple", "cookie"])
def test_a_value_cannot_become_another_header(attack: str, style: Any) -> None:
    place: Any = "cookie" if style == "cookie" else "header"
    with pytest.raises(UnfitArguments, match="cannot hold"):
        request(Parameter("X-Name", place, schema({"type": "string"}), style=style), given={"X-Name": attack})


def test_a_parameter_has_its_documents_name_or_its_handlers() -> None:
    parameter = Parameter("productId", "query", schema({"type": "string"}), style="form")
    assert request(parameter, given={"productId": "1"}) == request(parameter, given={"product_id": "1"})


def test_a_name_in_two_places_is_told_by_its_place() -> None:
    two = (
        Parameter("id", "path", schema({"type": "string"}), required=True),
        Parameter("id", "query", schema({"type": "string"}), style="form"),
    )
    with pytest.raises(UnfitArguments, match=r"path\.id or query\.id"):
        request(*two, path="/x/{id}", given={"id": "1"})
    assert request(*two, path="/x/{id}", given={"path.id": "1", "query.id": "2"}).url == "/v1/x/1?id=2"


def test_what_is_no_parameter_or_is_missing_in_the_path_is_refused() -> None:
    with pytest.raises(UnfitArguments, match="It has: none"):
        request(given={"color": 1})
    with pytest.raises(UnfitArguments, match="needs 'id'"):
        request(Parameter("id", "path", STRINGS), path="/x/{id}")


def body(*media_types: str) -> Body:
    return Body({name: Media(name) for name in media_types})


def test_a_body_is_encoded_as_the_document_says() -> None:
    made = request(body=body("text/plain", "application/json"), content={"a": "é"})
    assert made.headers["Content-Type"] == "application/json"
    assert msgspec.json.decode(made.content) == {"a": "é"}
    form = request(body=body("application/x-www-form-urlencoded"), content={"a": [1, 2], "b": "x&y", "c": True})
    assert parse_qs(form.content.decode()) == {"a": ["1", "2"], "b": ["x&y"], "c": ["true"]}
    assert request(body=body("text/csv"), content="a,b").content == b"a,b"
    assert request(body=body("image/*"), content=b"\x89PNG").headers["Content-Type"] == "application/octet-stream"


def test_a_multipart_body_carries_files_and_cannot_be_broken_by_a_name() -> None:
    fields = {"note": "hi", "image": ('a"\r\nX: 1.png', b"\x89PNG", "image/png"), "tags": ["a", "b"]}
    made = request(body=body("multipart/form-data"), content=fields)
    assert made.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'filename="a%22%0D%0AX: 1.png"' in made.content
    assert made.content.count(b'name="tags"') == 2
