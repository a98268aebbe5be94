"""Whole designs: the same one, another version of OpenAPI, a very large one, and those that mean harm."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path

import pytest
from bench.projects import CACHE

from portico import design
from portico.design import compare
from portico.design.compare import RULES, TooTangled, pairs

ROOT = Path(__file__).parents[4]
GITHUB = CACHE / "github" / "package" / "generated" / "api.github.com.json"
OURS = sorted((ROOT / "specs").glob("*.yaml"))

SWAGGER = """\
swagger: "2.0"
info: {title: Pets, version: 1.0.0}
host: pets.example
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
security: [{key: []}]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-API-Key}
  login:
    {type: oauth2, flow: accessCode, authorizationUrl: https://a.example/a, tokenUrl: https://a.example/t,
     scopes: {read: Read}}
paths:
  /pets:
    get:
      operationId: listPets
      security: [{login: [read]}]
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: csv}
        - {name: ids, in: query, type: array, items: {type: integer, format: int64}, collectionFormat: multi}
        - {name: limit, in: query, type: integer, minimum: 0, exclusiveMinimum: true, default: 10}
      responses:
        "200":
          description: Them
          headers: {X-Total: {type: integer}}
          schema: {type: array, items: {$ref: "#/definitions/Pet"}}
        default: {description: No, schema: {$ref: "#/definitions/Fault"}}
    post:
      operationId: addPet
      parameters: [{name: pet, in: body, required: true, schema: {$ref: "#/definitions/Pet"}}]
      responses: {"201": {description: Made}}
  /pets/{petId}/photo:
    put:
      operationId: putPhoto
      consumes: [multipart/form-data]
      parameters:
        - {name: petId, in: path, required: true, type: string}
        - {name: photo, in: formData, required: true, type: file}
        - {name: labels, in: formData, type: array, items: {type: string}, collectionFormat: multi}
      responses: {"204": {description: Done}}
definitions:
  Pet:
    type: object
    required: [name]
    properties:
      id: {type: integer, format: int64, readOnly: true}
      name: {type: string, x-nullable: true}
      owner: {$ref: "#/definitions/Owner"}
  Owner: {type: object, properties: {pets: {type: array, items: {$ref: "#/definitions/Pet"}}}}
  Fault: {type: object, properties: {message: {type: string}}}
"""

OPENAPI = """\
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
servers: [{url: https://pets.example/v1}]
security: [{key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      security: [{login: [read]}]
      parameters:
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer, format: int64}}}
        - {name: limit, in: query, schema: {type: integer, exclusiveMinimum: 0, default: 10}}
      responses:
        "200":
          description: Them
          headers: {X-Total: {schema: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
        default: {description: No, content: {application/json: {schema: {$ref: "#/components/schemas/Fault"}}}}
    post:
      operationId: addPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {description: Made}}
  /pets/{petId}/photo:
    put:
      operationId: putPhoto
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties: {photo: {type: string, format: binary}, labels: {type: array, items: {type: string}}}
      responses: {"204": {description: Done}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    login:
      type: oauth2
      flows:
        authorizationCode:
          {authorizationUrl: https://a.example/a, tokenUrl: https://a.example/t, scopes: {read: Read}}
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        id: {type: integer, format: int64, readOnly: true}
        name: {type: [string, "null"]}
        owner: {$ref: "#/components/schemas/Owner"}
    Owner: {type: object, properties: {pets: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
    Fault: {type: object, properties: {message: {type: string}}}
"""


def test_an_api_written_in_swagger_and_in_openapi_3_is_the_same_to_clients(read):
    old, new = read(SWAGGER, "old.yaml"), read(OPENAPI, "new.yaml")
    assert compare(old, new).changes == ()
    assert compare(new, old).changes == ()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_design_and_its_export_are_the_same_to_clients(path):
    api = design.read(path, root=ROOT)
    exported = design.read(design.export(api, "3.1"))
    assert {change.severity for change in compare(api, exported).changes} <= {"cosmetic"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_design_compared_with_itself_has_not_changed(path):
    comparison = compare(design.read(path, root=ROOT), design.read(path, root=ROOT))
    assert (comparison.changes, comparison.verdict) == ((), "none")


def test_the_verdict_is_that_of_the_gravest_change(read):
    old = read(OPENAPI)
    for before, after, verdict in [
        ("description: Them", "description: All", "patch"),
        ("message: {type: string}", "message: {type: string}, code: {type: string}", "minor"),
        ("message: {type: string}", "code: {type: string}", "major"),
    ]:
        assert compare(old, read(OPENAPI.replace(before, after))).verdict == verdict


def test_two_comparisons_tell_the_same_in_the_same_order(read):
    old, new = (
        read(OPENAPI),
        read(OPENAPI.replace("string", "boolean").replace("Them", "All").replace("int64", "int32")),
    )
    first, second = compare(old, new), compare(old, new)
    assert first == second
    severities = [change.severity for change in first.changes]
    assert severities == sorted(severities, key=["breaking", "compatible", "cosmetic"].index)


@pytest.fixture(scope="module")
def github():
    if not GITHUB.is_file():
        pytest.skip("GitHub's document is not here; a bench fetches it")
    return json.loads(GITHUB.read_text())


def test_the_largest_document_is_compared_within_seconds(github, tmp_path):
    mutated = copy.deepcopy(github)
    schemas = mutated["components"]["schemas"]
    del schemas["simple-user"]["properties"]["login"]
    schemas["simple-user"]["required"].remove("login")
    schemas["repository"]["properties"]["name"]["maxLength"] = 100
    (tmp_path / "mutated.json").write_text(json.dumps(mutated))
    old, new = design.read(GITHUB), design.read(tmp_path / "mutated.json")
    began = time.process_time()
    assert compare(old, design.read(GITHUB)).changes == ()
    changes = compare(old, new).changes
    assert time.process_time() - began < 15
    assert [change.rule for change in changes] == ["response-property-removed", "response-constraint-tightened"]
    assert len(changes[0].operations) > 200


def api_of(schemas, *, reference="#/components/schemas/S0"):
    answer = {"description": "It", "content": {"application/json": {"schema": {"$ref": reference}}}}
    paths = {"/x": {"get": {"operationId": "x", "security": [], "responses": {"200": answer}}}}
    document = {"openapi": "3.1.0", "info": {"title": "X", "version": "1.0.0"}, "paths": paths}
    return design.read({**document, "components": {"schemas": schemas}})


def test_a_list_of_very_many_values_is_compared_and_told_in_few(read):
    old = api_of({"S0": {"enum": [f"v{number}" for number in range(100_000)]}})
    new = api_of({"S0": {"enum": [f"v{number}" for number in range(50_000, 150_000)]}})
    removed, added = compare(old, new).changes
    assert "and 49,992 more" in removed.text
    assert len(removed.text) + len(added.text) < 1000


def test_a_very_long_chain_of_schemas_is_compared_to_its_end():
    def chain(last):
        nodes = {f"S{n}": {"properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}}} for n in range(3000)}
        return api_of({**nodes, "S3000": {"type": last}})

    [change] = compare(chain("string"), chain("integer")).changes
    assert change.rule == "response-type-changed"
    assert len(change.place) < 400


def test_a_tower_of_all_of_is_refused_and_nothing_breaks():
    def tower(last):
        nodes = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}, {"title": "T"}]} for n in range(3000)}
        return api_of({**nodes, "S3000": {"type": last}})

    with pytest.raises(TooTangled, match="allOf"):
        compare(tower("string"), tower("integer"))


def test_rings_of_different_lengths_are_given_up_before_they_take_for_ever(monkeypatch):
    def ring(length, kind):
        return api_of(
            {
                f"S{n}": {
                    "properties": {"next": {"$ref": f"#/components/schemas/S{(n + 1) % length}"}, "v": {"type": kind}}
                }
                for n in range(length)
            }
        )

    monkeypatch.setattr(pairs, "MOST", 2_000)
    with pytest.raises(TooTangled, match="2,000 pairs"):
        compare(ring(101, "string"), ring(103, "integer"))


def test_the_guide_shows_every_rule_as_it_is():
    guide = (ROOT / "docs" / "guides" / "versions.md").read_text()
    rows = [f"| `{rule.name}` | {rule.severity} | {rule.what} |" for rule in RULES.values()]
    assert guide.endswith("\n".join(rows) + "\n"), "the table of docs/guides/versions.md and RULES differ"
