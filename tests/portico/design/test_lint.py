"""Each rule finds its fault, at its place, and nothing in a document that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portico import design
from portico.config import Check, Config
from portico.design.rules import RULES, page
from portico.project import auth_of

Read = Callable[..., design.Api]

CLEAN = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
security: [{key: []}]
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "404": {description: not there}
  /pets/mine:
    get: {operationId: getMine, security: [], responses: {"204": {description: none}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: auth.check}}
  schemas: {Pet: {type: object, properties: {name: {type: string, default: Rex, examples: [Tom]}}}}
"""


def rules(findings: list[design.Finding]) -> list[tuple[str, int, int]]:
    return [(finding.rule, finding.line, finding.column) for finding in findings]


def test_a_clean_document_has_no_findings(write: Callable[..., Path], tmp_path: Path) -> None:
    assert design.check([write("specs/shop.yaml", CLEAN)], root=tmp_path, config=Config()) == []


@pytest.mark.parametrize(
    ("before", "after", "rule", "line", "column"),
    [
        ("      operationId: getPet\n", "", "missing-operation-id", 7, 5),
        ("operationId: getMine", "operationId: getPet", "duplicate-operation-id", 14, 11),
        ("security: [{key: []}]\n", "", "no-security-decision", 6, 5),
        ("security: [{key: []}]", "security: [{kay: []}]", "undefined-security-scheme", 4, 13),
        ("security: []", "security: [{kay: []}]", "undefined-security-scheme", 14, 45),
        (", x-apikeyInfoFunc: auth.check", "", "scheme-without-authoriser", 16, 21),
        ("in: path, required: true", "in: query", "path-parameter-mismatch", 7, 5),
        ("/pets/{id}:", "/pets/{ID}:", "path-parameter-mismatch", 7, 5),
        ("/pets/mine:", "/{any}/mine:", "ambiguous-paths", 14, 5),
        ("/pets/mine:", "/pets/{name}:", "identical-paths", 14, 5),
        ("default: Rex", "default: 5", "default-breaks-schema", 17, 67),
        ("examples: [Tom]", "examples: [Tom, 5]", "example-breaks-schema", 17, 97),
        (": {schema: {$ref: \"#/components/schemas/Pet\"}}", ": {}", "response-without-schema", 11, 9),
        ("openapi: 3.1.0", "openapi: 3.1.0\nx-amazon-apigateway-policy: {}", "ignored-extension", 2, 1),
        ("      operationId: getPet", "      x-portico-cost: 1.5\n      operationId: getPet", "invalid-cost", 8, 7),
        ("openapi: 3.1.0", "openapi: 3.1.0\nx-amazon-apigateway-api-key-source: QUERY", "unknown-key-source", 2, 1),
        ("description: not there", "summary: not there", "odd-structure", 12, 9),
        ("{type: integer}}]", "{type: integer}}, {name: id, in: path, required: true, schema: {}}]", "duplicate-parameter", 9, 83),  # noqa: E501
    ],
)  # fmt: skip
def test_a_broken_rule_is_found_at_its_place(
    read: Read, before: str, after: str, rule: str, line: int, column: int
) -> None:
    assert before in CLEAN
    found = design.lint([read(CLEAN.replace(before, after))], Config())
    assert (rule, line, column) in rules(found)
    finding = next(finding for finding in found if finding.rule == rule)
    assert finding.file == "specs/shop.yaml"
    assert finding.message.endswith(".")
    assert finding.mend


def test_json_has_lines_and_columns_too(read: Read) -> None:
    api = read(
        '{"openapi": "3.1.0", "info": {"title": "x", "version": "1"},\n "paths": {\n  "/a": {"get": {}}}}', "a.json"
    )
    assert ("no-security-decision", 3, 10) in rules(design.lint([api], Config()))


def test_of_another_kind_of_authorizer_the_result_cache_alone_is_honoured(read: Read) -> None:
    extension = "x-amazon-apigateway-authorizer: {authorizerResultTtlInSeconds: 60}"
    text = CLEAN.replace("x-apikeyInfoFunc: auth.check", f"x-apikeyInfoFunc: auth.check, {extension}")
    assert design.lint([read(text)], Config()) == []
    found = design.lint([read(text.replace("60}", "60, type: token}"))], Config())
    assert [finding.message for finding in found] == [
        "Of x-amazon-apigateway-authorizer, only authorizerResultTtlInSeconds is honoured; not type."
    ]


SIGN_IN = "{type: openIdConnect, openIdConnectUrl: /auth/main/.well-known/openid-configuration}"
ENDPOINTS = "authorizationUrl: /auth/main/oauth2/authorize, tokenUrl: /auth/main/oauth2/token"
FLOW = f"{{authorizationCode: {{{ENDPOINTS}, scopes: {{}}}}}}"
JWT = "x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: https://id.example, audience: [shop]}}"
SIGNED = "{type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}"
KEY = "{type: apiKey, in: header, name: X-API-Key}"
PLANS = design.Auth(plans=True)
MAIN = design.Auth("main", "https://shop.example", frozenset(["shop/read"]), roles=True)


@pytest.mark.parametrize(
    ("scheme", "auth", "rule"),
    [
        (SIGN_IN, MAIN, ""),
        (SIGN_IN.replace("/auth", "https://shop.example/auth"), MAIN, ""),
        (SIGN_IN.replace("/auth", "https://id.example/auth"), design.Auth(), ""),  # somebody else's
        (SIGN_IN.replace("main", "other"), MAIN, "unknown-pool"),
        (SIGN_IN.replace("/auth/main", "https://shop.example/auth/other"), MAIN, "unknown-pool"),
        (SIGN_IN, design.Auth(), "unknown-pool"),
        (SIGN_IN.replace("/auth/main", "/nowhere"), MAIN, "scheme-without-authoriser"),
        (f"{{type: oauth2, flows: {FLOW}}}", MAIN, ""),
        (f"{{type: oauth2, flows: {FLOW.replace('main', 'other')}}}", MAIN, "unknown-pool"),
        (f"{{type: oauth2, flows: {FLOW.replace('/auth', 'https://id.example')}}}", MAIN, "scheme-without-authoriser"),
        (f"{{type: oauth2, flows: {FLOW.replace('/auth', 'https://id.example')}, {JWT}}}", design.Auth(), ""),
        ("{type: http, scheme: bearer}", MAIN, ""),
        ("{type: http, scheme: bearer}", design.Auth(), "scheme-without-authoriser"),
        (f"{{type: http, scheme: bearer, {JWT}}}", design.Auth(), ""),
        ("{type: http, scheme: basic}", MAIN, "scheme-without-authoriser"),
        (SIGNED, MAIN, ""),
        (SIGNED, design.Auth("main"), "signed-without-roles"),
        (SIGNED, design.Auth(), "signed-without-roles"),
        (KEY, PLANS, ""),
        (KEY, MAIN, "scheme-without-authoriser"),
        (KEY.replace("}", ", x-authentication-scheme: Bearer}"), PLANS, "scheme-without-authoriser"),
        (SIGNED, PLANS, "signed-without-roles"),
    ],
)
def test_a_scheme_is_verified_by_the_pool_by_roles_or_by_its_own_issuer(
    read: Read, scheme: str, auth: design.Auth, rule: str
) -> None:
    text = CLEAN.replace("{type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: auth.check}", scheme)
    assert rules(design.lint([read(text)], Config(), auth=auth)) == ([(rule, 16, 21)] if rule else [])


def test_a_scope_that_no_resource_server_declares_is_found(read: Read) -> None:
    for scheme in (SIGN_IN, "{type: http, scheme: bearer}"):
        text = CLEAN.replace("{type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: auth.check}", scheme)
        known = read(text.replace("[{key: []}]", "[{key: [openid, shop/read]}]"))
        assert design.lint([known], Config(), auth=MAIN) == []
        unknown = read(text.replace("[{key: []}]", "[{key: [shop/write]}]"))
        assert rules(design.lint([unknown], Config(), auth=MAIN)) == [("undeclared-scope", 4, 13)]


def test_a_key_that_is_found_by_who_is_calling_needs_somebody_who_says_that(read: Read) -> None:
    text = CLEAN.replace(
        "{key: {type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: auth.check}}", f"{{key: {KEY}, me: {SIGN_IN}}}"
    )
    text = text.replace("security: []", "security: [{key: []}, {me: [], key: []}]")
    auth = design.Auth("main", plans=True)
    assert design.lint([read(text)], Config(), auth=auth) == []
    found = text.replace("openapi: 3.1.0", "openapi: 3.1.0\nx-amazon-apigateway-api-key-source: AUTHORIZER")
    alone = [("key-without-identity", 5, 12), ("key-without-identity", 15, 44)]
    assert rules(design.lint([read(found)], Config(), auth=auth)) == alone
    together = found.replace("security: [{key: []}, {me", "security: [{me").replace(
        "[{key: []}]", "[{me: [], key: []}]"
    )
    assert design.lint([read(together)], Config(), auth=auth) == []
    by_function = found.replace(KEY, KEY.replace("}", ", x-apikeyInfoFunc: auth.check}"))
    assert design.lint([read(by_function)], Config(), auth=auth) == []


@pytest.mark.parametrize("cost", ["-1", "1000001", "true", "'2'", "1.5", "[1]", "null"])
def test_what_a_call_costs_is_a_whole_number(read: Read, cost: str) -> None:
    text = CLEAN.replace("      operationId: getPet", f"      x-portico-cost: {cost}\n      operationId: getPet")
    assert rules(design.lint([read(text)], Config())) == [("invalid-cost", 8, 7)]


@pytest.mark.parametrize("cost", ["0", "5", "1000000"])
def test_whole_numbers_are_costs(read: Read, cost: str) -> None:
    text = CLEAN.replace("      operationId: getPet", f"      x-portico-cost: {cost}\n      operationId: getPet")
    assert design.lint([read(text)], Config()) == []


def test_what_auth_declares_is_read_from_the_project(write: Callable[..., Path], tmp_path: Path) -> None:
    assert auth_of(tmp_path, Config()) == design.Auth()
    write("auth/pool.yaml", "name: shop\nresource_servers: {goods: {scopes: {read: See the goods}}}\n")
    assert auth_of(tmp_path, Config()) == design.Auth("shop", "", frozenset(["goods/read"]))
    write("auth/roles.yaml", "roles: {}\n")
    assert auth_of(tmp_path, Config()).roles
    assert not auth_of(tmp_path, Config()).plans
    write("auth/plans.yaml", "plans: {}\n")
    assert auth_of(tmp_path, Config()).plans
    (tmp_path / "auth/pool.yaml").unlink()
    assert auth_of(tmp_path, Config()) == PLANS


def test_a_path_that_amazon_would_serve_with_any_method_is_told(read: Read) -> None:
    text = CLEAN.replace("paths:\n", "paths:\n  /{proxy+}: {x-amazon-apigateway-any-method: {}}\n")
    assert rules(design.lint([read(text)], Config())) == [("ignored-extension", 6, 15)]


def test_a_scope_that_no_flow_offers_is_found(read: Read) -> None:
    flows = "flows: {implicit: {authorizationUrl: https://a, scopes: {read: Reads}}}"
    scheme = f"{{type: oauth2, x-tokenInfoFunc: auth.token, {flows}}}"
    text = CLEAN.replace("{type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: auth.check}", scheme)
    assert design.lint([read(text.replace("[{key: []}]", "[{key: [read]}]"))], Config()) == []
    assert rules(design.lint([read(text.replace("[{key: []}]", "[{key: [write]}]"))], Config())) == [
        ("undefined-scope", 4, 13)
    ]


def test_an_example_is_checked_in_the_direction_in_which_it_travels(read: Read) -> None:
    text = CLEAN.replace(
        '"#/components/schemas/Pet"}}', '"#/components/schemas/Pet"}, examples: {good: {value: {name: x}}, bad: {value: {name: 1}}}}'  # noqa: E501
    )  # fmt: skip
    found = design.lint([read(text)], Config())
    assert [(one.rule, one.pointer.rpartition("/")[2]) for one in found] == [("example-breaks-schema", "bad")]


def test_two_documents_on_one_base_path_are_told_apart_by_their_operations(read: Read) -> None:
    one = read(CLEAN, "specs/one.yaml")
    same = read(CLEAN, "specs/two.yaml")
    other = read(CLEAN.replace("/pets", "/cats"), "specs/three.yaml")
    found = design.lint([one, same], Config())
    assert [(finding.rule, finding.file) for finding in found] == [("colliding-operations", "specs/two.yaml")] * 2
    found = design.lint([one, other], Config())
    assert rules(found) == [("shared-base-path", 3, 12)]


def test_a_rule_is_off_for_a_reason_only(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write("specs/shop.yaml", CLEAN.replace("      operationId: getPet\n", ""))
    toml = '[check.off]\nmissing-operation-id = "old clients"\n'
    write("portico.toml", toml)
    config = Config(check=Check({"missing-operation-id": "old clients"}))
    assert design.check([path], root=tmp_path, config=config) == []
    write("portico.toml", '[check.off]\nmissing-operation-id = " "\nno-such-rule = "x"\n')
    config = Config(check=Check({"missing-operation-id": " ", "no-such-rule": "x"}))
    assert [(one.rule, one.file, one.line) for one in design.check([path], root=tmp_path, config=config)] == [
        ("rule-off-without-reason", "portico.toml", 2),
        ("unknown-rule", "portico.toml", 3),
        ("missing-operation-id", "specs/shop.yaml", 7),
    ]


def test_the_thorough_check_remembers_its_verdict(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write("specs/shop.yaml", CLEAN.replace("type: string, default: Rex", "type: strange"))
    first = design.check([path], root=tmp_path, config=Config())
    assert {finding.rule for finding in first} == {"broken-keyword", "odd-structure"}
    cached = list((tmp_path / ".portico/cache/check").iterdir())
    assert len(cached) == 1
    assert design.check([path], root=tmp_path, config=Config()) == first
    cached[0].write_bytes(b"not a verdict")
    assert design.check([path], root=tmp_path, config=Config()) == first
    cached[0].unlink()
    (tmp_path / ".portico/cache/check").rmdir()
    (tmp_path / ".portico/cache/check").write_text("in the way")
    assert design.check([path], root=tmp_path, config=Config()) == first


def test_an_unreadable_document_does_not_hide_the_others(write: Callable[..., Path], tmp_path: Path) -> None:
    paths = [
        write("specs/broken.yaml", "a: [1"),
        write("specs/shop.yaml", CLEAN.replace("security: [{key: []}]\n", "")),
    ]
    found = design.check(paths, root=tmp_path, config=Config())
    assert [(one.rule, one.file) for one in found] == [
        ("unreadable-file", "specs/broken.yaml"),
        ("no-security-decision", "specs/shop.yaml"),
    ]


def test_the_page_of_rules_is_current() -> None:
    written = Path(__file__).parents[3] / "docs" / "reference" / "rules.md"
    assert written.read_text(encoding="utf-8") == page(), "make docs"


def test_every_rule_says_what_why_and_how_to_mend() -> None:
    for rule in RULES.values():
        assert all(text.endswith(".") for text in (rule.what, rule.why, rule.mend)), rule.name
