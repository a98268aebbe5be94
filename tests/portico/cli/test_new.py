"""`portico new`, and the way from somebody's document to an API that answers."""

from __future__ import annotations

import json
import tomllib

import pytest

from portico.identity.settings import load as pool_settings

THEIRS = {
    "swagger": "2.0",
    "info": {"title": "Their <shop>", "version": "7"},
    "basePath": "/v7",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "paths": {
        "/orders/{orderId}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [{"name": "orderId", "in": "path", "required": True, "type": "integer"}],
                "responses": {"200": {"description": "It", "schema": {"$ref": "#/definitions/Order"}}},
            }
        },
        "/orders": {
            "post": {
                "operationId": "class",
                "parameters": [
                    {"name": "order", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Order"}}
                ],
                "responses": {"201": {"description": "Made", "schema": {"$ref": "#/definitions/Order"}}},
            }
        },
    },
    "definitions": {
        "Order": {
            "type": "object",
            "required": ["item"],
            "properties": {"item": {"type": "string"}, "next": {"$ref": "#/definitions/Order"}},
            "example": {"item": "tulips"},
        }
    },
}

REFERRING = """\
openapi: 3.0.3
info: {title: Things, version: "1"}
security: []
paths:
  /things:
    get:
      operationId: getThing
      responses: {"200": {description: It, content: {application/json: {schema: {$ref: "TARGET"}}}}}
"""


@pytest.fixture
def theirs(tmp_path):
    path = tmp_path / "their-swagger.json"
    path.write_text(json.dumps(THEIRS))
    return path


def test_a_document_that_nobody_here_wrote_becomes_an_api_that_answers(portico_process, serving, theirs, tmp_path):
    made = portico_process("new", "shop", "--from", "their-swagger.json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "portico stubs" in made.stderr
    shop = tmp_path / "shop"
    assert [path.name for path in (shop / "specs").iterdir()] == ["shop.json"]
    assert not (shop / "handlers" / "concierge.py").exists()

    stubbed = portico_process("stubs", cwd=shop)
    assert stubbed.returncode == 0, stubbed.stdout + stubbed.stderr

    checked = portico_process("check", cwd=shop)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    routes = json.loads(portico_process("routes", "--json", cwd=shop).stdout)
    assert [(route["operation"], route["state"]) for route in routes] == [("getOrder", "stub"), ("class", "stub")]

    exported = portico_process("export", "openapi", "shop", "--version", "3.1", cwd=shop)
    assert json.loads(exported.stdout)["openapi"].startswith("3.1")

    with serving(shop) as url:
        unwritten = portico_process("call", "shop", "getOrder", "--order-id", "1", "--url", url, cwd=shop)
        assert unwritten.returncode == 1
        assert unwritten.stderr.startswith("501")
    with serving(shop, "--mock") as url:
        mocked = portico_process("call", "shop", "class", "--body", '{"item": "roses"}', "--url", url, cwd=shop)
        assert mocked.returncode == 0, mocked.stderr
        assert json.loads(mocked.stdout)["item"] == "tulips"


def test_rules_that_would_keep_it_from_being_served_are_switched_off_and_said(portico, theirs, tmp_path):
    made = portico("new", "shop", "--from", str(theirs), cwd=tmp_path)
    off = tomllib.loads((tmp_path / "shop" / "portico.toml").read_text())["check"]["off"]
    assert off, "it makes no security decision"
    for rule, reason in off.items():
        assert rule in made.stderr
        assert "taken in" in reason


@pytest.mark.parametrize(
    ("scheme", "files"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, []),
        ({"type": "http", "scheme": "bearer"}, ["pool.yaml"]),
        (
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "x-amazon-apigateway-authtype": "awsSigv4",
            },
            ["pool.yaml", "roles.yaml"],
        ),
    ],
)
def test_a_document_whose_callers_sign_in_gets_a_user_pool(portico, tmp_path, scheme, files):
    document = {
        "openapi": "3.1.0",
        "info": {"title": 'Their "shop": {a}', "version": "1"},
        "security": [{"caller": []}],
        "paths": {"/a": {"get": {"operationId": "getA", "responses": {"204": {"description": "None."}}}}},
        "components": {"securitySchemes": {"caller": scheme}},
    }
    (tmp_path / "theirs.json").write_text(json.dumps(document))
    made = portico("new", "shop", "--from", "theirs.json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    shop = tmp_path / "shop"
    assert sorted(path.name for path in shop.glob("auth/*")) == files
    assert (shop / ".portico" / "secret").is_file() is bool(files)
    findings = json.loads(portico("check", "--json", cwd=shop).stdout)
    rules = {finding["rule"] for finding in (findings if isinstance(findings, list) else findings["findings"])}
    assert ("scheme-without-authoriser" in rules) is not bool(files)
    assert not {"signed-without-roles", "unknown-pool"} & rules
    if files:
        from portico.identity import settings

        assert settings.load(shop).title == 'Their "shop": {a}'


def test_a_new_project_has_a_secret_that_nobody_else_can_read_and_git_does_not_see(portico, tmp_path):
    for name in ("one", "other"):
        assert portico("new", name, cwd=tmp_path).returncode == 0
    secret = tmp_path / "one" / ".portico" / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert secret.read_text() != (tmp_path / "other" / ".portico" / "secret").read_text()
    assert ".portico/" in (tmp_path / "one" / ".gitignore").read_text().split()


def test_the_page_of_the_new_project_carries_the_title_and_cannot_be_scripted_by_it(portico, theirs, tmp_path):
    portico("new", "shop", "--from", str(theirs), cwd=tmp_path)
    assert "Their &lt;shop&gt;" in (tmp_path / "shop" / "static_site" / "index.html").read_text()


def test_a_document_in_several_files_is_joined(portico, tmp_path):
    theirs = tmp_path / "theirs"
    (theirs / "parts").mkdir(parents=True)
    (theirs / "parts" / "thing.yaml").write_text("Thing: {type: object, properties: {name: {type: string}}}\n")
    (theirs / "api.yml").write_text(REFERRING.replace("TARGET", "parts/thing.yaml#/Thing"))
    made = portico("new", "joined", "--from", "theirs/api.yml", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "2 files were joined" in made.stderr
    portico("stubs", cwd=tmp_path / "joined")
    checked = portico("check", cwd=tmp_path / "joined")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [("openapi: 3.0.3\npaths: {", "3:1"), ("just: yaml\n", "openapi"), ("\x00\x01", ""), ('{"openapi": "3.0.3"', "")],
)
def test_a_document_with_faults_is_refused_with_its_place_and_leaves_nothing_behind(portico, tmp_path, content, told):
    (tmp_path / "bad.yaml").write_text(content)
    made = portico("new", "shop", "--from", "bad.yaml", cwd=tmp_path)
    assert made.returncode == 2
    assert "bad.yaml" in made.stderr
    assert told in made.stderr
    assert "Traceback" not in made.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_a_reference_to_a_file_of_this_machine_is_not_taken_in(portico, tmp_path):
    (tmp_path / "secret.yaml").write_text("type: object\ntitle: s3cret\n")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "api.yaml").write_text(REFERRING.replace("TARGET", "../secret.yaml"))
    made = portico("new", "shop", "--from", "theirs/api.yaml", cwd=tmp_path)
    assert made.returncode == 2
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("name", "module"), [("my-shop", "my_shop"), ("class", "_class"), ("7up", "_7up"), ("a.b", "a_b")]
)
def test_the_api_gets_a_name_that_python_can_import(portico, theirs, tmp_path, name, module):
    made = portico("new", name, "--from", str(theirs), cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / name / "specs" / f"{module}.json").is_file()


def test_a_folder_that_holds_something_is_never_touched(portico, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.txt").write_text("mine")
    made = portico("new", "shop", cwd=tmp_path)
    assert (made.returncode, "not an empty folder" in made.stderr) == (2, True)
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_used(portico, tmp_path):
    (tmp_path / "shop").mkdir()
    assert portico("new", "shop", cwd=tmp_path).returncode == 0
    assert (tmp_path / "shop" / "specs" / "concierge.yaml").is_file()


def test_the_folder_one_stands_in_is_used_when_it_is_empty(portico, tmp_path):
    (tmp_path / "shop").mkdir()
    made = portico("new", ".", cwd=tmp_path / "shop")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "shop" / "README.md").read_text().startswith("# shop")


@pytest.mark.parametrize(
    ("source", "told"), [("missing.json", "no file"), ("https://example.com/api.json", "Download")]
)
def test_what_cannot_be_read_is_said(portico, tmp_path, source, told):
    made = portico("new", "shop", "--from", source, cwd=tmp_path)
    assert (made.returncode, told in made.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_the_scopes_that_a_document_asks_of_the_pool_are_declared(portico, tmp_path):
    flow = {"authorizationUrl": "/auth/main/oauth2/authorize", "tokenUrl": "/auth/main/oauth2/token"}
    scheme = {"type": "oauth2", "flows": {"authorizationCode": flow | {"scopes": {"pets/read": 'Read "{{title}}"'}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "security": [{"caller": ["pets/read"]}],
        "paths": {"/a": {"get": {"operationId": "getA", "responses": {"204": {"description": "None."}}}}},
        "components": {"securitySchemes": {"caller": scheme}},
    }
    (tmp_path / "theirs.json").write_text(json.dumps(document))
    assert portico("new", "shop", "--from", "theirs.json", cwd=tmp_path).returncode == 0
    settings = pool_settings(tmp_path / "shop")
    assert settings is not None
    assert settings.resource_servers["pets"].scopes == {"read": 'Read "{{title}}"'}
    for client in ("docs", "sdk"):
        assert settings.clients[client].scopes == ("openid", "profile", "email", "pets/read")
    findings = portico("check", "--json", cwd=tmp_path / "shop").stdout
    assert "undeclared-scope" not in findings
