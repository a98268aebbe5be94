"""Signed requests: AWS Signature Version 4, both sides.

headers = sign("POST", url, {"content-type": "application/json"}, body, credentials, region="us-east-1", now=now)

presented = present(received)                    # None: not signed. Raises where the signature is malformed
verify(received, presented, secret_key, now=now, rules=Rules("us-east-1"))      # raises where it is wrong
await check_replay(guard, received, presented, mode="signature", skew=300, now=now)
"""

from portico.signing.credentials import Credentials
from portico.signing.errors import (
    CannotSign,
    HeaderNotSigned,
    IncompleteSignature,
    NonceMissing,
    PayloadMismatch,
    PayloadNotSigned,
    ReplayGuardFull,
    RequestExpired,
    RequestFromTheFuture,
    SignatureError,
    SignatureMismatch,
    SignatureReplayed,
    SignedTwice,
    SigningError,
    UnsupportedAlgorithm,
    WrongScope,
)
from portico.signing.explain import Explanation, explain
from portico.signing.present import QUERY_NAMES, present
from portico.signing.received import Presented, Received
from portico.signing.replay import (
    MemoryReplayGuard,
    ReplayGuard,
    SharedReplayGuard,
    check_replay,
    check_replay_at_once,
    guard_for,
)
from portico.signing.sign import presign, sign
from portico.signing.verify import SERVICE, Rules, verify

__all__ = [
    "QUERY_NAMES",
    "SERVICE",
    "CannotSign",
    "Credentials",
    "Explanation",
    "HeaderNotSigned",
    "IncompleteSignature",
    "MemoryReplayGuard",
    "NonceMissing",
    "PayloadMismatch",
    "PayloadNotSigned",
    "Presented",
    "Received",
    "ReplayGuard",
    "ReplayGuardFull",
    "RequestExpired",
    "RequestFromTheFuture",
    "Rules",
    "SharedReplayGuard",
    "SignatureError",
    "SignatureMismatch",
    "SignatureReplayed",
    "SignedTwice",
    "SigningError",
    "UnsupportedAlgorithm",
    "WrongScope",
    "check_replay",
    "check_replay_at_once",
    "explain",
    "guard_for",
    "present",
    "presign",
    "sign",
    "verify",
]
