"""Going from page to page: what the next call is, from what the last one gave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from .absent import ABSENT
from .call import follow, perform
from .core import Core
from .errors import BadArgument, UnexpectedAnswer
from .model import Model
from .operation import Arguments, Operation
from .options import Options
from .response import Response
from .steps import Plan

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


class Pager:
    """The pages of one operation, one call each.

    Args:
        core: of the client.
        operation: that has pages.
        arguments: of the first call.
        options: of all calls.
    """

    def __init__(self, core: Core, operation: Operation, arguments: Arguments, options: Options | None) -> None:
        if operation.pages is None:
            raise BadArgument(f"{operation.id} has no pages.")
        self._core = core
        self._operation = operation
        self._pages = operation.pages
        self._values = list(arguments.parameters)
        self._arguments = arguments
        self._options = options
        self._url: str | None = None
        self._been: set[str] = set()  # cursors and addresses of pages
        self._last = b""  # the answer before
        self.goes_on = True

    def fetch(self) -> Plan[Sequence[Any]]:
        """The items of the next page."""
        response = yield from self._called()
        if self._is_the_same(response):
            self.goes_on = False
            return ()
        found = walk(response.data, self._pages.items)
        items: Sequence[Any] = found if isinstance(found, list) else []
        self.goes_on = self._move(response, items)
        return items

    def _is_the_same(self, response: Response[Any]) -> bool:
        """Whether the server gives one page for ever, whatever number it is asked for."""
        before, self._last = self._last, response.body
        return self._pages.kind in ("page", "offset") and bool(before) and before == response.body

    def _called(self) -> Plan[Response[Any]]:
        if self._url is not None:
            return (yield from follow(self._core, self._operation, self._arguments, self._url, self._options))
        arguments = self._arguments._replace(parameters=self._values)
        return (yield from perform(self._core, self._operation, arguments, self._options))

    def _move(self, response: Response[Any], items: Sequence[Any]) -> bool:
        """Make ready for the next page; gives whether there is one."""
        pages = self._pages
        if pages.more and walk(response.data, pages.more) is False:
            return False
        if pages.kind == "link":
            shown = walk(response.data, pages.cursor) if pages.cursor else next_link(response.headers.get("link", ""))
            return self._move_to(response.url, shown if isinstance(shown, str) else None)
        if pages.kind == "cursor":
            cursor = walk(response.data, pages.cursor)
            return self._move_by(cursor)
        if not items:
            return False
        before = self._values[pages.parameter]
        start = before if isinstance(before, int) else (pages.first if pages.kind == "page" else 0)
        self._values[pages.parameter] = start + (1 if pages.kind == "page" else len(items))
        return True

    def _move_by(self, cursor: Any) -> bool:
        if cursor is ABSENT or cursor is None or cursor == "" or not self._is_new(str(cursor)):
            return False
        self._values[self._pages.parameter] = cursor
        return True

    def _move_to(self, here: str, url: str | None) -> bool:
        if not url:
            return False
        try:
            self._url = urljoin(here, url)
        except ValueError:
            raise UnexpectedAnswer(self._operation.id, "the address of the next page is none") from None
        return self._is_new(self._url)

    def _is_new(self, place: str) -> bool:
        """Whether it is the first time that a page is there: a way that goes round has no end."""
        known = place in self._been
        self._been.add(place)
        return not known


def walk(value: Any, way: Sequence[str]) -> Any:
    """What stands at a place of an answer, by the names of JSON; `ABSENT` where nothing does.

    Args:
        value: the answer.
        way: the names.
    """
    for step in way:
        if isinstance(value, Model):
            name = next((field[1] for field in value._fields_ if field[0] == step), None)
            value = value.additional.get(step, ABSENT) if name is None else getattr(value, name)
        elif isinstance(value, dict):
            value = value.get(step, ABSENT)
        else:
            return ABSENT
    return value


def next_link(header: str) -> str | None:
    """The address with `rel=next` of a `Link` header (RFC 8288 section 3).

    Args:
        header: its value.
    """
    for address, rest in _LINK.findall(header[:20_000]):
        found = _REL.search(rest)
        if found and "next" in (found[1] or found[2] or "").lower().split():
            return str(address)
    return None
