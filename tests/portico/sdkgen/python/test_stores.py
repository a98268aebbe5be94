"""Tokens in a file are their owner's alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from portico.sdkgen.python.runtime.identity import Tokens
from portico.sdkgen.python.runtime.stores import FileTokenStore, MemoryTokenStore

TOKENS = Tokens("access", "refresh", 1_777_887_000.5, "id", "a b")


def test_what_is_kept_is_there_for_the_next_program_and_gone_when_it_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tokens.json"
    FileTokenStore(path).save("shop ann", TOKENS)
    FileTokenStore(path).save("shop bob", Tokens("other"))
    assert FileTokenStore(path).load("shop ann") == TOKENS
    FileTokenStore(path).save("shop ann", None)
    assert FileTokenStore(path).load("shop ann") is None
    assert FileTokenStore(path).load("shop bob") == Tokens("other")


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tokens.json"
    before = os.umask(0)
    try:
        FileTokenStore(path).save("a", TOKENS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["tokens.json"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "tokens.json"
    FileTokenStore(target).save("a", TOKENS)
    link.symlink_to(target)
    assert FileTokenStore(link).load("a") is None
    FileTokenStore(link).save("a", Tokens("new"))
    assert not link.is_symlink()
    assert FileTokenStore(target).load("a") == TOKENS


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"access_token": 1}}', b"\xff"])
def test_a_file_that_is_broken_holds_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokens.json"
    path.write_bytes(content)
    path.chmod(0o600)
    assert FileTokenStore(path).load("a") is None


def test_a_file_that_others_can_write_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    FileTokenStore(path).save("a", TOKENS)
    path.chmod(0o666)
    assert FileTokenStore(path).load("a") is None


def test_an_application_has_its_own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert FileTokenStore("shop").path == tmp_path / "shop" / "tokens.json"


def test_no_text_form_shows_a_token() -> None:
    store = MemoryTokenStore()
    store.save("a", TOKENS)
    assert "access" not in repr(TOKENS).replace("access_token", "")
    assert "refresh" not in repr(TOKENS)
    assert store.load("a") is TOKENS
