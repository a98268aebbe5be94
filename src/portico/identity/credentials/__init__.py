"""Temporary credentials for tokens, and long-lived access keys of machines: what requests are signed with."""

from portico.identity.credentials.errors import CredentialsError, CredentialsRefused, ExchangeRefused
from portico.identity.credentials.model import AccessKey, Resolved, TemporaryCredentials
from portico.identity.credentials.service import CredentialService

__all__ = [
    "AccessKey",
    "CredentialService",
    "CredentialsError",
    "CredentialsRefused",
    "ExchangeRefused",
    "Resolved",
    "TemporaryCredentials",
]
