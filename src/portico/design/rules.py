"""Every rule that a design can break: one table, from which docs/reference/rules.md is written."""

from __future__ import annotations

from dataclasses import dataclass

from portico.design.findings import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in findings and in `[check] off` of portico.toml."""

    name: str
    severity: Severity
    what: str
    why: str
    mend: str  # the default; a finding may know a better one


RULES: dict[str, Rule] = {}


def _rule(name: str, severity: Severity, what: str, why: str, mend: str) -> None:
    RULES[name] = Rule(name, severity, what, why, mend)


# --- reading -------------------------------------------------------------------------------------------------------
_rule(
    "unreadable-file",
    ERROR,
    "The file is not readable YAML or JSON.",
    "Nothing can be served from it.",
    "Mend the syntax at the place named.",
)
_rule(
    "duplicate-key",
    ERROR,
    "A mapping has the same key twice.",
    "YAML 1.2 and JSON leave open which of the two counts, so two readers see two different APIs.",
    "Keep one of the two.",
)
_rule(
    "too-deep",
    ERROR,
    "The file is nested deeper than any design needs.",
    "Deep nesting is a way to exhaust the stack of whatever reads the document.",
    "Flatten it, or move parts to components and refer to them.",
)
_rule(
    "too-large",
    ERROR,
    "The file is larger than Portico reads, or its aliases expand to more nodes than it takes.",
    "A few lines of nested YAML aliases can stand for billions of nodes.",
    "Replace the aliases by $ref, or split the document.",
)
_rule(
    "not-openapi",
    ERROR,
    "The document does not say that it is Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2.",
    "Every other word in it takes its meaning from the version.",
    'Begin the document with `openapi: "3.1.0"` (or `swagger: "2.0"`).',
)
_rule(
    "template-fault",
    ERROR,
    "The Jinja template of the document cannot be rendered.",
    "Arguments are rendered in a sandbox: no attribute of Python's own, no includes, bounded output.",
    "Mend the template, or leave out the arguments.",
)
_rule(
    "refused-reference",
    ERROR,
    "A reference leads outside the project.",
    "A document must not read other files of this machine or make it call other hosts.",
    "Copy the target into the project, or name its URL's beginning in `remote` under [design] in portico.toml.",
)
_rule(
    "unresolved-reference",
    ERROR,
    "A reference leads to nothing.",
    "What it stands for is unknown, so it can be neither validated nor documented.",
    "Correct the reference, or add what it names.",
)
_rule(
    "looping-reference",
    ERROR,
    "A chain of references leads back to itself and never says anything.",
    "A schema may be recursive through its properties; a reference that is only itself has no meaning.",
    "Let one link of the chain say what it is.",
)
_rule(
    "broken-structure",
    ERROR,
    "A part of the document has a shape that cannot be served.",
    "Guessing what was meant could serve something that nobody designed.",
    "Give the part the shape that the OpenAPI specification describes.",
)
_rule(
    "odd-structure",
    WARNING,
    "A part of the document differs from the OpenAPI specification, but can be served without it.",
    "The part is left out; other tools may refuse the document.",
    "Give the part the shape that the OpenAPI specification describes.",
)
_rule(
    "broken-keyword",
    WARNING,
    "A keyword of a schema has a value that it cannot have.",
    "The keyword is left out, so values are checked less strictly than they seem to be.",
    "Correct the value.",
)
_rule(
    "unsupported-pattern",
    WARNING,
    "A regular expression cannot be compiled.",
    "The pattern is left out, so values are checked less strictly than they seem to be.",
    "Write the pattern as ECMA-262 with the u flag has it.",
)

# --- operations ----------------------------------------------------------------------------------------------------
_rule(
    "missing-operation-id",
    WARNING,
    "An operation has no operationId.",
    "Its handler, its metrics and its SDK method get a made-up name that changes when the path does.",
    "Give the operation an operationId.",
)
_rule(
    "duplicate-operation-id",
    ERROR,
    "Two operations have the same operationId.",
    "The specification forbids it: handlers, SDKs and metrics could not tell them apart.",
    "Give each operation an operationId of its own.",
)
_rule(
    "no-operations",
    WARNING,
    "The document has no operation.",
    "There is nothing to serve.",
    "Add paths.",
)
_rule(
    "response-without-schema",
    WARNING,
    "A successful response says nothing about its body.",
    "It can be neither validated nor typed, and mocks have nothing to answer.",
    "Give its content a schema, or answer with 204.",
)
_rule(
    "path-parameter-mismatch",
    ERROR,
    "The parameters in a path's braces and the declared path parameters differ.",
    "The handler would miss a value, or wait for one that never comes.",
    "Declare each {name} of the path as a required parameter `in: path`, and no other.",
)
_rule(
    "duplicate-parameter",
    WARNING,
    "A list of parameters has the same name and place twice.",
    "Only the last one counts.",
    "Remove one of them.",
)
_rule(
    "identical-paths",
    ERROR,
    "Two paths differ only in the names of their parameters and have the same method.",
    "No request could tell them apart; the specification forbids it.",
    "Merge the two path items.",
)
_rule(
    "ambiguous-paths",
    WARNING,
    "Some request fits two paths, and neither is the more exact.",
    "Which operation answers depends on the router.",
    "Change a fixed part of one of the paths.",
)
_rule(
    "shared-base-path",
    WARNING,
    "Two documents have the same base path.",
    "A new operation in one can take a path from the other.",
    "Give each document a base path of its own in servers[0].url (Swagger 2.0: basePath).",
)
_rule(
    "colliding-operations",
    ERROR,
    "Two documents describe the same method on the same path.",
    "Only one of them could answer.",
    "Give each document a base path of its own in servers[0].url (Swagger 2.0: basePath).",
)

# --- security ------------------------------------------------------------------------------------------------------
_rule(
    "no-security-decision",
    ERROR,
    "Neither the operation nor the document says who may call it.",
    "Forgetting must not open an API: being open is a decision too.",
    "Name a security scheme under `security`, or write `security: []` to open it to everyone.",
)
_rule(
    "undefined-security-scheme",
    ERROR,
    "A security requirement names a scheme that is not defined.",
    "Nobody could ever satisfy it.",
    "Define the scheme under components.securitySchemes (Swagger 2.0: securityDefinitions), or correct the name.",
)
_rule(
    "undefined-scope",
    WARNING,
    "A security requirement names a scope that none of the scheme's flows offers.",
    "No token can carry it, as far as the document says.",
    "Add the scope to the flows of the scheme, or correct it.",
)
_rule(
    "scheme-without-authoriser",
    WARNING,
    "Nothing can verify what this security scheme asks for.",
    "Portico then denies every call to the operations that require it.",
    "For tokens of the project's own pool: declare it in auth/pool.yaml, and let the scheme's URLs lead below `/auth`. "
    "For tokens of another issuer: `x-amazon-apigateway-authorizer` with `type: jwt`. For API keys of the project: "
    "declare usage plans in auth/plans.yaml. For all else: name a function of the project in `x-bearerInfoFunc`, "
    "`x-apikeyInfoFunc`, `x-basicInfoFunc` or `x-tokenInfoFunc`.",
)
_rule(
    "unknown-pool",
    WARNING,
    "A security scheme takes the tokens of a user pool that is not there.",
    "Nobody could ever get such a token, so every call that needs one is denied.",
    "Write `/auth/NAME/.well-known/openid-configuration` with the `name` of auth/pool.yaml (`main` by default).",
)
_rule(
    "undeclared-scope",
    WARNING,
    "A security requirement names a scope that no resource server of the user pool declares.",
    "No token can carry it, so every call that needs it is denied.",
    "Declare it in auth/pool.yaml under resource_servers (`chat` of `concierge` is concierge/chat), or correct it.",
)
_rule(
    "signed-without-roles",
    WARNING,
    "Operations take signed requests, but the project declares no roles.",
    "A signed request is made in a role; without one, each is denied.",
    "Declare roles in auth/roles.yaml, beside auth/pool.yaml.",
)
_rule(
    "key-without-identity",
    WARNING,
    "The API key is found by who is calling, and nothing but the key is required.",
    "Nobody says who is calling, so every call is denied.",
    "Require a scheme beside the key that says who is calling, or let the key stand in requests: "
    "`x-amazon-apigateway-api-key-source: HEADER`.",
)
_rule(
    "unknown-key-source",
    ERROR,
    "The document says of API keys that they are where none can be.",
    "Nobody knows where to look for the key.",
    "Write `x-amazon-apigateway-api-key-source: HEADER`, or AUTHORIZER for keys that are found by who is calling.",
)
_rule(
    "invalid-cost",
    ERROR,
    "What a call costs is no whole number.",
    "Limits and quotas could not say how much to take.",
    "Write a whole number from 0 to 1,000,000 as `x-portico-cost`; without it a call costs 1.",
)
_rule(
    "ignored-extension",
    WARNING,
    "An extension of Amazon API Gateway is not honoured.",
    "What it configures there does not happen here.",
    "Remove it, or do without what it configures.",
)

# --- values --------------------------------------------------------------------------------------------------------
_rule(
    "example-breaks-schema",
    WARNING,
    "An example does not fit its schema.",
    "Readers copy examples, and mocks answer with them.",
    "Correct the example or the schema.",
)
_rule(
    "default-breaks-schema",
    WARNING,
    "A default does not fit its schema.",
    "The handler would receive a value that the document forbids.",
    "Correct the default or the schema.",
)

# --- handlers ------------------------------------------------------------------------------------------------------
_rule(
    "missing-handler",
    ERROR,
    "An operation has no function that answers it.",
    "Calling it would answer 501.",
    "Run `portico stubs`, which appends the function.",
)
_rule(
    "handler-drift",
    ERROR,
    "A handler cannot be called with what the document provides.",
    "The document has changed since the handler was written, or the other way round.",
    "Bring the function's arguments back in line with the operation's parameters and body.",
)
_rule(
    "stale-types",
    WARNING,
    "The generated types are not those of the document any more.",
    "Type checkers would accept code that the gateway refuses.",
    "Run `portico stubs`, which writes them again.",
)
_rule(
    "handlers-unreadable",
    ERROR,
    "A module of handlers cannot be read.",
    "Nothing in it can answer.",
    "Mend the Python at the place named.",
)
_rule(
    "handlers-not-writable",
    ERROR,
    "Stubs cannot be added to a module of handlers.",
    "Operations would stay without a function.",
    "Make the file one that `portico stubs` may write to.",
)
_rule(
    "types-not-generated",
    ERROR,
    "The file of the generated types was not made by `portico stubs`.",
    "Writing it would destroy what somebody wrote.",
    "Move your file to another name.",
)

# --- portico.toml --------------------------------------------------------------------------------------------------
_rule(
    "unknown-rule",
    ERROR,
    "portico.toml switches off a rule that does not exist.",
    "A misspelt name switches nothing off.",
    "Use a name from docs/reference/rules.md.",
)
_rule(
    "rule-off-without-reason",
    ERROR,
    "portico.toml switches off a rule and does not say why.",
    "The next reader cannot know whether the reason still holds. Until there is one, the rule stays on.",
    "Write the reason as the rule's value.",
)


def page() -> str:
    """docs/reference/rules.md, written from the table: `make docs`."""
    lines = [
        "# The rules of a design",
        "",
        "What `portico check` can find. An error keeps a document from being served; a warning does not.",
        "<!-- Written by generate.py from src/portico/design/rules.py: change that, then `make docs`. -->",
        "",
        "A rule is switched off in `portico.toml`, with a reason; without one it stays on:",
        "",
        "```toml",
        "[check.off]",
        'response-without-schema = "the partner documents its answers elsewhere"',
        "```",
        "",
        "Errors of reading (an unreadable file, a reference that leads nowhere, ...) cannot be switched off: without",
        "mending them there is nothing to serve.",
        "",
    ]
    for rule in RULES.values():
        lines += [f"## {rule.name}", "", f"*{rule.severity}.* {rule.what} {rule.why}", "", f"**Mend:** {rule.mend}", ""]
    return "\n".join(lines)
