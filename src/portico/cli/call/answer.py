"""What comes back: pretty on a terminal, as it is into a pipe; status and timing go to stderr."""

from __future__ import annotations

import base64
import codecs
import sys
from typing import TYPE_CHECKING

import msgspec

from portico.cli import terminal
from portico.cli.terminal import clean, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

_SHOWN = 10_000_000  # bytes of an answer that are laid out for a terminal


def show_status(response: httpx2.Response, seconds: float, *, verbose: bool) -> None:
    """One line about the answer; its headers too, when asked."""
    colour = "green" if response.status_code < 400 else "red"
    kind = response.headers.get("content-type", "")
    line = f"[bold {colour}]{response.status_code} {word(response.reason_phrase)}[/]  {seconds * 1000:.0f} ms"
    terminal.err().print(f"{line}  {word(kind)}".rstrip())
    if verbose:
        for name, value in response.headers.items():
            terminal.err().print(f"[dim]< {word(name)}: {word(value)}[/]")


def show(response: httpx2.Response) -> None:
    """The body: laid out on a terminal, byte for byte into a pipe."""
    kind = _media_type(response)
    if not sys.stdout.isatty():
        for part in response.iter_bytes():
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    elif "json" in kind:
        _show_json(_first(response.iter_bytes()))
    elif kind.startswith("text/") or "xml" in kind or kind == "":
        decode = codecs.getincrementaldecoder("utf-8")("replace")
        for part in response.iter_bytes():
            sys.stdout.write(clean(decode.decode(part)))
            sys.stdout.flush()
        sys.stdout.write("\n")
    else:
        terminal.err().print(f"{word(kind)}: not shown on a terminal. Send it to a file: portico call ... > FILE")


def _media_type(response: httpx2.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _first(parts: Iterator[bytes]) -> bytes:
    gathered = bytearray()
    for part in parts:
        gathered += part
        if len(gathered) > _SHOWN:
            break
    return bytes(gathered)


def _show_json(raw: bytes) -> None:
    from rich.syntax import Syntax

    try:
        text = msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = raw.decode("utf-8", "replace")
    out = terminal.out()
    if out.color_system is None:
        out.print(clean(text), markup=False, soft_wrap=True)
    else:
        out.print(Syntax(clean(text), "json", theme="ansi_dark", background_color="default", word_wrap=True))


def show_as_json(response: httpx2.Response) -> None:
    """Status, headers and body as one JSON value."""
    raw = response.read()
    kind = _media_type(response)
    body: object = None
    if "json" in kind:
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            body = raw.decode("utf-8", "replace")
    elif raw:
        try:
            body = raw.decode()
        except UnicodeDecodeError:
            body = {"base64": base64.b64encode(raw).decode()}
    terminal.json({"status": response.status_code, "headers": dict(response.headers.items()), "body": body})
