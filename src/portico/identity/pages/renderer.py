"""Pages, from templates that escape everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from portico.identity.pages import headers
from portico.identity.pages.forms import FIELD, Forms
from portico.identity.pages.theme import ThemeFile
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo

NOTHING: Mapping[str, object] = {}


class _Fields(dict[str, object]):
    """What forms show by the name of a field; nothing for those that have nothing."""

    def __missing__(self, name: str) -> str:
        return ""


class Renderer:
    """Renders the templates of this package."""

    def __init__(self, pool: Pool, *, forms: Forms, theme: ThemeFile) -> None:
        self._pool = pool
        self._forms = forms
        self._theme = theme
        self._returning = ReturnTo(pool)
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("portico.identity.pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["when"] = _when
        self._environment.globals.update(
            site=pool.settings.title or pool.name,
            path=pool.path,
            home=pool.origin,
            settings=pool.settings,
            development=pool.development,
        )

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, object] = NOTHING,
        *,
        status: int = 200,
        form_action: Iterable[str] = (),
        faults: Mapping[str, object] = NOTHING,
    ) -> HTMLResponse:
        """A page.

        Args:
            request: which it answers.
            template: its name in `templates/`.
            values: what the template shows. Its text is escaped. `given`: field -> what was typed into it.
            status: of the answer.
            form_action: source expressions of where a redirect after its form may lead; see `headers.source_of`.
            faults: field -> what is wrong with it.
        """
        token, fresh = self._forms.token(request)
        kept = request.query_params.get("return_to", "")
        given = values.get("given")
        text = self._environment.get_template(template).render(
            {
                "fault": None,
                "user": None,
                "note": None,
                "again": None,
                "fields": NOTHING,
                **values,
                "faults": _Fields(faults),
                "given": _Fields(given if isinstance(given, Mapping) else NOTHING),
                "csrf": Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token),
                "return_to": kept,
                "link": partial(self.link, return_to=kept),
                "has_logo": self._theme.current().logo is not None,
            }
        )
        response = HTMLResponse(text, status, headers.page(form_action))
        if fresh is not None:
            self._forms.write(response, fresh)
        return response

    def link(self, to: str, *, return_to: str = "", note: str = "") -> str:
        """The address of a page.

        Args:
            to: below the pool's path: "/login".
            return_to: what the page carries on.
            note: the name of what the page shall say.
        """
        query = urlencode({key: value for key, value in (("return_to", return_to), ("note", note)) if value})
        return f"{self._pool.path}{to}" + (f"?{query}" if query else "")

    def destination(self, request: Request) -> str | None:
        """Where the browser goes on after signing in, as it was sealed; None where nothing was."""
        return self._returning.open(request.query_params.get("return_to", ""))


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")
