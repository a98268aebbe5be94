"""Documents of every version become the same model."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from portico import design
from portico.design import Api, Requirement

Read = Callable[..., Api]

SWAGGER = """
swagger: "2.0"
info: {title: Shop, version: 1.5}
host: shop.example
basePath: /v1/
schemes: [https]
consumes: [application/json]
produces: [application/json, "Application/XML; charset=utf-8"]
x-swagger-router-controller: not.read.here
securityDefinitions:
  key: {type: apiKey, in: header, name: X-API-Key}
  basic: {type: basic}
  oauth: {type: oauth2, flow: accessCode, authorizationUrl: https://a, tokenUrl: https://t, scopes: {read: Reads}}
security: [{key: []}]
parameters:
  page: {name: page, in: query, type: integer, default: 1}
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, type: integer}
      - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi}
      - $ref: '#/parameters/page'
    get:
      operationId: getPet
      x-swagger-router-controller: pets
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: pipes}
      responses:
        200:
          description: ok
          schema: {$ref: '#/definitions/Pet'}
          examples: {application/json: {id: 1}}
          headers: {X-Rate: {type: integer}}
        default: {description: bad}
    post:
      operationId: putPet
      security: []
      parameters:
        - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses: {201: {description: made}}
    put:
      consumes: [multipart/form-data]
      security: [{oauth: [read]}, {basic: [], key: []}]
      parameters:
        - {name: photo, in: formData, type: file, required: true}
        - {name: sizes, in: formData, type: array, items: {type: integer}, collectionFormat: ssv}
      responses: {204: {description: done}}
definitions:
  Pet: {type: object, properties: {id: {type: integer, x-nullable: true}}}
"""


@pytest.fixture
def shop(read: Read) -> Api:
    return read(SWAGGER)


def test_swagger_2_says_where_it_is_served(shop: Api) -> None:
    assert (shop.name, shop.title, shop.version, shop.dialect, shop.base_path) == ("shop", "Shop", "1.5", "2.0", "/v1")
    assert [server.url for server in shop.servers] == ["https://shop.example/v1"]


def test_swagger_2_parameters_have_styles(shop: Api) -> None:
    get = shop.operation("getPet")
    by_name = {parameter.name: parameter for parameter in get.parameters}
    assert list(by_name) == ["id", "tags", "page"]
    assert (by_name["tags"].style, by_name["tags"].explode, by_name["tags"].duplicates) == (
        "pipeDelimited",
        False,
        "last",
    )
    assert (by_name["id"].style, by_name["id"].required, by_name["id"].schema.types) == ("simple", True, ("integer",))
    assert by_name["page"].schema.get("default") == 1
    shared = {parameter.name: parameter for parameter in shop.operation("putPet").parameters}["tags"]
    assert (shared.style, shared.explode, shared.duplicates) == ("form", True, "join")


def test_swagger_2_bodies_and_forms_become_bodies(shop: Api) -> None:
    body = shop.operation("putPet").body
    assert body is not None
    assert (body.name, body.required, list(body.content), body.unpack_form) == (
        "pet",
        True,
        ["application/json"],
        False,
    )
    form = shop.operation("put_pets_id").body
    assert form is not None
    assert (form.name, form.required, list(form.content), form.unpack_form) == (
        "body",
        True,
        ["multipart/form-data"],
        True,
    )
    media = form.content["multipart/form-data"]
    assert media.schema is not None
    assert media.schema.node == {
        "type": "object",
        "properties": {
            "photo": {"type": "string", "format": "binary"},
            "sizes": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["photo"],
    }
    assert (media.encoding["sizes"].style, media.encoding["sizes"].explode) == ("spaceDelimited", False)


def test_swagger_2_responses_have_the_content_that_is_produced(shop: Api) -> None:
    responses = shop.operation("getPet").responses
    assert list(responses) == ["200", "default"]
    assert list(responses["200"].content) == ["application/json", "application/xml"]
    assert responses["200"].content["application/json"].examples[0].value == {"id": 1}
    assert responses["200"].headers["X-Rate"].schema.types == ("integer",)
    assert responses["default"].content["application/json"].schema is None
    assert shop.definitions["Pet"].properties["id"].nullable


def test_security_of_the_document_is_each_operations_default(shop: Api) -> None:
    assert shop.operation("getPet").security == (Requirement({"key": ()}),)
    assert shop.operation("putPet").security == ()
    assert shop.operation("put_pets_id").security == (
        Requirement({"oauth": ("read",)}),
        Requirement({"basic": (), "key": ()}),
    )
    schemes = shop.security_schemes
    assert (schemes["basic"].type, schemes["basic"].scheme) == ("http", "basic")
    assert (schemes["key"].location, schemes["key"].parameter) == ("header", "X-API-Key")
    assert schemes["oauth"].flows["authorizationCode"]["scopes"] == {"read": "Reads"}


def test_the_controller_is_read_where_connexion_reads_it(shop: Api) -> None:
    assert shop.operation("getPet").controller == "pets"
    assert shop.operation("putPet").controller is None


OPENAPI = """
openapi: 3.2.0
info: {title: Shop}
servers:
  - url: https://{host}/{version}/
    variables: {host: {default: shop.example}, version: {default: v2}}
paths:
  /a/{id}:
    summary: An a
    x-team: blue
    servers: [{url: https://other.example}]
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: filter, in: query, style: deepObject, explode: true, schema: {type: object}}
      - {name: where, in: query, content: {application/json: {schema: {type: object}}}}
      - {name: session, in: cookie, schema: {type: string}}
    query:
      operationId: searchA
      x-openapi-router-controller: things
      requestBody:
        x-body-name: thing
        content:
          Application/JSON; charset=utf-8: {schema: {type: string}, examples: {one: {dataValue: x}}}
          '*/*': {}
      responses:
        4xx: {description: bad, content: {application/jsonl: {itemSchema: {type: object}}}}
        '200': {$ref: '#/components/responses/Ok'}
    additionalOperations:
      PURGE: {operationId: purgeA, responses: {}}
    get: {parameters: [{name: q, in: querystring, content: {application/x-www-form-urlencoded: {schema: {}}}}]}
    trace: {}
components:
  responses:
    Ok: {description: ok, headers: {X-It: {schema: {type: integer}, required: true}, Content-Type: {schema: {}}}}
"""


@pytest.fixture
def modern(read: Read) -> Api:
    return read(OPENAPI)


def test_openapi_3_fills_in_the_variables_of_its_server(modern: Api) -> None:
    assert modern.base_path == "/v2"
    assert modern.servers[0].url == "https://shop.example/v2/"
    assert modern.operation("searchA").servers[0].url == "https://other.example"


def test_openapi_3_2_has_more_methods(modern: Api) -> None:
    assert [(one.method, one.id) for one in modern.operations] == [
        ("query", "searchA"),
        ("get", "get_a_id"),
        ("trace", "trace_a_id"),
        ("purge", "purgeA"),
    ]


def test_openapi_3_parameters_have_their_default_styles(modern: Api) -> None:
    found = {
        one.name: (one.location, one.style, one.explode, one.media_type)
        for one in modern.operation("get_a_id").parameters
    }
    assert found == {
        "id": ("path", "simple", False, None),
        "filter": ("query", "deepObject", True, None),
        "where": ("query", "form", True, "application/json"),
        "session": ("cookie", "form", True, None),
        "q": ("querystring", "form", True, "application/x-www-form-urlencoded"),
    }


def test_media_types_are_in_lower_case_and_without_parameters(modern: Api) -> None:
    operation = modern.operation("searchA")
    assert operation.body is not None
    assert (operation.body.name, list(operation.body.content)) == ("thing", ["application/json", "*/*"])
    assert operation.body.content["application/json"].examples[0].value == "x"
    assert list(operation.responses) == ["4XX", "200"]
    assert operation.responses["4XX"].content["application/jsonl"].item_schema is not None
    assert list(operation.responses["200"].headers) == ["X-It"]


def test_no_security_anywhere_is_no_decision(modern: Api) -> None:
    assert modern.operation("searchA").security is None
    assert modern.operation("searchA").extensions["x-team"] == "blue"
    assert modern.operation("searchA").controller == "things"


def test_several_files_become_one_document(write: Callable[..., Path], read: Read) -> None:
    write("shared/pet.yaml", "type: object\nproperties: {id: {$ref: '#/Id'}, next: {$ref: '#'}}\nId: {type: integer}")
    write("specs/parts/paths.json", json.dumps({
        "pet": {"get": {"operationId": "getPet", "responses": {"200": {"$ref": "#/ok"}}}},
        "ok": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "../../shared/pet.yaml"}}}},
    }))  # fmt: skip
    api = read("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/pet: {$ref: 'parts/paths.json#/pet'}}")
    assert api.files == ("specs/shop.yaml", "specs/parts/paths.json", "shared/pet.yaml")
    schema = api.operation("getPet").responses["200"].content["application/json"].schema
    assert schema is not None
    assert schema.reference == "pet"
    assert schema.properties["id"].types == ("integer",)
    assert api.operation("getPet").at == design.Location("specs/parts/paths.json", "/pet/get")
    alone = design.read(api.document)
    assert alone.operations == api.operations
    assert "parts" not in json.dumps(dict(api.document))


def test_a_component_kept_in_a_file_of_its_own_has_one_name(write: Callable[..., Path], read: Read) -> None:
    properties = "{next: {$ref: pet.yaml}, other: {$ref: ../shop.yaml#/components/schemas/Pet}}"
    write("specs/parts/pet.yaml", f"type: object\nproperties: {properties}")
    schemas = (
        "{Pet: {$ref: parts/pet.yaml}, Dog: {$ref: parts/pet.yaml}, All: {items: {$ref: '#/components/schemas/Pet'}}}"
    )
    api = read(f"openapi: 3.1.0\npaths: {{}}\ncomponents: {{schemas: {schemas}}}")
    pet = {"$ref": "#/$defs/Pet"}
    assert {name: api.definitions[name].node for name in api.definitions} == {
        "Pet": {"type": "object", "properties": {"next": pet, "other": pet}},
        "Dog": pet,
        "All": {"items": pet},
    }
    assert design.read(api.document).definitions == api.definitions


def test_every_fault_is_told_with_its_place_in_its_file(write: Callable[..., Path], tmp_path: Path) -> None:
    write("specs/parts.json", '{\n "pet": {\n  "type": "object", "properties": {"a": {"$ref": "gone.yaml"}}\n }\n}')
    text = "openapi: 3.0.3\npaths:\n  /a:\n    get: 5\ncomponents:\n  schemas:\n    Pet: {$ref: 'parts.json#/pet'}\n"
    with pytest.raises(design.reader.DesignError) as caught:
        design.read(write("specs/shop.yaml", text), root=tmp_path)
    assert [(one.file, one.line, one.column, one.pointer) for one in caught.value.findings] == [
        ("specs/parts.json", 3, 36, "/pet/properties/a"),
        ("specs/shop.yaml", 4, 5, "/paths/~1a/get"),
    ]


def test_a_document_made_in_python_is_read_too() -> None:
    api = design.read(
        {
            "openapi": "3.0.0",
            "info": {"title": "T"},
            "paths": {"/a": {"get": {"responses": {200: {"description": "x"}}}}},
        }
    )
    assert (api.name, list(api.operations[0].responses)) == ("api", ["200"])


def test_the_same_bytes_make_the_same_model(read: Read) -> None:
    assert read(SWAGGER) == read(SWAGGER)


def test_a_large_document_is_read_in_seconds_and_little_memory(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S1"}}}
    operation = {
        "responses": {"200": {"description": "ok", "content": content}},
        "parameters": [{"$ref": "#/components/parameters/P"}],
        "description": "words " * 1_500,
    }
    reference = "#/components/schemas/S{}"
    schemas = {
        f"S{n}": {
            "type": "object",
            "properties": {f"p{i}": {"$ref": reference.format((n + i) % 900)} for i in range(20)},
        }
        for n in range(900)
    }
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "paths": {f"/p{n}": {"get": operation} for n in range(1_300)},
        "components": {"parameters": {"P": parameter}, "schemas": schemas},
    }
    path = tmp_path / "large.json"
    path.write_text(json.dumps(document))
    script = textwrap.dedent("""
        import resource, sys, time
        from pathlib import Path
        from portico import design
        began = time.process_time()
        api = design.read(Path(sys.argv[1]))
        seconds, status = time.process_time() - began, Path("/proc/self/status")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if status.exists():  # Linux: ru_maxrss knows what the process was forked from, VmHWM does not
            peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        print(len(api.operations), seconds, peak)
    """)
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    count, seconds, peak = done.stdout.split()
    assert int(count) == 1_300
    assert float(seconds) < 6
    assert int(peak) * (1 if sys.platform == "darwin" else 1_024) < 250_000_000
