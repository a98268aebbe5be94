"""The pages that people see, and the browser's side of signing in."""

from portico.identity.pages.errors import FormRefused, PageError
from portico.identity.pages.headers import source_of
from portico.identity.pages.pages import Pages

__all__ = ["FormRefused", "PageError", "Pages", "source_of"]
