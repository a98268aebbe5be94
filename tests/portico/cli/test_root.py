"""Which project a command works on."""

from __future__ import annotations

import os

import pytest

from portico.cli.root import find, nearest
from portico.errors import ConfigError


def test_the_project_is_found_upwards_from_a_folder_inside_it(pets, monkeypatch):
    (pets / "handlers" / "deep").mkdir()
    monkeypatch.chdir(pets / "handlers" / "deep")
    assert find(None) == pets


def test_a_named_folder_wins(pets, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert find(pets) == pets


def test_outside_any_project_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="portico new NAME"):
        find(None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_project_that_someone_else_put_above_is_not_run(pets, monkeypatch):
    """As in /tmp, where anyone may put a portico.toml and handlers that the next command would import."""
    stranger = 12_345
    inside = pets / "mine"
    inside.mkdir()
    os.chown(pets / "specs", stranger, stranger)
    monkeypatch.chdir(inside)
    assert nearest() is None
    monkeypatch.chdir(pets)
    assert nearest() == pets, "the folder that one stands in was chosen by oneself"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_link_to_a_trusted_folder_is_judged_by_who_made_the_link(pets, monkeypatch):
    stranger = 12_345
    inside = pets / "mine"
    inside.mkdir()
    (pets / "specs").rename(pets / "real")
    (pets / "specs").symlink_to(pets / "real")
    os.chown(pets / "specs", stranger, stranger, follow_symlinks=False)
    monkeypatch.chdir(inside)
    assert nearest() is None
