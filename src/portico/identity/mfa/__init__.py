"""Second factors: codes of an authenticator app, passkeys, recovery codes."""

from portico.identity.mfa.errors import (
    LastMethod,
    MethodNotOffered,
    MfaError,
    NotEnrolled,
    PasskeyRefused,
    TooManyCodes,
    TooManyPasskeys,
    WrongCode,
)
from portico.identity.mfa.model import Enrolled, Methods, Passkey, TotpSetup
from portico.identity.mfa.policy import policy_for
from portico.identity.mfa.repository import held_of
from portico.identity.mfa.service import Mfa

__all__ = [
    "Enrolled",
    "LastMethod",
    "MethodNotOffered",
    "Methods",
    "Mfa",
    "MfaError",
    "NotEnrolled",
    "Passkey",
    "PasskeyRefused",
    "TooManyCodes",
    "TooManyPasskeys",
    "TotpSetup",
    "WrongCode",
    "held_of",
    "policy_for",
]
