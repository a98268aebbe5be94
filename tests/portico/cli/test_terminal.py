"""What strangers' texts may do to a terminal: nothing."""

from __future__ import annotations

import json

import pytest

from portico.cli import terminal


@pytest.mark.parametrize(
    "attack", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "a\rb", "\u202eevil", "\u2066x", "\x08\x08", "\x00"]
)
def test_what_steers_a_terminal_is_replaced(attack):
    shown = terminal.clean(attack)
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e\u2066\x08\x00")


def test_ordinary_text_stays_as_it_is():
    text = "Grüße 🌷\n\tnächste Zeile"
    assert terminal.clean(text) == text


def test_a_word_holds_no_line_break_and_no_markup():
    assert terminal.word("two\nlines [bold]x[/]") == r"two lines \[bold]x\[/]"


def test_json_for_a_terminal_escapes_what_json_leaves_alone(capsys):
    terminal.json({"name": "\x9b31m\u202e ü"})
    printed = capsys.readouterr().out
    assert "\x9b" not in printed
    assert "\u202e" not in printed
    assert json.loads(printed) == {"name": "\x9b31m\u202e ü"}
