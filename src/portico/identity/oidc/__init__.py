"""The OpenID provider: who a person is, for the applications that they use."""

from portico.identity.oidc.provider import Provider
from portico.identity.oidc.tokens import Tokens

__all__ = ["Provider", "Tokens"]
