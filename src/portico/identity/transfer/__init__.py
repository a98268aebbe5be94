"""People on their way in and out: CSV and JSON lines, with their password hashes."""

from portico.identity.transfer.errors import FileRefused, RowRefused, TransferError
from portico.identity.transfer.exporter import export_users
from portico.identity.transfer.importer import import_users
from portico.identity.transfer.model import Form, Imported, Refused

__all__ = [
    "FileRefused",
    "Form",
    "Imported",
    "Refused",
    "RowRefused",
    "TransferError",
    "export_users",
    "import_users",
]
