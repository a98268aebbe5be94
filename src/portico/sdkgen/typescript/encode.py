"""Texts of a document as parts of JavaScript, TypeScript, Markdown and JSON: harmless in each of these.

Every encoder takes a text of the document, or one of ours, and gives source code. What could end the place where it
stands (quotes, line ends, `*/`, fences, `</script>`), hide what it does (control characters, marks of direction) or be
read by a tool (`@ts-nocheck`, `@import`, `//# sourceMappingURL`, the mark of files that people keep) is escaped, or
taken apart where it is only to be read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from portico.sdkgen.untrusted import Untrusted

WIDTH = 118  # characters of a line
_LONGEST_TEXT = 8_000  # characters of a description
_LONGEST_LINE = 300  # characters of what must stand on one line
_SAFE_INTEGER = 2**53 - 1
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MARK = re.compile(r"(portico):(?=\s?keep)", re.IGNORECASE)  # `portico.sdkgen.folder` keeps files that have it
_RISKY = re.compile(r"""["\\`$<]|ortico:|//[#@]""", re.IGNORECASE)
_TAG = re.compile(r"(?<![\w.])@(?=\w)")  # of JSDoc, and of the compiler: an address of mail is none
_MAP = re.compile(r"//(?=[#@])")
_SPECIAL_IN_MARKDOWN = re.compile(r"([\\*_\[\]|~$`])")
_SPECIAL_AT_FIRST = re.compile(r"^(\s*\d*)([#+=.):-])")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "`": "\\x60", "$": "\\x24", "<": "\\x3c"}


def _raw(text: Untrusted | str) -> str:
    return text.raw if isinstance(text, Untrusted) else text


def literal(text: Untrusted | str) -> str:
    """A string literal with exactly this value."""
    raw = _raw(text)
    if raw.isprintable() and _RISKY.search(raw) is None:
        return f'"{raw}"'
    written = _MARK.sub(r"\1\\x3a", "".join(map(_escaped, raw)))
    return '"' + _MAP.sub(r"/\\/", written) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}"


def member(name: Untrusted | str) -> str:
    """The name of a property, in an interface or an object literal."""
    raw = _raw(name)
    return raw if _PLAIN.fullmatch(raw) and raw != "__proto__" else literal(raw)


def value(given: Any, indent: str = "", *, exact: bool = False) -> str:
    """A value as JavaScript: on one line where that is short.

    Args:
        given: texts, numbers, truth values, None, and lists and mappings of these.
        indent: before all lines but the first.
        exact: write integers that a double cannot hold as BigInt.

    Raises:
        ValueError: JavaScript has no such number.
    """
    if isinstance(given, Untrusted | str):
        return literal(given)
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    if isinstance(given, int | float):
        return _number(given, exact=exact)
    inner = f"{indent}  "
    if isinstance(given, Mapping):
        members = [f"{_key(name)}: {value(one, inner, exact=exact)}" for name, one in given.items()]
        return _wrapped(members, "{ ", " }", "{}", indent)
    return _wrapped([value(one, inner, exact=exact) for one in given], "[", "]", "[]", indent)


def _key(name: Untrusted | str) -> str:
    """In an object literal `__proto__: x` would not be a member."""
    return '["__proto__"]' if _raw(name) == "__proto__" else member(name)


def _wrapped(parts: list[str], begin: str, end: str, empty: str, indent: str) -> str:
    if not parts:
        return empty
    length = len(indent) + sum(map(len, parts)) + 2 * len(parts)
    if length < 100 and not any("\n" in part for part in parts):
        return f"{begin}{', '.join(parts)}{end}"
    lines = "".join(f"{indent}  {part},\n" for part in parts)
    return f"{begin.strip()}\n{lines}{indent}{end.strip()}"


def _number(given: float, *, exact: bool) -> str:
    if isinstance(given, float) and not math.isfinite(given):
        raise ValueError("not a number of JSON")
    return f"{given}n" if exact and isinstance(given, int) and abs(given) > _SAFE_INTEGER else repr(given)


def json_text(given: Any, indent: int | None = 2) -> str:
    """JSON, of texts that may be the document's; no character in it is hidden."""

    def raw(one: object) -> str:
        if isinstance(one, Untrusted):
            return one.raw
        raise TypeError(type(one).__name__)

    text = json.dumps(given, ensure_ascii=True, indent=indent, default=raw)
    return _MARK.sub(r"\1\\u003a", text)


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
    for line in map(_visible, raw.splitlines()):
        found += [line] if len(line) <= width else _folded(line, width)
    kept = [line for index, line in enumerate(found) if line or (index and found[index - 1])]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _visible(text: str) -> str:
    text = text.rstrip()
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text).rstrip()
    return _unmarked(text)


def _unmarked(text: str) -> str:
    return _MARK.sub(r"\1 ", text) if "ortico:" in text.lower() else text


def _folded(line: str, width: int) -> Iterable[str]:
    while len(line) > width:
        cut = line.rfind(" ", 0, width)
        if cut <= len(line) - len(line.lstrip()):
            cut = line.find(" ", width)
            if cut < 0:
                break
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    yield line


def in_comment(line: str) -> str:
    """A line of `lines` as it stands in a comment between `/**` and `*/`."""
    if "*/" in line:
        line = line.replace("*/", "*\\/")
    if "@" in line:
        line = _TAG.sub("\\\\@", line)
    return _MAP.sub("/ /", line) if "//" in line else line


def jsdoc(found: Iterable[str], indent: str = "", *, deprecated: bool = False) -> str:
    """A whole JSDoc comment with its line end; nothing where there is nothing to tell.

    Args:
        found: its lines, of `lines`.
        indent: before every line.
        deprecated: whether editors shall strike it through.
    """
    written = [in_comment(line) for line in found]
    if written and written[-1].endswith("*"):
        written[-1] += " "  # else its last letter and the end of the comment would be another
    if deprecated:
        written.append("@deprecated")
    if not written:
        return ""
    if len(written) == 1:
        return f"{indent}/** {written[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in written)
    return f"{indent}/**\n{body}{indent} */\n"


def line(text: Untrusted | str) -> str:
    """A text to be read, on one line."""
    raw = _unmarked(" ".join(_visible(part) for part in _raw(text)[: 4 * _LONGEST_LINE].split()))
    return raw if len(raw) <= _LONGEST_LINE else f"{raw[:_LONGEST_LINE].rstrip()}…"


def comment(text: Untrusted | str) -> str:
    """What stands after `//`, or in a comment on one line."""
    return in_comment(line(text)).replace("/*", "/ *")


def markdown(text: Untrusted | str) -> str:
    """A text to be read, on one line of Markdown: nothing but text."""
    shown = _SPECIAL_AT_FIRST.sub(r"\1\\\2", _SPECIAL_IN_MARKDOWN.sub(r"\\\1", line(text)))
    for letter, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("://", ":&#47;&#47;")):
        shown = shown.replace(letter, written)  # an address is text, too
    return shown


def code(text: Untrusted | str) -> str:
    """A text as code within a line of Markdown."""
    raw = line(text).replace("`", "'").replace("|", "\\|")
    return f"`{raw}`" if raw else "` `"


FILTERS = {"literal": literal, "member": member, "comment": comment, "markdown": markdown, "code": code}
