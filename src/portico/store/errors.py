"""What can go wrong with the state of a project.

PorticoError
└── StoreError
    ├── DatabaseUnavailable   it cannot be reached, or the file cannot be used
    ├── DatabaseBusy          too many wait for it; a request is answered with 503
    ├── SchemaOutdated        the tables are of another version of Portico
    ├── CannotBackUp          there is a file already, or the database is backed up with its own tools
    ├── SecretMissing         there is no project secret, or it is too weak
    ├── SecretKept            a secret cannot be made, changed or dropped the way that was asked for
    └── NotSealedHere         what was to be opened was not sealed with this project's secret, or was changed
"""

from __future__ import annotations

from portico.errors import PorticoError, Unavailable


class StoreError(PorticoError):
    """The root of this tree."""


class DatabaseUnavailable(StoreError, Unavailable):
    """The database cannot be reached, or its file cannot be used."""


class DatabaseBusy(StoreError, Unavailable):
    """Too many transactions wait already, or another process holds the database for too long."""


class SchemaOutdated(StoreError):
    """The tables are older, or newer, than this version of Portico."""


class CannotBackUp(StoreError):
    """There is a file of that name already, or the database is backed up with tools of its own."""


class SecretMissing(StoreError):
    """There is no project secret, or it is not one."""


class SecretKept(StoreError):
    """A secret cannot be made, changed or dropped in the way that was asked for."""


class NotSealedHere(StoreError):
    """What was to be opened was not sealed here, or has been changed since."""
