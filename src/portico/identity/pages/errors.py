"""What can go wrong with a page before it does its work. Each is answered with a page of its own.

PorticoError
└── PageError              has the `status` of the answer
    ├── FormRefused        403: the form is not one that this browser got from us, or it got it too long ago
    ├── FormUnreadable     400: not a form, not JSON, or too many fields
    ├── FormTooLarge       413
    └── PageUnknown        404
"""

from __future__ import annotations

from portico.errors import PorticoError


class PageError(PorticoError):
    """The root of this tree."""

    status = 400
    title = "This did not work"


class FormRefused(PageError):
    """The form does not come from a page that this browser got from us (CSRF)."""

    status = 403
    title = "Please try that again"


class FormUnreadable(PageError):
    """What was sent is no form."""


class FormTooLarge(PageError):
    """More was sent than any form holds."""

    status = 413


class PageUnknown(PageError):
    """There is no such page."""

    status = 404
    title = "There is nothing here"
