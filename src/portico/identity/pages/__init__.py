"""The pages that people see, and the browser's side of signing in.

`Pages` is imported when it is asked for: other pages are made of the same parts, without a pool.
"""

from typing import TYPE_CHECKING

from portico.identity.pages.errors import FormRefused, PageError
from portico.identity.pages.headers import source_of

if TYPE_CHECKING:
    from portico.identity.pages.pages import Pages

__all__ = ["FormRefused", "PageError", "Pages", "source_of"]


def __getattr__(name: str) -> object:
    if name == "Pages":
        from portico.identity.pages.pages import Pages

        return Pages
    raise AttributeError(name)
