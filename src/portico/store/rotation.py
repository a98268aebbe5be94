"""A new project secret in the place of an old one, while servers run.

The secrets of the file are the current one and those before it. A running server looks at the file once a second, and
when it meets what it cannot open. So a rotation puts a new secret in front, seals everything in the database again,
and later, when nothing outside the database was sealed with the old one any more, drops that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from portico.store import sealed, secret_file
from portico.store.database import Database
from portico.store.errors import SecretKept
from portico.store.sealed import Resealed
from portico.store.secrets import Secrets
from portico.store.tables import load


def begin(root: Path, environ: Mapping[str, str] = os.environ) -> Secrets:
    """Put a new secret in front of those in the file.

    Args:
        root: the project's folder.
        environ: the environment variables.

    Raises:
        SecretMissing: there is none yet, or the file cannot be written.
        SecretKept: the secret is in the environment, which is changed where it is set.
    """
    _refuse_variable(environ)
    Secrets.load(root, environ)
    secret_file.replace(root, [Secrets.generate(), *secret_file.read(root, environ)])
    return Secrets.load(root, environ)


def reseal(db: Database, secrets: Secrets) -> list[Resealed]:
    """Seal with the current secret everything in the database that an earlier one sealed.

    Args:
        db: the database.
        secrets: the current secret and those before it.
    """
    return list(sealed.reseal(db, secrets, load()))


def end(root: Path, environ: Mapping[str, str] = os.environ) -> int:
    """Drop every secret but the current one; call `reseal` first.

    Args:
        root: the project's folder.
        environ: the environment variables.

    Returns:
        How many were dropped.

    Raises:
        SecretMissing: there is none, or the file cannot be written.
        SecretKept: the secret is in the environment, which is changed where it is set.
    """
    _refuse_variable(environ)
    Secrets.load(root, environ)
    current, *earlier = secret_file.read(root, environ)
    if earlier:
        secret_file.replace(root, [current])
    return len(earlier)


def _refuse_variable(environ: Mapping[str, str]) -> None:
    if environ.get(secret_file.VARIABLE):
        raise SecretKept(f"The secret is in {secret_file.VARIABLE}, which is changed where it is set.")
