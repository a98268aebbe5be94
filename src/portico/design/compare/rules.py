"""Every rule of a comparison: one table, which docs/guides/versions.md shows and a test compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Effect = Literal["breaking", "compatible", "cosmetic"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change. Its name and its severity are stable."""

    name: str
    severity: Effect
    what: str


_BREAKING = {
    "base-path-changed": "The base path of the API is another.",
    "server-removed": "The API is not served at a host any more.",
    "operation-removed": "An operation is gone.",
    "operation-moved": "An operation has another method or path.",
    "operation-renamed": "An operation has another operationId: the SDKs' method has another name.",
    "operation-server-changed": "An operation is served elsewhere than before.",
    "parameter-removed": "A parameter is gone: what clients send is ignored, and the SDKs' argument is gone.",
    "required-parameter-added": "A new parameter is required.",
    "parameter-required": "A parameter that was optional is required.",
    "parameter-moved": "A parameter travels elsewhere: in the query instead of a header, for example.",
    "parameter-renamed": "A path parameter has another name: the SDKs' argument has another name.",
    "parameter-style-changed": "A list or an object is written differently: style or explode.",
    "parameter-content-changed": "A parameter is written as another media type.",
    "parameter-empty-refused": "A query parameter may not be empty any more.",
    "request-body-removed": "An operation takes no body any more.",
    "required-request-body-added": "An operation needs a body that it did not take before.",
    "request-body-required": "A body that was optional is required.",
    "request-media-type-removed": "A body may not be of a media type any more.",
    "request-encoding-changed": "A property of a form is written differently.",
    "success-status-removed": "A successful answer (1xx, 2xx, 3xx) is not given any more.",
    "success-status-added": "Another successful answer can come.",
    "response-body-removed": "An answer has no content any more.",
    "response-media-type-removed": "An answer does not come as a media type any more.",
    "response-header-removed": "An answer has lost a header.",
    "response-header-optional": "A header of an answer that always came may be missing.",
    "security-added": "An operation that was open asks who is calling.",
    "security-alternative-removed": "One of the ways to be let in is gone.",
    "security-scope-added": "A way to be let in needs a scope more.",
    "security-scheme-changed": "A credential is of another kind, travels elsewhere, or comes from elsewhere.",
    "security-scheme-renamed": "A security scheme has another name: SDKs are given credentials by it.",
    "security-flow-removed": "A flow of OAuth 2 is gone.",
    "type-renamed": "A component has another name, or another one stands in its place: a type of the SDKs.",
    "type-unnamed": "A component is written out where it was referred to: the SDKs' type loses its name.",
    "request-property-removed": "A property is not known any more: it is refused or ignored.",
    "request-property-required": "A property that was optional is required.",
    "request-required-property-added": "A new property is required.",
    "request-property-read-only": "A property that clients could set is read-only.",
    "request-null-refused": "A value may not be null any more.",
    "request-type-changed": "A value is of another type.",
    "request-type-narrowed": "A value may be of fewer types.",
    "request-format-changed": "A value has another format.",
    "request-enum-value-removed": "One of the listed values is not taken any more.",
    "request-constraint-tightened": "A constraint takes fewer values: a limit, a pattern, a new list of values.",
    "request-constraint-changed": "A constraint takes other values: another pattern, for example.",
    "request-additional-properties-refused": "Properties that are not named are refused.",
    "request-union-member-removed": "A member of oneOf or anyOf is gone.",
    "request-default-changed": "What a missing value means is another.",
    "response-property-removed": "A property is gone.",
    "response-property-optional": "A property that always came may be missing.",
    "response-property-write-only": "A property is write-only: it does not come any more.",
    "response-null-added": "A value can be null.",
    "response-type-changed": "A value is of another type.",
    "response-type-widened": "A value can be of more types.",
    "response-format-changed": "A value has another format.",
    "response-constraint-loosened": "A promise about values is withdrawn: a limit, a pattern, a list of values.",
    "response-constraint-changed": "A constraint promises other values.",
    "response-became-union": "A value that was of one kind is one of several.",
    "discriminator-changed": "The property that tells the members of a union apart, or what it says, is another.",
}

_COMPATIBLE = {
    "server-added": "The API is served at another host as well.",
    "operation-added": "A new operation.",
    "operation-deprecated": "An operation is deprecated.",
    "operation-restored": "An operation is not deprecated any more.",
    "parameter-added": "A new parameter, optional.",
    "parameter-optional": "A parameter need not be given any more.",
    "parameter-empty-accepted": "A query parameter may be empty.",
    "parameter-deprecated": "A parameter is deprecated.",
    "parameter-restored": "A parameter is not deprecated any more.",
    "request-body-added": "An operation takes a body, which is optional.",
    "request-body-optional": "A body need not be sent any more.",
    "request-media-type-added": "A body may be of another media type as well.",
    "error-status-removed": "An error (4xx, 5xx, default) is not documented any more.",
    "error-status-added": "An error that was not documented.",
    "response-body-added": "An answer without content has some.",
    "response-media-type-added": "An answer can come as another media type as well: who asks for one gets it.",
    "response-header-added": "An answer has a header more.",
    "response-header-required": "A header of an answer always comes.",
    "security-removed": "An operation is open to everyone.",
    "security-alternative-added": "One way more to be let in.",
    "security-scope-removed": "A way to be let in needs a scope less.",
    "security-flow-added": "Another flow of OAuth 2.",
    "request-property-added": "A new property, optional.",
    "request-property-optional": "A property need not be sent any more.",
    "request-null-accepted": "A value may be null.",
    "request-type-widened": "A value may be of more types.",
    "request-enum-value-added": "Another value is taken.",
    "request-constraint-loosened": "A constraint takes more values.",
    "request-additional-properties-accepted": "Properties that are not named are taken.",
    "request-union-member-added": "Another member of oneOf or anyOf is taken.",
    "request-default-added": "What a missing value means is said.",
    "response-property-added": "A new property.",
    "response-property-required": "A property always comes.",
    "response-null-removed": "A value is never null any more.",
    "response-type-narrowed": "A value is of fewer types.",
    "response-enum-value-added": "A listed value more can come: SDKs keep values that they do not know.",
    "response-enum-value-removed": "A listed value does not come any more.",
    "response-constraint-tightened": "A constraint promises more.",
    "response-additional-properties-added": "Properties that are not named can come: SDKs keep them.",
    "response-additional-properties-removed": "Only the named properties come.",
    "response-union-member-added": "Another member of oneOf or anyOf can come: SDKs keep unknown ones.",
    "response-union-member-removed": "A member of oneOf or anyOf does not come any more.",
    "discriminator-added": "A property tells the members of a union apart, or says more.",
    "property-deprecated": "A property or a type is deprecated.",
    "property-restored": "A property or a type is not deprecated any more.",
}

_COSMETIC = {
    "description-changed": "A title, a summary or a description reads differently.",
    "example-changed": "An example is another.",
    "tags-changed": "An operation is listed elsewhere.",
    "type-named": "What was written out is a component: SDKs promise the names of components only.",
    "response-default-changed": "The default of a value in an answer is another: nobody fills it in.",
}

_TABLE: tuple[tuple[Effect, dict[str, str]], ...] = (
    ("breaking", _BREAKING),
    ("compatible", _COMPATIBLE),
    ("cosmetic", _COSMETIC),
)

RULES: dict[str, Rule] = {
    name: Rule(name, severity, what) for severity, rules in _TABLE for name, what in rules.items()
}
