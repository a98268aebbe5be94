"""What can go wrong when people are moved.

PorticoError
└── TransferError
    ├── FileRefused   the file cannot be read, or its header is none: nobody was moved
    └── RowRefused    one row cannot be taken; the others can
"""

from __future__ import annotations

from portico.errors import PorticoError


class TransferError(PorticoError):
    """The root of this tree."""


class FileRefused(TransferError):
    """The whole file cannot be used."""


class RowRefused(TransferError):
    """One row cannot be taken."""
