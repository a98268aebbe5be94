"""Texts of a document as parts of Python source. They come from other people: none of them may become code.

Whatever ends a line, a comment, a docstring or a string literal, and whatever changes the order in which characters
are shown (CVE-2021-42574), is taken out or escaped here and nowhere else.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable

WIDTH = 120
LONGEST = 3_000  # characters of one description; documents hold whole manuals

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4", "'")  # quotation marks, the prime, the acute accent
    | dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")  # hyphens, the en dash, the minus sign
    | dict.fromkeys("\u00a0\u2009\u202f\u3000", " ")
    | {"\u00d7": "x", "\u2026": "...", "\uff1a": ":", "\uff0c": ","}
)
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def visible(text: str) -> str:
    """One line of a text, without characters that cannot be seen, in plain typography."""
    line = " ".join(text.split() if text.isascii() else text.translate(_TYPOGRAPHY).split())
    if line.isascii() and line.isprintable():
        return line
    return "".join(letter for letter in line if unicodedata.category(letter) not in _INVISIBLE)


def docstring(paragraphs: Iterable[str], indent: str = "    ") -> str:
    """A docstring of several lines.

    Args:
        paragraphs: lines, "" between paragraphs; a line's own indentation is kept.
        indent: what stands before each line.
    """
    lines: list[str] = []
    for line in paragraphs:
        bare = line.lstrip(" ")
        margin = " " * (len(line) - len(bare))
        lines += _wrapped(_harmless(bare), f"{indent}{margin}") if bare else [""] if lines and lines[-1] else []
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) == 1 and len(lines[0]) + 6 > WIDTH:  # formatters put the quotes of one line on that line
        lines = textwrap.wrap(
            lines[0], WIDTH - 20, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    first = re.sub('^"', "'", lines[0].strip()) if lines else ""  # four quotes in a row
    if len(lines) <= 1 and not first.endswith('"'):
        return f'{indent}"""{first}"""'
    return "\n".join([f'{indent}"""{first}', *lines[1:], f'{indent}"""'])


def _harmless(line: str) -> str:
    """A line inside triple quotes. A prompt is taken out since doctest would run what follows it."""
    return visible(line).replace("\\", "\\\\").replace('"""', "'''").replace(">>>", ">>")


def _wrapped(line: str, margin: str) -> list[str]:
    hanging = f"{margin}    " if re.match(r"[\w*]+: ", line) and len(margin) > 4 else margin
    width = WIDTH - 3  # the opening quotes of the first line
    return textwrap.wrap(
        line, width, initial_indent=margin, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def paragraphs(text: str) -> list[str]:
    """A description as lines for `docstring`: Markdown keeps its paragraphs and lists."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
    return [visible(line) for line in cut.strip().splitlines()]


def sentence(text: str) -> str:
    """The first paragraph in one line, with a full stop."""
    words = visible(" ".join(text.strip().split("\n\n")[0].splitlines()[:5])[:500])
    return f"{words}." if words and words[-1] not in ".!?:" else words


def quoted(text: str) -> str:
    """A string literal of ASCII characters only, with the quotes that a formatter chooses."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(letter, quote) for letter in text) + quote


def _escaped(letter: str, quote: str) -> str:
    if letter in (quote, "\\"):
        return f"\\{letter}"
    if " " <= letter <= "~":
        return letter
    return letter.encode("unicode_escape", "backslashreplace").decode()
