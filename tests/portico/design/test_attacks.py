"""Documents that mean harm: each is refused with a finding, at once, and nothing outside the project is touched."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from portico import design
from portico.config import Config
from portico.errors import DesignError

HEAD = 'openapi: "3.1.0"\ninfo: {title: Shop, version: "1"}\n'


def with_schema(reference: str) -> str:
    return f"{HEAD}paths: {{}}\ncomponents:\n  schemas:\n    It:\n      $ref: {reference!r}\n"


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("/etc/passwd", "refused-reference"),
        ("../../../../../../../../etc/passwd", "refused-reference"),
        ("..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd", "refused-reference"),
        ("file:///etc/passwd", "refused-reference"),
        ("FILE:///etc/passwd", "refused-reference"),
        ("//evil.example/x.yaml", "refused-reference"),
        ("http://evil.example/x.yaml", "refused-reference"),
        ("https://evil.example/x.yaml", "refused-reference"),
        ("ftp://evil.example/x.yaml", "refused-reference"),
        ("gopher://127.0.0.1:1/x", "refused-reference"),
        ("..\\..\\secret.yaml", "refused-reference"),
        ("x%00.yaml", "refused-reference"),
        ("http://[::1", "unresolved-reference"),
        ("missing.yaml", "unresolved-reference"),
        (".", "unresolved-reference"),
        ("shop.yaml#/nothing/here", "unresolved-reference"),
        ("#/components/schemas/Other", "unresolved-reference"),
        ("#nothing", "unresolved-reference"),
        ("#/paths/" + "9" * 5000, "unresolved-reference"),
        ("#/components/schemas/It", "looping-reference"),
        ("#/components/schemas/It/properties/x", "looping-reference"),
        ("shop.yaml#/components/schemas/It", "looping-reference"),
    ],
)
def test_a_reference_that_leads_astray_is_refused(
    refuse: Callable[..., design.Finding], reference: str, rule: str
) -> None:
    finding = refuse(with_schema(reference))
    assert (finding.rule, finding.file, finding.line) == (rule, "specs/shop.yaml", 6 if rule != "x" else 0), finding


def test_a_symbolic_link_does_not_lead_out_of_the_project(
    tmp_path_factory: pytest.TempPathFactory, write: Callable[..., Path], refuse: Callable[..., design.Finding]
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("type: string")
    folder = write("specs/parts/keep.yaml", "").parent
    (folder / "link.yaml").symlink_to(outside)
    (folder / "up").symlink_to(outside.parent, target_is_directory=True)
    assert refuse(with_schema("parts/link.yaml")).rule == "refused-reference"
    assert refuse(with_schema("parts/up/secret.yaml")).rule == "refused-reference"


def test_a_root_document_outside_the_project_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    path = write("elsewhere/shop.yaml", HEAD + "paths: {}")
    (tmp_path / "project/specs").mkdir(parents=True)
    (tmp_path / "project/specs/shop.yaml").symlink_to(path)
    with pytest.raises(DesignError) as caught:
        design.read(tmp_path / "project/specs/shop.yaml", root=tmp_path / "project")
    assert caught.value.findings[0].rule == "refused-reference"


def test_hidden_files_are_not_for_documents(write: Callable[..., Path], refuse: Callable[..., design.Finding]) -> None:
    write(".env", "type: string")
    write(".portico/secret.yaml", "type: string")
    assert refuse(with_schema("../.env")).rule == "refused-reference"
    assert refuse(with_schema("../.portico/secret.yaml")).rule == "refused-reference"


@pytest.mark.parametrize(
    "link",
    [lambda ref: ref, lambda ref: {"allOf": [ref]}, lambda ref: {"items": ref}, lambda ref: {"properties": {"a": ref}}],
)
def test_a_chain_of_thousands_of_schemas_is_followed_to_its_end(link: Callable[[object], object]) -> None:
    schemas = {f"D{n}": link({"$ref": f"#/components/schemas/D{n + 1}"}) for n in range(5_000)}
    document = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {**schemas, "D5000": {"type": "string"}}}}
    began = time.process_time()
    api = design.read(document)
    Draft202012Validator(api.definitions["D0"].document(design.Direction.REQUEST))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("nest", [lambda inner: {"items": inner}, lambda inner: {"not": inner}])
def test_the_deepest_schema_that_is_read_can_be_compiled(nest: Callable[[object], object]) -> None:
    schema: object = {"type": "string"}
    for _ in range(120):
        schema = nest(schema)
    api = design.read({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"Deep": schema}}})
    Draft202012Validator(api.definitions["Deep"].document(design.Direction.RESPONSE))
    assert design.export(api, "3.0")


def test_a_pipe_in_the_project_is_not_waited_for(
    write: Callable[..., Path], refuse: Callable[..., design.Finding]
) -> None:
    folder = write("specs/keep.yaml", "").parent
    os.mkfifo(folder / "pipe.yaml")
    assert refuse(with_schema("pipe.yaml")).rule == "unresolved-reference"


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [
        (b"[" * 100_000, "a.json", "too-deep"),
        (b'{"a":' * 100_000, "a.json", "too-deep"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "a.json", "too-deep"),
        (b"- " * 100_000, "a.yaml", "too-deep"),
        (b'{"openapi": "3.1.0", "openapi": "3.0.0"}', "a.json", "duplicate-key"),
        (b'{"openapi": 1e999}', "a.json", "unreadable-file"),
        (b'{"openapi": NaN}', "a.json", "unreadable-file"),
        (b'{"openapi": ' + b"9" * 5000 + b"}", "a.json", "unreadable-file"),
        (b'{"openapi": "\\ud800"}', "a.json", "unreadable-file"),
        (b'{"\\ud800": "x"}', "a.json", "unreadable-file"),
        (b'{"openapi": "3.1.0",}', "a.json", "unreadable-file"),
        (b'{"openapi": "\x00"}', "a.json", "unreadable-file"),
        (b"openapi: \xff\xfe", "a.yaml", "unreadable-file"),
        (b"openapi: \x00", "a.yaml", "unreadable-file"),
        (b"", "a.yaml", "not-openapi"),
        (b"", "a.json", "unreadable-file"),
        (b"just words", "a.yaml", "not-openapi"),
        (b"- openapi", "a.yaml", "not-openapi"),
        (b"openapi: 4.0.0", "a.yaml", "not-openapi"),
        (b"swagger: '1.2'", "a.yaml", "not-openapi"),
        (b"swagger: '3.0'", "a.yaml", "not-openapi"),
        (b"openapi: {a: b}", "a.yaml", "not-openapi"),
    ],
)
def test_what_is_no_design_is_a_finding(
    refuse: Callable[..., design.Finding], content: bytes, name: str, rule: str
) -> None:
    began = time.process_time()
    finding = refuse(content, name)
    assert (finding.rule, finding.file) == (rule, name), finding
    assert time.process_time() - began < 2


def test_a_repeated_key_is_told_with_its_place_in_json_too(refuse: Callable[..., design.Finding]) -> None:
    text = '{"openapi": "3.1.0",\n "a": {"x": "\\"x\\":"}, "b": [{"x": 1, "y": "x", "x": 2}]}'
    finding = refuse(text, "a.json")
    assert (finding.rule, finding.line, finding.column) == ("duplicate-key", 2, 49), finding


def test_a_byte_order_mark_is_not_part_of_the_document(read: Callable[..., design.Api]) -> None:
    assert read(b"\xef\xbb\xbf" + HEAD.encode() + b"paths: {}").title == "Shop"
    assert read(b"\xef\xbb\xbf" + b'{"openapi": "3.0.0", "info": {"title": "Shop"}}', "a.json").title == "Shop"
    assert read((HEAD + "paths: {}").encode("utf-16")).title == "Shop"


def test_path_items_of_files_that_take_one_another_in_end_somewhere(
    write: Callable[..., Path], refuse: Callable[..., design.Finding]
) -> None:
    write("specs/a.yaml", "x: {$ref: 'b.yaml#/x'}")
    write("specs/b.yaml", "x: {$ref: 'a.yaml#/x'}")
    assert refuse(f"{HEAD}paths:\n  /x:\n    $ref: 'a.yaml#/x'").rule == "looping-reference"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ name.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('true').read() }}",
        "{{ lipsum.__globals__['os'] }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as x %}",
        "{{ range(99999999) | list }}",
        "{{ 1 / 0 }}",
        "{{ unfinished",
        "{{ things.append(1) }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(refuse: Callable[..., design.Finding], template: str) -> None:
    finding = refuse(f"{HEAD}x-it: {template}", arguments={"name": "x", "things": []})
    assert finding.rule == "template-fault", finding


def test_braces_are_text_when_there_are_no_arguments(read: Callable[..., design.Api]) -> None:
    text = f"{HEAD}x-it: 'Dear {{{{name}}}}'\npaths: {{}}"
    assert read(text).extensions["x-it"] == "Dear {{name}}"
    assert read(text, arguments={"name": "Ada"}).extensions["x-it"] == "Dear Ada"


@pytest.fixture
def remote() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/moved"):
                self.send_response(302)
                self.send_header("Location", "/open/pet.yaml")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(
                b"type: object\nproperties: {id: {$ref: '../open/id.yaml'}}" if "pet" in self.path else b"type: integer"
            )

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_a_remote_reference_is_followed_where_the_project_allows_it(
    read: Callable[..., design.Api], remote: tuple[str, list[str]]
) -> None:
    base, asked = remote
    api = read(with_schema(f"{base}/open/pet.yaml"), remote=[f"{base}/open"])
    assert api.definitions["It"].properties["id"].types == ("integer",)
    assert asked == ["/open/pet.yaml", "/open/id.yaml"]
    assert api.document["components"]["schemas"]["It"]["properties"]["id"] == {"$ref": "#/components/schemas/id"}


@pytest.mark.parametrize(
    "way", ["/closed/pet.yaml", "/opening/pet.yaml", "/open/../closed/pet.yaml", "/open/%2e%2e/closed/pet.yaml"]
)
def test_a_remote_reference_beside_the_allowed_ones_is_never_fetched(
    refuse: Callable[..., design.Finding], remote: tuple[str, list[str]], way: str
) -> None:
    base, asked = remote
    assert refuse(with_schema(base + way), remote=[f"{base}/open"]).rule == "refused-reference"
    assert asked == []


def test_a_host_that_only_begins_like_the_allowed_one_is_refused(refuse: Callable[..., design.Finding]) -> None:
    for url in ("https://good.example.evil.example/x.yaml", "https://good.example@evil.example/x.yaml"):
        assert refuse(with_schema(url), remote=["https://good.example"]).rule == "refused-reference"


def test_a_redirect_is_not_followed(refuse: Callable[..., design.Finding], remote: tuple[str, list[str]]) -> None:
    base, asked = remote
    assert refuse(with_schema(f"{base}/moved/x.yaml"), remote=[f"{base}/moved"]).rule == "unresolved-reference"
    assert asked == ["/moved/x.yaml"]


def test_plain_http_is_for_this_machine_only(refuse: Callable[..., design.Finding]) -> None:
    finding = refuse(with_schema("http://good.example/x.yaml"), remote=["http://good.example"])
    assert "not https" in finding.message


def test_a_host_that_does_not_answer_is_a_finding(refuse: Callable[..., design.Finding]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert refuse(with_schema(f"{base}/x.yaml"), remote=[base]).rule == "unresolved-reference"


WORDS = (
    *("paths", "info", "servers", "url", "/x", "/x/{id}", "get", "post", "parameters", "name", "in", "schema", "type"),
    *(
        "properties",
        "items",
        "allOf",
        "oneOf",
        "$ref",
        "responses",
        "200",
        "content",
        "application/json",
        "$dynamicRef",
    ),
    *(
        "requestBody",
        "security",
        "components",
        "schemas",
        "discriminator",
        "mapping",
        "propertyName",
        "nullable",
        "enum",
    ),
    *("required", "format", "pattern", "minimum", "exclusiveMinimum", "$id", "$anchor"),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES | st.sampled_from(["#/paths", "3.1.0", "object", "query"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=40,
)
PARTS = ["paths", "components", "definitions", "info", "servers", "security", "parameters", "tags", "consumes"]
BYTES = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(
    version=st.sampled_from(["2.0", "3.0.3", "3.1.0", "3.2.0"]),
    parts=st.dictionaries(st.sampled_from(PARTS), JSON, max_size=6),
)
def test_any_value_is_an_api_or_a_design_error(version: str, parts: dict[str, object]) -> None:
    api, findings = outcome({**parts, "swagger" if version == "2.0" else "openapi": version})
    if api is None:
        assert findings
    else:
        for name in api.definitions:
            api.definitions[name].document(design.Direction.REQUEST)
        design.lint([api], Config())


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(data=BYTES, name=st.sampled_from(["a.yaml", "a.json", "a"]))
def test_any_bytes_are_an_api_or_a_design_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    api, findings = outcome(path)
    assert api is not None or findings[0].line >= 1


def outcome(source: Path | dict[str, object]) -> tuple[design.Api | None, tuple[design.Finding, ...]]:
    try:
        return design.read(source), ()
    except DesignError as error:
        return None, error.findings
