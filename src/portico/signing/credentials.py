"""What a request is signed with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from portico.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, temporary where it has a session token."""

    access_key_id: str
    secret_key: Secret
    session_token: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Credentials | None:
        """The credentials of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.

        Args:
            environ: the environment variables.

        Returns:
            None where there are none.
        """
        access_key_id, secret_key = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
        if not access_key_id or not secret_key:
            return None
        return cls(access_key_id, Secret(secret_key), environ.get("AWS_SESSION_TOKEN") or None)
