"""The pages, from templates that escape everything. Frame, fields and style are those of the pool's pages."""

from __future__ import annotations

from importlib import resources

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from portico.access.account import words
from portico.identity.pages import headers
from portico.identity.pages.assets import Assets
from portico.identity.pages.forms import FIELD, Forms
from portico.identity.pages.theme import ThemeFile

FILES = {"account.css": "text/css", "account.js": "text/javascript"}
ALONE = {"cross-origin-opener-policy": "same-origin"}  # nobody signs in through these pages in a popup


class Renderer:
    """Renders the templates of this package."""

    def __init__(self, *, path: str, site: str, home: str, pool_path: str, forms: Forms, theme: ThemeFile) -> None:
        """Make one.

        Args:
            path: where the pages begin: "/account".
            site: what the project is called.
            home: its origin.
            pool_path: where the pool's pages begin; "" where there is none.
            forms: makes the tokens of forms.
            theme: of the project.
        """
        self._forms = forms
        self._theme = theme
        packages = ("portico.access.account", "portico.identity.pages")
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in packages]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["when"] = words.moment
        self._environment.globals.update(site=site, path=path, home=home, pool_path=pool_path)

    def assets(self) -> Assets:
        """Style and scripts."""
        folder = resources.files("portico.access.account") / "static"
        return Assets(self._theme, further={name: ((folder / name).read_bytes(), type) for name, type in FILES.items()})

    def render(self, request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page.

        Args:
            request: which it answers.
            template: its name in `templates/`.
            status: of the answer.
            values: what the template shows. Its text is escaped.
        """
        token, fresh = self._forms.token(request)
        text = self._environment.get_template(template).render(
            {
                "fault": None,
                "faults": {},
                "note": None,
                "visitor": None,
                **values,
                "csrf": Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token),
                "has_logo": self._theme.current().logo is not None,
            }
        )
        response = HTMLResponse(text, status, {**headers.page(), **ALONE})
        if fresh is not None:
            self._forms.write(response, fresh)
        return response
