"""What mails say: one template a kind, laid out twice, as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from portico.identity.mail.model import ON_REQUEST, Letter
from portico.identity.triggers import Message

TEMPLATES = Path(__file__).parent / "templates"
_LAYOUTS = {False: "text.jinja", True: "html.jinja"}  # by whether it is HTML
_GAP = re.compile(r"\n{3,}")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a mail."""

    subject: str
    text: str
    html: str


class Writer:
    """Writes the mails of one pool."""

    def __init__(self, *, title: str, origin: str, code_lifetime: float) -> None:
        """Read the templates.

        Args:
            title: what the pool is called.
            origin: where the project is found.
            code_lifetime: seconds.
        """
        self._always = {"title": title, "origin": origin, "lifetime": spoken(code_lifetime)}
        self._environments = {html: _environment(html) for html in _LAYOUTS}

    def write(self, letter: Letter) -> Written:
        """A mail in the words of Portico."""
        known = letter.user is not None and letter.kind not in ON_REQUEST  # a stranger chooses no word of a mail
        name = letter.user.username if letter.user is not None and known else ""
        values = {"name": name, "code": letter.code, "link": letter.link, "values": letter.values}
        return self._written(f"{letter.kind}.jinja", values, subject=None)

    def own(self, letter: Letter, message: Message) -> Written:
        """A mail in the words of the project's trigger; its code and its link follow where the words lack them.

        Args:
            letter: what the mail is about.
            message: the words. Without HTML of its own, the HTML is made from the text.
        """
        code = letter.code if letter.code and letter.code not in message.text else None
        link = letter.link if letter.link and letter.link not in message.text else None
        values = {"name": "", "code": code, "link": link, "values": letter.values, "said": message.text.strip()}
        written = self._written("own.jinja", values, subject=message.subject)
        return written if message.html is None else replace(written, html=message.html)

    def _written(self, name: str, given: Mapping[str, object], *, subject: str | None) -> Written:
        values = {**given, **self._always}
        if subject is None:
            subject = _subject(self._environments[False].get_template(name), values)
        subject = " ".join(subject.split())
        parts = {
            html: environment.get_template(name).render(values, layout=_LAYOUTS[html], subject=subject)
            for html, environment in self._environments.items()
        }
        return Written(subject, _GAP.sub("\n\n", parts[False]).strip() + "\n", parts[True])


def spoken(seconds: float) -> str:
    """A duration as people say it: "15 minutes"."""
    for size, name in _UNITS:
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{seconds:.0f} seconds"


def _subject(template: Template, values: dict[str, object]) -> str:
    return "".join(template.blocks["subject"](template.new_context(values)))


def _environment(html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,  # noqa: S701 - the other one writes plain text
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
