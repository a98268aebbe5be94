"""Who gets which role."""

from __future__ import annotations

import pytest
from tests.portico.access.conftest import Load

ROLES = """
roles:
  visitor: {assigned_to: {signed_in: true}}
  stranger: {assigned_to: {guests: true}}
  buyer: {assigned_to: {claims: [{tier: gold, email_verified: true}, {"custom:vip": "yes*"}]}}
  florist: {assigned_to: {groups: [florists]}}
  manager: {precedence: -1, assigned_to: {groups: [managers]}}
  backend: {assigned_to: {clients: [batch]}}
  unassigned: {}
"""


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        (None, "stranger"),
        ({}, None),
        ({"sub": "ada"}, "visitor"),
        ({"sub": "ada", "tier": "gold"}, "visitor"),
        ({"sub": "ada", "tier": "gold", "email_verified": True}, "buyer"),
        ({"sub": "ada", "custom:vip": "yes, very"}, "buyer"),
        ({"sub": "ada", "cognito:groups": ["florists"], "custom:vip": "yes"}, "florist"),
        ({"sub": "ada", "cognito:groups": ["florists", "managers"]}, "manager"),
        ({"sub": "ada", "cognito:groups": "florists"}, "visitor"),
        ({"sub": "ada", "cognito:groups": [["florists"], {"a": 1}]}, "visitor"),
        ({"sub": "batch", "client_id": "batch"}, "backend"),
        ({"client_id": "batch"}, "backend"),
        ({"sub": "other", "client_id": "other", "cognito:groups": ["managers"]}, None),
        ({"sub": "ada", "client_id": "batch"}, "visitor"),
    ],
)
def test_the_role_that_somebody_gets(load: Load, claims: dict[str, object] | None, role: str | None) -> None:
    assert load(ROLES).role_for(claims) == role


def test_of_equals_the_first_in_the_file_is_taken(load: Load) -> None:
    roles = load("roles: {b: {assigned_to: {signed_in: true}}, a: {assigned_to: {signed_in: true}}}")
    assert roles.role_for({"sub": "ada"}) == "b"


def test_a_preferred_role_is_taken_only_where_it_is_allowed(load: Load) -> None:
    roles = load(ROLES)
    florist = {"sub": "ada", "cognito:groups": ["florists"]}
    assert roles.roles_for(florist) == ("florist", "visitor")
    assert roles.role_for(florist, "visitor") == "visitor"
    for other in ("manager", "stranger", "backend", "unassigned", "nobody", ""):
        assert roles.role_for(florist, other) is None
    assert roles.role_for(None, "visitor") is None


def test_a_preferred_role_in_the_token_counts_only_where_it_is_allowed(load: Load) -> None:
    roles = load(ROLES)
    florist = {"sub": "ada", "cognito:groups": ["florists"]}
    assert roles.role_for({**florist, "cognito:preferred_role": "visitor"}) == "visitor"
    assert roles.role_for({**florist, "cognito:preferred_role": "manager"}) == "florist"
    assert roles.role_for({**florist, "cognito:preferred_role": ["manager"]}) == "florist"


def test_tokens_of_clients_that_people_gave_a_few_scopes_are_not_exchanged(load: Load) -> None:
    roles = load(ROLES)
    assert roles.takes_from("web")
    assert not any(roles.takes_from(client) for client in ("partner", "registered-later", None))
    named = load(ROLES + "clients: [partner]\n")
    assert named.takes_from("partner")
    assert not named.takes_from("web")


def test_the_claims_that_roles_look_at_are_known(load: Load) -> None:
    roles = load(
        "roles: {a: {assigned_to: {claims: [{tier: gold}]}, statements: [{effect: allow, api: shop, "
        'paths: "/orders/${claims.team}/*", claims: {level: 1}}]}}'
    )
    assert roles.claims == {"tier", "team", "level"}
