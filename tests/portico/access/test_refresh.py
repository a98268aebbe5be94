"""Roles that change while the server runs."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from tests.portico.access.conftest import Load, call, somebody, write

ALLOW = "roles: {buyer: {statements: [{effect: allow, api: shop, operations: listOrders}]}}"
DENY = "roles: {buyer: {statements: [{effect: deny, api: shop, operations: listOrders}]}}"


def test_a_changed_file_counts_at_the_next_look(load: Load, tmp_path: Path) -> None:
    roles = load(ALLOW)
    generation = roles.generation
    assert not roles.refresh()
    write(tmp_path, DENY)
    assert roles.refresh()
    assert roles.generation == generation + 1
    assert not roles.decide(somebody(), call()).allowed
    assert not roles.refresh()


def test_a_file_with_faults_is_told_once_and_the_last_good_roles_stay(
    load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    roles = load(ALLOW)
    write(tmp_path, "roles: {buyer: {statements: [{effect: allow, api: shp, operations: x}]}}")
    with caplog.at_level(logging.ERROR):
        assert not roles.refresh()
        assert not roles.refresh()
    assert [record.getMessage().count("auth/roles.yaml:1:") for record in caplog.records] == [1]
    assert roles.decide(somebody(), call()).allowed
    write(tmp_path, DENY)
    assert roles.refresh()


def test_without_its_file_a_project_has_no_roles(load: Load, tmp_path: Path) -> None:
    roles = load(ALLOW)
    os.remove(tmp_path / "auth" / "roles.yaml")
    assert roles.refresh()
    assert not roles.decide(somebody(), call()).allowed


def test_roles_that_come_later_are_found(load: Load, tmp_path: Path) -> None:
    roles = load("")
    assert roles.role_for({"sub": "ada"}) is None
    write(tmp_path, "roles: {visitor: {assigned_to: {signed_in: true}}}")
    roles.refresh()
    assert roles.role_for({"sub": "ada"}) == "visitor"
