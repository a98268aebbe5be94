"""`auth/theme.css`: how a project makes the pages its own.

Only custom properties are taken from it (`--accent: #2f5a45`), for all and for dark mode, and written anew. So it
can change colours, fonts and corners, and can neither hide a warning nor fetch anything from elsewhere.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path("auth/theme.css")
LIMIT = 65_536  # bytes of the theme
LOGO_LIMIT = 524_288  # bytes of the logo
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.DOTALL)
_ROOT = re.compile(r":root\s*\{([^{}]*)\}", re.DOTALL)
_DECLARATION = re.compile(r"\s*(--[a-z][a-z0-9-]{0,40})\s*:\s*(.+?)\s*", re.DOTALL)
_VALUE = re.compile(r"[\w#%.,()/ '\"+*-]{1,300}")
_FUNCTION = re.compile(r"(?:url|src|image|image-set|element|attr|env|expression|paint)\s*\(", re.IGNORECASE)
_LOGO = re.compile(r"[\"']?([A-Za-z0-9][A-Za-z0-9_-]{0,60}(?:\.[A-Za-z0-9_-]+)*)[\"']?")

log = logging.getLogger("portico.identity")


@dataclass(frozen=True, slots=True)
class Theme:
    """What was taken from a theme."""

    css: bytes = b""
    logo: Path | None = None  # "logo.svg" beside the theme, where `--logo: "logo.svg"` names it


PLAIN = Theme()


class ThemeFile:
    """The theme of a project, read again when it has changed."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._stamp: tuple[int, int] | None = None
        self._theme = PLAIN

    def current(self) -> Theme:
        """The theme as it is now; the plain one where there is none."""
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                with self._path.open("rb") as file:
                    text = file.read(LIMIT).decode("utf-8", "replace")
                self._theme, self._stamp = parse(text, self._path.parent), stamp
        except OSError:
            return PLAIN
        return self._theme


def parse(text: str, folder: Path) -> Theme:
    """Take the custom properties of a theme; what else it holds is left out, and said in the log.

    Args:
        text: of the file.
        folder: where the logo lies.
    """
    text = _COMMENT.sub("", text)
    dark = _properties(" ".join(_DARK.findall(text)))
    light = _properties(_DARK.sub("", text))
    logo = _logo(light.pop("--logo", ""), folder)
    parts = []
    if light:
        parts.append(f":root {{\n{_written(light)}}}\n")
    if dark:
        parts.append(f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_written(dark)}}}\n}}\n")
    return Theme("".join(parts).encode(), logo)


def _properties(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in _ROOT.findall(text):
        for declaration in filter(str.strip, block.split(";")):
            match = _DECLARATION.fullmatch(declaration)
            value = " ".join(match[2].split()) if match else ""
            if match and _VALUE.fullmatch(value) and not _FUNCTION.search(value):
                found[match[1]] = value
            else:
                log.warning("%s: %s is no custom property that is taken.", FILE, " ".join(declaration.split())[:80])
    return found


def _written(properties: dict[str, str]) -> str:
    return "".join(f"  {name}: {value};\n" for name, value in properties.items())


def _logo(value: str, folder: Path) -> Path | None:
    match = _LOGO.fullmatch(value)
    if match is None:
        return None
    path = folder / match[1]
    if path.suffix in LOGO_TYPES and path.is_file() and path.stat().st_size <= LOGO_LIMIT:
        return path
    log.warning("%s: the logo %s is no svg, png or webp file of at most 512 KiB in auth/.", FILE, match[1])
    return None
