"""The project's triggers: found, checked, bounded in time."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from portico.errors import ConfigError
from portico.identity.triggers import (
    MigrateUser,
    PreSignUp,
    PreToken,
    Refused,
    TokenChanges,
    TriggerFailed,
    Triggers,
)
from portico.secret import Secret

EVENT = PreSignUp("ada", "ada@example.com", {}, "203.0.113.7")
TOKEN = PreToken(None, "chat", ("openid",), {"sub": "1"})


def project(root: Path, **modules: str) -> Path:
    (root / "auth").mkdir(parents=True)
    for name, text in modules.items():
        (root / "auth" / f"{name}.py").write_text(text)
    return root


async def test_a_project_without_triggers_changes_nothing(tmp_path):
    triggers = Triggers.load(tmp_path)
    await triggers.pre_sign_up(EVENT)
    assert await triggers.pre_token(TOKEN) == TokenChanges()
    assert await triggers.migrate_user(MigrateUser("ada", Secret("x"))) is None
    assert not triggers.has("pre_token")


async def test_functions_are_found_with_their_neighbours_and_two_projects_do_not_mix(tmp_path):
    text = """
        from __future__ import annotations
        from dataclasses import dataclass
        from portico.triggers import PreToken, Refused, TokenChanges
        from .rules import TIER

        @dataclass(frozen=True)
        class Plan:
            name: str

        def _plan() -> Plan:
            return Plan(TIER)

        def pre_token(event: PreToken) -> TokenChanges:
            return TokenChanges(add_claims={"tier": _plan().name})
    """.replace("\n        ", "\n")
    found = []
    for tier in ("gold", "silver"):
        root = project(tmp_path / tier, triggers=text, rules=f"TIER = {tier!r}")
        found.append(Triggers.load(root))
    assert [(await each.pre_token(TOKEN)).add_claims for each in found] == [{"tier": "gold"}, {"tier": "silver"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def pre_signup(event): ...", "pre_signup is the name of no trigger.*pre_sign_up"),
        ("def pre_sign_up(): ...", "must take one argument"),
        ("def pre_sign_up(event, other): ...", "must take one argument"),
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("def (", "SyntaxError"),
    ],
)
def test_a_mistake_in_the_file_is_told_at_the_start(tmp_path, text, told):
    with pytest.raises(ConfigError, match=f"auth/triggers.py.*{told}"):
        Triggers.load(project(tmp_path, triggers=text))


async def test_a_plain_function_runs_beside_the_event_loop():
    threads = []
    await Triggers({"pre_sign_up": lambda event: threads.append(threading.current_thread())}).pre_sign_up(EVENT)
    assert threads[0] is not threading.main_thread()


@pytest.mark.parametrize("is_async", [True, False])
async def test_one_that_takes_too_long_denies(is_async, caplog):
    async def later(event: PreSignUp) -> None:
        await asyncio.sleep(30)

    released = threading.Event()

    def blocked(event: PreSignUp) -> None:
        released.wait(30)

    triggers = Triggers({"pre_sign_up": later if is_async else blocked}, timeout=0.05)
    begun = time.monotonic()
    with pytest.raises(TriggerFailed):
        await triggers.pre_sign_up(EVENT)
    assert time.monotonic() - begun < 5
    assert "TimeoutError" in caplog.text
    released.set()


async def test_functions_that_never_return_do_not_take_more_and_more_threads(caplog):
    released = threading.Event()
    triggers = Triggers({"pre_sign_up": lambda event: released.wait(30)}, timeout=0.05)
    before = set(threading.enumerate())
    found = await asyncio.gather(*(triggers.pre_sign_up(EVENT) for _ in range(40)), return_exceptions=True)
    assert all(isinstance(one, TriggerFailed) for one in found)
    assert len(set(threading.enumerate()) - before) <= 8
    released.set()


async def test_a_refusal_reaches_the_person_and_another_error_does_not(caplog):
    def refuse(event: PreSignUp) -> None:
        raise Refused("Ask your teacher.")

    def fail(event: PreSignUp) -> None:
        raise ValueError("password=hunter2")

    with pytest.raises(Refused, match="Ask your teacher"):
        await Triggers({"pre_sign_up": refuse}).pre_sign_up(EVENT)
    with pytest.raises(TriggerFailed) as told:
        await Triggers({"pre_sign_up": fail}).pre_sign_up(EVENT)
    assert "hunter2" not in str(told.value) + caplog.text
    assert told.value.__cause__ is None


@pytest.mark.parametrize("answer", [{"add_claims": {}}, "no", False])
async def test_an_answer_of_another_type_denies(answer, caplog):
    with pytest.raises(TriggerFailed):
        await Triggers({"pre_token": lambda event: answer}).pre_token(TOKEN)
    assert "it may return TokenChanges or None" in caplog.text


def test_events_show_no_secret():
    assert "hunter2" not in repr(MigrateUser("ada", Secret("hunter2")))
