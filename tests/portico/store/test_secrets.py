"""The project's secret: where it comes from, and what a value that was sealed with it withstands."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portico.store import NotSealedHere, SecretMissing, Secrets, secret_file

OLD, NEW = Secrets.generate(), Secrets.generate()


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(NEW, [OLD])


def test_what_is_sealed_opens_again(secrets: Secrets):
    sealed = secrets.seal("totp", b"the seed", bound_to="row 1")
    assert b"seed" not in sealed
    assert secrets.open("totp", sealed, bound_to="row 1") == b"the seed"
    assert secrets.open_text("totp", secrets.seal_text("totp", b"")) == b""


def test_the_same_value_is_never_sealed_the_same(secrets: Secrets):
    assert len({secrets.seal("totp", b"the seed") for _ in range(100)}) == 100


def test_a_value_of_another_row_does_not_open(secrets: Secrets):
    """Someone who can write the database puts their own second factor in another's row."""
    sealed = secrets.seal("totp", b"the attacker's seed", bound_to="attacker")
    with pytest.raises(NotSealedHere):
        secrets.open("totp", sealed, bound_to="victim")


def test_a_value_of_another_purpose_does_not_open(secrets: Secrets):
    sealed = secrets.seal("return-to", b"chosen by the attacker", bound_to="main")
    with pytest.raises(NotSealedHere):
        secrets.open("session-token", sealed, bound_to="main")


def test_no_byte_can_be_changed_and_none_cut_off(secrets: Secrets):
    sealed = secrets.seal("totp", b"the seed", bound_to="row 1")
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    for attempt in (*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(NotSealedHere):
            secrets.open("totp", attempt, bound_to="row 1")


@pytest.mark.parametrize("text", ["", "=", "a", "%%%", "ü" * 40, "A" * 200, "a b", "-_" * 50, "A" * 10_001])
def test_text_that_was_never_sealed_does_not_open(secrets: Secrets, text: str):
    with pytest.raises(NotSealedHere):
        secrets.open_text("return-to", text)


def test_what_an_earlier_secret_sealed_opens_until_it_is_forgotten(secrets: Secrets):
    sealed = Secrets(OLD).seal("totp", b"the seed")
    assert secrets.open("totp", sealed) == b"the seed"
    with pytest.raises(NotSealedHere):
        Secrets(NEW).open("totp", sealed)
    with pytest.raises(NotSealedHere):
        Secrets(OLD).open("totp", secrets.seal("totp", b"the seed"))


def test_each_purpose_and_each_secret_has_a_key_of_its_own(secrets: Secrets):
    keys = {*secrets.keys("a"), *secrets.keys("b")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert secrets.key("a") == secrets.keys("a")[0] == Secrets(NEW).key("a")


def test_no_text_shows_a_secret(secrets: Secrets):
    assert NEW not in f"{secrets!r} {secrets}"
    with pytest.raises(SecretMissing) as caught:
        Secrets("hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "weak",
    ["", "short", "a" * 43, "changeme" * 8, NEW[:-1] + "!", NEW[:42]],
    ids=["empty", "short", "one letter", "one word", "another letter", "one less"],
)
def test_a_weak_secret_is_refused(weak: str):
    with pytest.raises(SecretMissing, match="portico secret new"):
        Secrets(weak)


def test_the_variable_counts_before_the_file(tmp_path: Path):
    secret_file.create(tmp_path, OLD)
    assert Secrets.load(tmp_path, {"PORTICO_SECRET": f"{NEW} {OLD}"}).key("a") == Secrets(NEW).key("a")
    assert Secrets.load(tmp_path, {}).key("a") == Secrets(OLD).key("a")


def test_production_makes_no_secret_of_its_own(tmp_path: Path):
    with pytest.raises(SecretMissing, match="portico secret new"):
        Secrets.load(tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_workers_that_start_at_once_make_one_secret(tmp_path: Path):
    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(lambda _: Secrets.load(tmp_path, {}, create=True), range(8)))
    assert len({one.key("a") for one in loaded}) == 1
    assert [path.name for path in (tmp_path / ".portico").iterdir()] == ["secret"]


def test_only_its_owner_may_read_the_file(tmp_path: Path):
    Secrets.load(tmp_path, {}, create=True)
    assert oct((tmp_path / ".portico").stat().st_mode)[-3:] == "700"
    assert oct((tmp_path / ".portico" / "secret").stat().st_mode)[-3:] == "600"
    secret_file.replace(tmp_path, [NEW, OLD])
    assert oct((tmp_path / ".portico" / "secret").stat().st_mode)[-3:] == "600"


def test_a_file_that_others_may_read_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    secret_file.create(tmp_path, NEW)
    (tmp_path / secret_file.FILE).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        Secrets.load(tmp_path, {})
    assert "chmod 600" in caplog.text
    assert NEW not in caplog.text


def test_a_running_server_takes_a_rotated_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    secret_file.create(tmp_path, OLD)
    running = Secrets.load(tmp_path, {})
    sealed_before = running.seal("totp", b"the seed")
    secret_file.replace(tmp_path, [NEW, OLD])
    rotated = Secrets.load(tmp_path, {})
    assert running.open("totp", rotated.seal("totp", b"sealed by the new one")) == b"sealed by the new one"
    assert running.open("totp", sealed_before) == b"the seed"
    assert running.key("csrf") == rotated.key("csrf")


def test_a_running_server_looks_at_the_file_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("portico.store.secrets.LOOK_AGAIN", 0.0)
    secret_file.create(tmp_path, OLD)
    running = Secrets.load(tmp_path, {})
    secret_file.replace(tmp_path, [NEW, OLD])
    assert running.key("csrf") == Secrets(NEW).key("csrf")


def test_a_running_server_keeps_its_secret_when_the_file_is_spoilt(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    secret_file.create(tmp_path, OLD)
    running = Secrets.load(tmp_path, {})
    secret_file.replace(tmp_path, ["hunter2"])
    with pytest.raises(NotSealedHere):
        running.open("totp", Secrets(NEW).seal("totp", b""))
    assert running.key("a") == Secrets(OLD).key("a")
    assert "not taken" in caplog.text
    assert "hunter2" not in caplog.text
    (tmp_path / secret_file.FILE).unlink()
    with pytest.raises(NotSealedHere):
        running.open("totp", Secrets(NEW).seal("totp", b""))
    assert running.key("a") == Secrets(OLD).key("a")
