"""JSON Web Tokens, verified: the project's own and those of other issuers."""

from portico.tokens.issuer import Issuer
from portico.tokens.jwks import Discovered, Key, KeySource, keys_of
from portico.tokens.verify import InvalidToken, Rules, verify

__all__ = ["Discovered", "InvalidToken", "Issuer", "Key", "KeySource", "Rules", "keys_of", "verify"]
