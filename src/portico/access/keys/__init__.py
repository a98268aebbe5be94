"""API keys: given to partners, held to usage plans."""

from portico.access.keys.errors import (
    ApiKeyDisabled,
    ApiKeyError,
    ApiKeyExpired,
    ApiKeyRefused,
    ApiKeyUnknown,
)
from portico.access.keys.model import ApiKey, KeySecret, NewApiKey

__all__ = [
    "ApiKey",
    "ApiKeyDisabled",
    "ApiKeyError",
    "ApiKeyExpired",
    "ApiKeyRefused",
    "ApiKeyUnknown",
    "KeySecret",
    "NewApiKey",
]
