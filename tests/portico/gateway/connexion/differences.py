"""Where the gateway means to differ from stock Connexion, and why. Nothing else may differ.

`test_differences.py` shows each with a request; `docs/reference/connexion.md` prints them. After a change:

    python -m tests.portico.gateway.connexion.differences
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[4] / "docs/reference/connexion.md"
BEGIN, END = "<!-- differences: begin -->\n", "<!-- differences: end -->\n"


@dataclass(frozen=True)
class Difference:
    """One deliberate difference."""

    name: str
    connexion: str
    portico: str
    reason: str


DIFFERENCES = (
    Difference(
        "problem members",
        "An error has `type`, `title`, `status`, `detail`.",
        "It also has `request_id`; a 400 also has `errors`.",
        "RFC 9457 allows more members. The operator finds the request, the client shows the faults.",
    ),
    Difference(
        "all faults",
        "A 400 tells the first fault, in the words of the jsonschema library.",
        "It tells every fault, each with a JSON pointer, in words of its own.",
        "A form is corrected in one round.",
    ),
    Difference(
        "responses are checked",
        "`validate_responses` is off unless asked for.",
        "It is on unless `validate_responses=False`, or `[gateway] validate_responses` is `off` or `log`.",
        "A document that the server itself breaks is worth nothing to its clients.",
    ),
    Difference(
        "nothing of the server's own faults is told",
        "The 500 for a response that does not conform tells the value and the schema.",
        "The 500 tells the `request_id`; the log tells the rest.",
        "Such a value may be a secret that was about to leak.",
    ),
    Difference(
        "request ids",
        "There are none.",
        "Every answer has `X-Request-Id`: the request's own, or a new one.",
        "A request can be followed through logs.",
    ),
    Difference(
        "what every answer has",
        "Nothing.",
        "`X-Content-Type-Options: nosniff`; texts over 1 KB are compressed where the client accepts it.",
        "A browser must not make a page of an answer. Text is mostly air.",
    ),
    Difference(
        "order of paths",
        "The path that is written first wins; `%2F` in a path parameter is 404.",
        "`/things/mine` wins over `/things/{id}` wherever it stands; `%2F` is a part of the parameter.",
        "OpenAPI 3.1, Paths Object. RFC 3986 section 2.2.",
    ),
    Difference(
        "CORS",
        "A middleware of the user's own.",
        "`[cors]` in `portico.toml` is on every answer, errors included.",
        "A page can read why it was refused.",
    ),
    Difference(
        "OPTIONS",
        "405 where the document does not declare it.",
        "204 with `Allow`; where the document declares it, the handler answers.",
        "RFC 9110 section 9.3.7.",
    ),
    Difference(
        "Allow",
        "A 405 names the methods of the first operation of the path.",
        "It names all methods of the path.",
        "RFC 9110 section 15.5.6.",
    ),
    Difference(
        "Accept",
        "Is not looked at.",
        "406 where the client takes nothing that the operation produces; else it chooses among what is produced.",
        "RFC 9110 section 12.5.1.",
    ),
    Difference(
        "limits",
        "A body of any size is read, a handler may take for ever.",
        "413 above `body_limit`, 408 for a body that does not come, 504 after `handler_timeout`.",
        "One client cannot take the server's memory.",
    ),
    Difference(
        "OpenAPI 3.1 and 3.2",
        "Are refused.",
        "Are served.",
        "They are what is written today.",
    ),
    Difference(
        "odd documents",
        "Whatever the schema of OpenAPI forbids is refused at start.",
        "What can be served is served, and `portico check` warns; what cannot is refused, with file, line and mend.",
        "One forgotten description must not stop a service.",
    ),
    Difference(
        "templates",
        "Every document is rendered by Jinja.",
        "One is rendered, in a sandbox, where `arguments` are given.",
        "A document that shows `{{name}}` in an example means these braces.",
    ),
    Difference(
        "header and cookie parameters",
        "Are checked as text, and never given to the handler.",
        "Are converted by their type, and given to a handler that names them.",
        "The document says what they are.",
    ),
    Difference(
        "challenges",
        "A 401 does not say how to sign in.",
        "It has `WWW-Authenticate` where the scheme has a name for it.",
        "RFC 9110 section 15.5.2.",
    ),
    Difference(
        "optional bodies",
        "A JSON body that is not `required` is missed all the same (400), unless it is nullable or has a default.",
        "The handler gets the `{}` that stands for no body.",
        "The document allows it.",
    ),
    Difference(
        "required and nullable",
        "A required parameter that may be null may also be absent.",
        "It may be `null`, but must be there (400).",
        "The document says both.",
    ),
    Difference(
        "names of unnamed form fields",
        "A field or file that the document does not name reaches `**kwargs` as `user`, `token_info` or any parameter.",
        "It reaches `**kwargs`, but never under a name that the document or the security uses.",
        "Anybody could pass for somebody.",
    ),
    Difference(
        "form fields of Swagger 2.0",
        "Their `type` and `format` are checked.",
        "All that is said of them is: `enum`, `minimum`, `pattern`, ...",
        "The document says it.",
    ),
    Difference(
        "JSON Schema",
        "Draft 4: `3.0` is no integer; a `readOnly` property that is required must be sent.",
        "2020-12: it is one; `readOnly` properties are not asked of clients, nor `writeOnly` ones of the server.",
        "One dialect for all versions of OpenAPI; OpenAPI 3.0.4, Schema Object.",
    ),
    Difference(
        "formats",
        "`email`, `ipv4`, `ipv6` are checked; `date-time`, `uri`, `hostname` where other packages are installed.",
        "All of these are, and `date`, `time`, `uuid` and the others that JSON Schema names.",
        "A handler can rely on what the document says.",
    ),
    Difference(
        "arguments of handlers",
        "500 where one has no default for an absent optional parameter, or no argument for a path parameter.",
        "The one gets None, the other is called without.",
        "The request was right.",
    ),
    Difference(
        "several types of answers",
        "500 where several media types are produced, and the handler does not say which.",
        "What suits the value and the client's `Accept`, JSON first.",
        "It is seldom in doubt.",
    ),
    Difference(
        "generators",
        "A handler that returns a generator fails with 500.",
        "What it yields is streamed.",
        "It is what was meant.",
    ),
    Difference(
        "one operationId twice",
        "The last operation of that name answers for all.",
        "Each answers for itself.",
        "It was never meant.",
    ),
    Difference(
        "strict JSON",
        "`NaN`, `Infinity` and half surrogate pairs are read and written.",
        "They are 400 in a request; the numbers are `null` in a reply.",
        "RFC 8259 sections 6 and 8.2: other languages cannot read them.",
    ),
    Difference(
        "what crashes Connexion",
        "500 for: text that is not UTF-8, a parameter whose schema has no `type`, a JSON body without Content-Type.",
        "They are answered by the document: 400, or the handler.",
        "The fault is the client's, or nobody's.",
    ),
)


def table() -> str:
    """The differences as Markdown."""
    rows = [f"| {d.name} | {d.connexion} | {d.portico} | {d.reason} |" for d in DIFFERENCES]
    return "\n".join(["| what | Connexion 3.3 | Portico | why |", "|---|---|---|---|", *rows]) + "\n"


def written(page: str) -> str:
    """The page with the table as it is now."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
