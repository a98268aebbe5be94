"""Texts of a document as parts of Python, Markdown and TOML: harmless in each of these.

Every encoder takes a text of the document, or one of ours, and gives source code. What could end the place where it
stands (quotes, line ends, fences), hide what it does (control characters, marks of direction) or be read by a tool
(doctest prompts, the mark of files that people keep) is escaped, or taken out where it is only to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from portico.sdkgen.untrusted import Untrusted

WIDTH = 118  # characters of a line
_LONGEST_TEXT = 8_000  # characters of a description
_LONGEST_LINE = 300  # characters of what must stand on one line
_MARK = re.compile(r"portico:(?=\s?keep)")  # `portico.sdkgen.folder` keeps files that have it
_PROMPT = re.compile(r">>>")
_SPECIAL_IN_MARKDOWN = re.compile(r"([\\*_\[\]|~$])")
_SPECIAL_AT_FIRST = re.compile(r"^(\s*\d*)([#+=.):-])")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{}~-]+/[A-Za-z0-9!#$%&'*+.^_`{}~-]+(; ?[a-z0-9-]+=[A-Za-z0-9.-]+)*")
_QUOTE, _ESCAPED_QUOTE = '"', '\\"'
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _raw(text: Untrusted | str) -> str:
    return text.raw if isinstance(text, Untrusted) else text


def literal(text: Untrusted | str) -> str:
    """A string literal with exactly this value."""
    raw = _raw(text)
    if raw.isprintable() and "portico:" not in raw:
        if "\\" in raw:
            raw = raw.replace("\\", "\\\\")
        if '"' not in raw:
            return f'"{raw}"'
        return f"'{raw}'" if "'" not in raw else f'"{raw.replace(_QUOTE, _ESCAPED_QUOTE)}"'
    return '"' + _MARK.sub("portico\\\\x3a", "".join(map(_escaped, raw))) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def constant(value: Any) -> str:
    """A constant of Python: texts, numbers, truth values, None, and tuples, lists and dictionaries of these.

    Raises:
        TypeError: it is something else.
    """
    if isinstance(value, Untrusted | str):
        return literal(value)
    if value is None or isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(constant, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{constant(key)}: {constant(one)}" for key, one in value.items()) + "}"
    raise TypeError(f"{type(value).__name__} is no constant")


def _number(value: float | int | bool | None) -> str:
    text = repr(value)
    return f'float("{text}")' if text in ("inf", "-inf", "nan") else text


def lines(text: Untrusted | str, width: int = WIDTH) -> list[str]:
    """A text to be read, as lines that hold nothing but letters that can be seen; empty where there is none.

    Args:
        text: the text.
        width: characters of a line.
    """
    raw = _raw(text)[:_LONGEST_TEXT].strip()
    if not raw:
        return []
    found: list[str] = []
    rest = ""  # of a line that was too long: it begins the next one, where that goes on with the sentence
    for line in map(_visible, map(str.rstrip, raw.splitlines())):
        if rest and line[:1].isalnum():
            line, rest = f"{rest} {line}", ""
        elif rest:
            found.append(rest)
            rest = ""
        if len(line) <= width:
            found.append(line)
        else:
            *whole, rest = _wrapped(line, width)
            found += whole
    return _without_gaps([*found, rest])


def _visible(text: str) -> str:
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text).rstrip()
    if "portico:" in text:
        text = _MARK.sub("portico ", text)
    return _PROMPT.sub("> > >", text) if ">>>" in text else text


def _wrapped(line: str, width: int) -> Iterable[str]:
    while len(line) > width:
        cut = line.rfind(" ", 0, width)
        if cut <= len(line) - len(line.lstrip()):
            cut = line.find(" ", width)
            if cut < 0:
                break
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    yield line


def _without_gaps(found: list[str]) -> list[str]:
    """At most one empty line in a row, none at the ends."""
    kept = [line for index, line in enumerate(found) if line or (index and found[index - 1])]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def in_docstring(line: str) -> str:
    """A line of `lines` as it stands in a docstring."""
    if "\\" in line:
        line = line.replace("\\", "\\\\")
    return line.replace('"""', '\\"\\"\\"') if '""' in line else line


def docstring(found: Iterable[str], indent: str = "") -> str:
    """A whole docstring, with its quotes.

    Args:
        found: its lines, of `lines`.
        indent: before all lines but the first.
    """
    texts = list(found)
    if not texts:
        return '""""""'
    written = [in_docstring(line) for line in texts]
    if texts[-1].endswith('"'):  # beside the closing quotes
        written[-1] = f'{in_docstring(texts[-1][:-1])}\\"'
    if len(written) == 1:
        return f'"""{written[0]}"""'
    body = "\n".join(f"{indent}{line}" if line else "" for line in written[1:])
    return f'"""{_opened(written[0])}\n{body}\n{indent}"""'


def _opened(line: str) -> str:
    return f"\\{line}" if line.startswith('"') else line


def line(text: Untrusted | str) -> str:
    """A text to be read, on one line."""
    raw = " ".join(_visible(" ".join(_raw(text)[: 4 * _LONGEST_LINE].split())).split())
    return raw if len(raw) <= _LONGEST_LINE else f"{raw[:_LONGEST_LINE].rstrip()}…"


def docline(text: Untrusted | str) -> str:
    """A text to be read, on one line inside of a docstring, before something else."""
    return in_docstring(line(text))


def comment(text: Untrusted | str) -> str:
    """What stands after a `#`."""
    return line(text)


def markdown(text: Untrusted | str) -> str:
    """A text to be read, on one line of Markdown: nothing but text, and code between two backticks."""
    parts = line(text).split("`")
    if len(parts) % 2 == 0 or "" in parts[1::2]:
        parts = ["'".join(parts)]
    return "".join(code(part) if index % 2 else _only_text(part, first=index == 0) for index, part in enumerate(parts))


def _only_text(text: str, *, first: bool) -> str:
    shown = _SPECIAL_IN_MARKDOWN.sub(r"\\\1", text)
    if first:
        shown = _SPECIAL_AT_FIRST.sub(r"\1\\\2", shown)
    for letter, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("://", ":&#47;&#47;")):
        shown = shown.replace(letter, written)  # an address is text, too
    return shown


def code(text: Untrusted | str) -> str:
    """A text as code within a line of Markdown."""
    raw = line(text).replace("`", "'").replace("|", "\\|")
    return f"`{raw}`" if raw else "` `"


def toml(text: Untrusted | str) -> str:
    """A string of TOML, on one line."""
    return '"' + "".join(map(_escaped_for_toml, line(text))) + '"'


def _escaped_for_toml(letter: str) -> str:
    if letter in ('"', "\\"):
        return f"\\{letter}"
    return letter if letter.isprintable() else " "


FILTERS = {"literal": literal, "docline": docline, "comment": comment, "markdown": markdown, "code": code, "toml": toml}


def is_media_type(text: str) -> bool:
    """Whether a text can stand in a header `Accept` (RFC 9110 section 12.5.1)."""
    return _MEDIA_TYPE.fullmatch(text) is not None
