"""Operations become methods: arguments, bodies, answers, who calls, and how pages go on."""

from __future__ import annotations

import pytest
from tests.portico.sdkgen.plan.conftest import Plan

from portico.design.schemes import Auth
from portico.sdkgen.plan import Anything, Binary, ListOf, Named, Nullable, Operation, Scalar, Sdk
from portico.sdkgen.untrusted import Untrusted


def only(sdk: Sdk) -> Operation:
    (one,) = sdk.operations
    return one


def operation(rest: str, *, method: str = "post", path: str = "/a") -> str:
    lines = "\n".join(f"      {line}" for line in rest.strip("\n").splitlines())
    return f"paths:\n  {path}:\n    {method}:\n      operationId: act\n{lines}\n"


ANSWER = 'responses: {"204": {description: done}}'


def test_the_fields_of_a_body_are_arguments(plan: Plan) -> None:
    one = only(
        plan(
            operation(f"""
requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{name: {{type: string}}}}}}}}}}}}
{ANSWER}""")
        )
    )
    assert one.body is not None
    assert one.body.spread == "act(body)"
    assert one.result is None


@pytest.mark.parametrize("parameter", ["name", "Name", "na-me"])
def test_they_are_not_where_one_meets_a_parameter(plan: Plan, parameter: str) -> None:
    one = only(
        plan(
            operation(f"""
parameters: [{{name: {parameter}, in: query, schema: {{type: string}}}}]
requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{name: {{type: string}}}}}}}}}}}}
{ANSWER}""")
        )
    )
    assert one.body is not None
    assert one.body.spread is None


def test_json_comes_first_of_several_media_types(plan: Plan) -> None:
    one = only(
        plan(
            operation(f"""
requestBody:
  content:
    text/plain: {{schema: {{type: string}}}}
    application/xml: {{schema: {{type: object, properties: {{a: {{type: string}}}}}}}}
    application/vnd.shop+json: {{schema: {{type: object, properties: {{a: {{type: string}}}}}}}}
    application/json: {{schema: {{type: object, properties: {{a: {{type: string}}}}}}}}
    image/*: {{}}
{ANSWER}""")
        )
    )
    assert one.body is not None
    assert [(content.media_type.raw, content.kind) for content in one.body.contents] == [
        ("application/json", "json"),
        ("application/vnd.shop+json", "json"),
        ("text/plain", "text"),
        ("application/xml", "text"),
        ("image/*", "binary"),
    ]


def test_xml_with_a_schema_is_told_as_an_omission(plan: Plan) -> None:
    sdk = plan(
        operation(f"""
requestBody: {{content: {{application/xml: {{schema: {{type: object, properties: {{a: {{type: string}}}}}}}}}}}}
{ANSWER}""")
    )
    assert [one.text for one in sdk.omissions] == ["XML is sent and read as text, without its schema."]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("{type: object, properties: {data: {type: string, contentSchema: {type: integer}}}}", Scalar("integer")),
        ("{type: object, properties: {data: {type: string}, event: {const: tick}}}", Scalar("string")),
        ("{type: integer}", Scalar("integer")),
    ],
)
def test_the_schema_of_an_event_says_what_its_data_holds(plan: Plan, event: str, expected: Scalar) -> None:
    responses = f'{{"200": {{description: d, content: {{text/event-stream: {{itemSchema: {event}}}}}}}}}'
    assert only(plan(operation(f"responses: {responses}", method="get"), openapi="3.2.0")).result == expected


def test_a_multipart_form_knows_its_files(plan: Plan) -> None:
    one = only(
        plan(
            operation(f"""
requestBody:
  content:
    multipart/form-data:
      schema:
        type: object
        required: [picture]
        properties:
          picture: {{type: string, format: binary}}
          more: {{type: array, items: {{type: string, format: binary}}}}
          note: {{type: string}}
      encoding: {{picture: {{contentType: image/png}}}}
{ANSWER}""")
        )
    )
    assert one.body is not None
    (content,) = one.body.contents
    assert [(part.name.raw, part.file, part.repeated, part.content_type) for part in content.parts] == [
        ("picture", True, False, Untrusted("image/png")),
        ("more", True, True, None),
        ("note", False, False, None),
    ]


@pytest.mark.parametrize(
    ("responses", "result", "kind"),
    [
        ('{"200": {description: d, content: {application/json: {schema: {type: string}}}}}', Scalar("string"), "json"),
        ('{"200": {description: d, content: {text/csv: {schema: {type: string}}}}}', Scalar("string"), "text"),
        ('{"200": {description: d, content: {application/pdf: {}}}}', Binary(), "binary"),
        ('{"200": {description: d, content: {"*/*": {schema: {type: integer}}}}}', Scalar("integer"), "json"),
        (
            '{"200": {description: d, content: {text/event-stream: {schema: {type: string}}}}}',
            Scalar("string"),
            "events",
        ),
        ('{"200": {description: d, content: {application/jsonl: {}}}}', Anything(), "jsonl"),
        ('{"204": {description: d}}', None, "none"),
        (
            '{"200": {description: d, content: {application/json: {schema: {type: string}}}}, "204": {description: d}}',
            Nullable(Scalar("string")),
            "json",
        ),
        (
            '{"2XX": {description: d, content: {application/json: {schema: {type: string}}}}, "404": {description: d}}',
            Scalar("string"),
            "json",
        ),
        (
            "{default: {description: d, content: {application/json: {schema: {type: string}}}}}",
            Scalar("string"),
            "json",
        ),
    ],
)
def test_the_result_is_what_the_good_answers_hold(plan: Plan, responses: str, result: object, kind: str) -> None:
    one = only(plan(operation(f"responses: {responses}")))
    assert (one.result, one.result_kind) == (result, kind)


def test_only_answers_with_numbers_that_need_it_are_read_with_care(plan: Plan) -> None:
    text = """
paths:
  /a: {get: {operationId: a, responses: {"200": {$ref: "#/components/responses/A"}}}}
  /b: {get: {operationId: b, responses: {"200": {$ref: "#/components/responses/B"}}}}
components:
  responses:
    A: {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}
    B: {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/B"}}}}
  schemas:
    A: {type: object, properties: {b: {$ref: "#/components/schemas/B"}, self: {$ref: "#/components/schemas/A"}}}
    B: {type: object, properties: {c: {$ref: "#/components/schemas/C"}, price: {type: number}}}
    C: {type: array, items: {type: number, format: FORMAT}}
"""
    assert [one.exact_numbers for one in plan(text.replace("FORMAT", "decimal")).operations] == [True, True]
    assert [one.exact_numbers for one in plan(text.replace("FORMAT", "double")).operations] == [False, False]


def test_a_parameter_of_the_path_that_nobody_describes_is_a_text_and_told(plan: Plan) -> None:
    sdk = plan(operation(ANSWER, method="get", path="/a/{id}/{id}"))
    assert [(one.name.raw, one.type, one.required) for one in only(sdk).parameters] == [("id", Scalar("string"), True)]
    assert len(sdk.omissions) == 1


def test_headers_that_http_itself_sets_are_no_parameters(plan: Plan) -> None:
    one = only(
        plan(
            operation(f"""
parameters:
  - {{name: Accept, in: header, schema: {{type: string}}}}
  - {{name: Authorization, in: header, schema: {{type: string}}}}
  - {{name: Idempotency-Key, in: header, schema: {{type: string}}}}
{ANSWER}""")
        )
    )
    assert [each.name.raw for each in one.parameters] == ["Idempotency-Key"]
    assert one.idempotency_header == Untrusted("Idempotency-Key")
    assert not one.idempotent


def test_who_calls_is_said_by_the_schemes_of_the_document(plan: Plan) -> None:
    sdk = plan(
        operation(f"""
security: [{{signIn: [shop/buy]}}, {{sigv4: [], key: []}}, {{}}, {{unknown: []}}]
{ANSWER}""")
        + """
components:
  securitySchemes:
    signIn: {type: openIdConnect, openIdConnectUrl: /auth/main/.well-known/openid-configuration}
    sigv4: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
    key: {type: apiKey, in: header, name: X-API-Key}
    basic: {type: http, scheme: basic}
    bearer: {type: http, scheme: bearer}
    digest: {type: http, scheme: digest}
    machine: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://a.example/token", scopes: {}}}}
    person:
      type: oauth2
      flows:
        authorizationCode: {authorizationUrl: "https://a.example/a", tokenUrl: "https://a.example/t", scopes: {}}
""",
        auth=Auth(pool="main"),
    )
    schemes = {one.key: one for one in sdk.schemes}
    assert {key: one.kind for key, one in schemes.items()} == {
        "signIn": "login",
        "sigv4": "signed",
        "key": "key",
        "basic": "basic",
        "bearer": "bearer",
        "digest": "none",
        "machine": "client",
        "person": "login",
    }
    pool = Untrusted("/auth/main/.well-known/openid-configuration")
    assert schemes["signIn"].discovery == schemes["sigv4"].discovery == schemes["bearer"].discovery == pool
    assert schemes["person"].token_url == Untrusted("https://a.example/t")
    assert schemes["signIn"].scopes == (Untrusted("shop/buy"),)
    alternatives = [[need.scheme for need in requirement] for requirement in only(sdk).requirements]
    assert alternatives == [["signIn"], ["sigv4", "key"], []]
    assert any(one.place == Untrusted("digest") for one in sdk.omissions)


LIST = "{type: object, properties: {%s, items: {type: array, items: {type: string}}}}"


@pytest.mark.parametrize(
    ("parameters", "schema", "headers", "kind", "cursor"),
    [
        ("", "{type: array, items: {type: string}}", "{Link: {schema: {type: string}}}", "link", ()),
        ("cursor", LIST % "nextCursor: {type: string}", "{}", "cursor", ("nextCursor",)),
        ("page_token", LIST % "next_page_token: {type: string}", "{}", "cursor", ("next_page_token",)),
        (
            "after",
            LIST % "paging: {type: object, properties: {next: {type: [string, 'null']}}}",
            "{}",
            "cursor",
            ("paging", "next"),
        ),
        ("", LIST % "next: {type: string, format: uri}", "{}", "link", ("next",)),
        ("page", LIST % "total: {type: integer}", "{}", "page", ()),
        ("offset", "{type: array, items: {type: string}}", "{}", "offset", ()),
        ("name", "{type: array, items: {type: string}}", "{}", None, ()),
        ("page", "{type: string}", "{}", None, ()),
    ],
)
def test_pages_are_found_where_the_document_shows_them(
    plan: Plan, parameters: str, schema: str, headers: str, kind: str | None, cursor: tuple[str, ...]
) -> None:
    number = parameters in ("page", "offset")
    one = only(
        plan(
            operation(
                f"""
parameters: [{{name: {parameters or "q"}, in: query, schema: {{type: {"integer" if number else "string"}}}}}]
responses: {{"200": {{description: d, headers: {headers}, content: {{application/json: {{schema: {schema}}}}}}}}}""",
                method="get",
            )
        )
    )
    if kind is None:
        assert one.pages is None
        return
    assert one.pages is not None
    assert one.pages.kind == kind
    assert one.pages.cursor == tuple(map(Untrusted, cursor))
    assert one.pages.item == Scalar("string")
    assert one.pages.parameter == (Untrusted(parameters) if kind != "link" else None)


def test_the_example_is_that_of_the_document_and_holds_what_is_required(plan: Plan) -> None:
    one = only(
        plan(
            operation(
                """
parameters:
  - {name: id, in: path, required: true, schema: {type: string}, example: rose}
  - {name: extra, in: query, schema: {type: string}}
requestBody:
  content:
    application/json:
      schema: {type: object, required: [n], properties: {n: {type: integer, minimum: 3}, m: {type: string}}}
responses:
  "200": {description: d, content: {application/json: {schema: {type: array, items: {type: string}}, example: [a]}}}""",
                path="/a/{id}",
            )
        )
    )
    assert one.example is not None
    assert one.example.parameters == {"path:id": "rose"}
    assert one.example.body == {"n": 3}
    assert one.example.answer == ["a"]


def test_a_shared_answer_is_one_type_whichever_operation_comes_first(plan: Plan) -> None:
    sdk = plan("""
paths:
  /a: {get: {operationId: a, responses: {"200": {$ref: "#/components/responses/Both"}}}}
  /b: {get: {operationId: b, responses: {"200": {$ref: "#/components/responses/Both"}}}}
components:
  responses:
    Both: {description: d, content: {application/json: {schema: {type: object, properties: {x: {type: string}}}}}}
""")
    assert [one.result for one in sdk.operations] == [Named("responses/Both")] * 2
    assert sdk.types[0].wish == Untrusted("Both Response")


def test_swagger_2_gives_the_same_plan_as_openapi_3(plan: Plan, tmp_path: object) -> None:
    three = plan(
        operation(
            """
parameters: [{name: tags, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}]
responses: {"200": {description: d, content: {application/json: {schema: {type: string}}}}}""",
            method="get",
        )
    )
    assert only(three).parameters[0].type == ListOf(Scalar("string"))
    assert not only(three).parameters[0].explode
