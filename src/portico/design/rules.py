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
