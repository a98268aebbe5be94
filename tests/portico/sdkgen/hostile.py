"""A document whose every text tries to become code, in every language that an SDK is written in."""

from __future__ import annotations

from typing import Any

PYTHON = "__import__('pathlib').Path('BOOM').touch()"
SCRIPT = "import('node:fs').then((fs) => fs.writeFileSync('BOOM', ''))"

TEXTS = [
    f'"""\n{PYTHON}\n"""',
    f"'''\n{PYTHON}\n'''",
    f'\\"""\n{PYTHON}\n"""',
    f'"\n{PYTHON}\n#',
    f"'\n{PYTHON}\n#",
    f"\\\n{PYTHON}",
    f"x\\\\\\\n\n{PYTHON}",
    f"a\r{PYTHON}",
    f"a\x0c{PYTHON}",
    f"a\x85{PYTHON}",
    f"): pass\n{PYTHON}\ndef x(",
    f"]: {PYTHON} #",
    f"x = {PYTHON}, y",
    f">>> {PYTHON}\n... {PYTHON}",
    f"{{{PYTHON}}} {{0}} %s {{{{ 7*7 }}}} {{% raw %}} {{# x #}}",
    "# coding: utf-7\n+AF8AXw-",
    f"*/ {SCRIPT}; /*",
    f"*\\/ {SCRIPT} */ {SCRIPT}",
    f"**/\n{SCRIPT}\n/**",
    f"// \n{SCRIPT}",
    f"\u2028{SCRIPT}\u2029{SCRIPT}",
    f"${{{SCRIPT}}}",
    f"`${{{SCRIPT}}}`",
    f"'; {SCRIPT}; '",
    f'"; {SCRIPT}; "',
    f"</script><script>{SCRIPT}</script>",
    f"<!-- {SCRIPT} -->",
    f"}}; {SCRIPT}; ({{",
    "@ts-nocheck\n@typedef {import('x')} y",
    '"\n[project.scripts]\nboom = "boom:boom"\n[x]\ny = "',
    '", "scripts": { "postinstall": "touch BOOM" }, "x": "',
    "```\n# heading\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> | cell |",
    "\\",
    '"',
    '""',
    '"""""""""',
    "\\N{BULLET} \\x41 \\u0041 \\1 \\q \\u{1F600}",
    "\x00\x01\x1b[31m\x7f",
    "\u202e\u2066 gnp.exe \u2069\u200b\ufeff",
    "\ud800 alone".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "../../../../BOOM",
    "/etc/passwd",
    "__proto__",
    "constructor",
    "prototype",
    "__init__",
    "__class__",
    "self",
    "class",
    "import",
    "await",
    "None",
    "toString",
    "then",
    "default",
    "eval",
    "1",
    "",
    " ",
    "🌹" * 50,
    "\ufb01nally",  # a keyword in NFKC
    "\u2102lass",
    "\U0010ffff\ue000",
    "x" * 100_000,
    "word " * 20_000,
    "\n" * 5_000,
]


def document(text: str) -> dict[str, Any]:
    """A document with one text wherever a text may stand."""
    name = text or "x"
    record = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {
            name: {"type": "string", "description": text, "default": text, "examples": [text]},
            "e": {"enum": [text, "b"], "x-enum-varnames": [text, text]},
            "c": {"const": text},
            "n": {
                "type": "object",
                "properties": {name: {"type": "array", "items": {"type": "object", "properties": {name: {}}}}},
            },
            "u": {
                "oneOf": [
                    {"$ref": "#/components/schemas/S"},
                    {"type": "object", "properties": {name: {"type": "integer"}}},
                ]
            },
        },
        "required": [name],
    }
    answer = {"description": text, "headers": {"Link": {"schema": {"type": "string"}, "description": text}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": "https://a.example/v1", "description": text}],
        "tags": [{"name": text, "description": text}],
        "security": [{"S": [text]}],
        "paths": {
            f"/{name.replace('/', '').replace('{', '').replace('}', '').replace('?', '').replace('#', '')}/{{id}}": {
                "get": {
                    "operationId": name,
                    "summary": text,
                    "description": text,
                    "tags": [text],
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                            "example": text or "x",
                        },
                        {
                            "name": name,
                            "in": "query",
                            "description": text,
                            "schema": {"enum": [text, "z"], "default": text},
                        },
                        {
                            "name": name,
                            "in": "header",
                            "required": True,
                            "description": text,
                            "schema": {"type": "string"},
                            "example": text,
                        },
                        {"name": name, "in": "cookie", "schema": {"type": "string", "default": text}},
                        {"name": "page", "in": "query", "schema": {"type": "integer"}},
                    ],
                    "responses": {
                        "200": {
                            **answer,
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/S"}},
                                    "example": [{name: text}],
                                }
                            },
                        },
                        "404": {"description": text},
                    },
                },
                "post": {
                    "operationId": "ordinary",
                    "security": [{"signIn": [text]}, {name: []}],
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "requestBody": {
                        "description": text,
                        "content": {
                            "application/json": {"schema": record, "example": {name: text}},
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "properties": {name: {"type": "string", "format": "binary"}},
                                },
                                "encoding": {name: {"contentType": text}},
                            },
                        },
                    },
                    "responses": {"200": {"description": text}},
                },
            }
        },
        "components": {
            "schemas": {"S": record, name: {"type": "string", "enum": [text, "b"], "description": text}},
            "securitySchemes": {
                "S": {"type": "apiKey", "in": "query", "name": name, "description": text},
                name: {"type": "http", "scheme": "bearer", "description": text, "bearerFormat": text},
                "signIn": {
                    "type": "openIdConnect",
                    "openIdConnectUrl": f"https://a.example/{text}",
                    "description": text,
                },
            },
        },
    }
