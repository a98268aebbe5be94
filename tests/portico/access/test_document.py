"""What `auth/roles.yaml` may say, and how faults of it are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portico.access.conftest import SETTINGS, Load

from portico import project
from portico.access import Roles, RolesInvalid
from portico.errors import ConfigError
from portico.identity import settings


def refused(load: Load, text: str) -> str:
    with pytest.raises(RolesInvalid) as caught:
        load(text)
    return str(caught.value)


def statement(more: str) -> str:
    return f"roles:\n  buyer:\n    statements:\n      - effect: allow\n        api: shop\n        {more}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("role: {}", "1:1", "There is no key 'role'. There are: roles, clients."),
        ("roles: [buyer]", "1:1", "roles must be a mapping"),
        ("- buyer", "1:1", "must be a mapping"),
        ("roles:\n  buyer: {allow: all}", "2:11", "There is no key 'allow'"),
        ("roles:\n  'a b': {}", "2:3", "is no name"),
        ("roles:\n  buyer:\n    max_duration: 13h", "3:5", "15m to 12h"),
        ("roles:\n  buyer:\n    max_duration: soon", "3:5", "no duration"),
        ("roles:\n  buyer: {}\n  buyer: {}", "3:3", "twice"),
        ("roles: {", "2:1", "not YAML"),
        ("clients: 7", "1:1", "Expected a list"),
        ("roles:\n  buyer:\n    assigned_to:\n      groups: [florist]", "4:16", "It has: florists, managers."),
        ("roles:\n  buyer:\n    assigned_to:\n      claims: [{}]", "4:16", "fits everyone"),
        (statement("operation: x"), "6:9", "Did you mean operations"),
        (statement("stages: prod"), "4:9", "selects nothing"),
        (statement("operations: lstOrders"), "6:9", "Did you mean listOrders or "),
        (statement("operations: zzz"), "6:9", "There are: getOrder, deleteOrder, listOrders, placeOrder, getFile."),
        (statement("operations: 'drop*'"), "6:9", "no operation 'drop*'"),
        (statement("operations: listPosts"), "6:9", "shop has no operation 'listPosts'"),
        (statement("methods: [FETCH]"), "6:9", "no method 'FETCH'"),
        (statement("paths: orders"), "6:9", "must begin with a slash"),
        (statement("paths: '/order/*'"), "6:9", "No operation has a path like /order/*."),
        (statement("paths: '/files'"), "6:9", "No operation has a path like /files."),
        (statement("paths: '/orders/${claim.sub}/*'"), "6:9", "variable that there is not"),
        (statement("operations: '*'\n        from: 10.0.0.1/8"), "7:9", "has host bits set"),
        (statement("operations: '*'\n        from: here"), "7:9", "write 10.0.0.0/8"),
        (statement("operations: '*'\n        time: {}"), "7:9", "no bound"),
        (statement("operations: '*'\n        time: {after: tomorrow}"), "7:9", "is no time"),
        (statement("operations: '*'\n        time: {after: '2027-01-01T00:00:00'}"), "7:9", "no time zone"),
        (statement("operations: '*'\n        time: {daily: 9-5}"), "7:9", "no part of a day"),
        (statement("operations: '*'\n        time: {daily: '10:00-10:00'}"), "7:9", "no part of a day"),
        (statement("operations: '*'\n        time: {days: [funday]}"), "7:23", "'funday' is none of "),
        (statement("operations: '*'\n        time: {days: [mon], zone: Mars/Base}"), "7:9", "no time zone 'Mars/Base'"),
        ("roles: {b: {statements: [{effect: permit, api: shop}]}}", "1:27", "'permit' is none of "),
        ("roles: {b: {statements: [{effect: allow, api: bank, operations: x}]}}", "1:42", "There is no API 'bank'"),
        ("roles: {b: {statements: [{effect: allow, operations: x}]}}", "1:26", "missing required field `api`"),
        (
            "roles: {b: {statements: [{id: a, effect: allow, api: shop, methods: '*'},"
            " {id: a, effect: allow, api: shop, methods: '*'}]}}",
            "1:76",
            "twice",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(load: Load, text: str, line: str, said: str) -> None:
    message = refused(load, text)
    assert message.startswith(f"auth/roles.yaml:{line}: "), message
    assert said in message


def test_all_faults_are_told_at_once(load: Load) -> None:
    message = refused(load, statement("operations: [a, b]\n        methods: x"))
    assert [line.split(":")[1] for line in message.splitlines()[:3]] == ["6", "6", "7"]


def test_a_role_for_guests_needs_a_pool_that_lets_in_guests(load: Load) -> None:
    with pytest.raises(ConfigError, match="guests: false"):
        load("roles: {visitor: {assigned_to: {guests: true}}}", settings.PoolSettings())


def test_an_endless_or_hostile_file_is_refused(load: Load) -> None:
    assert "larger" in refused(load, "#" * 1_000_001)
    assert "nested" in refused(load, "roles: " + "[" * 500)


def test_a_path_with_all_the_rest_may_be_named(load: Load) -> None:
    assert load(statement("paths: /files/a/b/c")).all
    assert load(statement("paths: '/**/${claims.sub}'")).all


def test_without_a_file_there_are_no_roles(tmp_path: Path) -> None:
    assert not Roles.load(tmp_path, SETTINGS, apis=()).all


def test_the_reference_project_has_roles_that_can_be_used() -> None:
    found = project.load(Path(__file__).parents[3])
    pool = settings.load(found.root)
    assert pool is not None
    roles = Roles.load(found.root, pool, apis=found.apis)
    assert list(roles.all) == ["florist", "visitor"]
