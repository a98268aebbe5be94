"""What can be wrong with a signed request.

PorticoError
└── SigningError
    ├── CannotSign                    what was to be signed cannot be: a wrong expiry, a URL that is none
    ├── ReplayGuardFull               the server remembers as many requests as it may; a request is answered with 503
    └── SignatureError                the client's fault; a request is answered with 403
        ├── IncompleteSignature       a part of it is missing, or is not what it should be
        │   ├── UnsupportedAlgorithm  another one than AWS4-HMAC-SHA256
        │   ├── SignedTwice           several signatures, or a parameter of one given twice
        │   └── NonceMissing          the operation wants a nonce
        ├── HeaderNotSigned           a header that must be signed is not
        ├── WrongScope                the credential is for another date, region or service
        ├── RequestExpired            it is too old; the message says by how much
        ├── RequestFromTheFuture      it is too new; the message says by how much
        ├── PayloadNotSigned          UNSIGNED-PAYLOAD where the operation does not take it, or STREAMING-...
        ├── PayloadMismatch           the body is not the one whose hash was sent
        ├── SignatureMismatch         it was not signed with this key, or was changed on the way
        └── SignatureReplayed         it was seen before

Where AWS has words for a situation, the messages use them, so that they can be searched for. None tells a secret, and
none tells the signature that would have been right.
"""

from __future__ import annotations

from portico.errors import PorticoError, Unavailable


class SigningError(PorticoError):
    """The root of this tree."""


class CannotSign(SigningError):
    """What was given cannot be signed."""


class ReplayGuardFull(SigningError, Unavailable):
    """No more requests can be remembered now, so none that must be remembered is let through."""


class SignatureError(SigningError):
    """The signature of a request is not accepted."""

    code = "InvalidSignatureException"
    """AWS's name of the situation, which its SDKs know (`x-amzn-ErrorType`)."""


class IncompleteSignature(SignatureError):
    """A part of the signature is missing, or malformed."""

    code = "IncompleteSignatureException"


class UnsupportedAlgorithm(IncompleteSignature):
    """The request is signed in a way that is not spoken here."""


class SignedTwice(IncompleteSignature):
    """There are several signatures, or one with parameters that contradict each other."""


class NonceMissing(IncompleteSignature):
    """The operation wants a nonce, and there is none, or one that cannot be one."""


class HeaderNotSigned(SignatureError):
    """A header that must be signed is not."""


class WrongScope(SignatureError):
    """The credential was made for another date, region or service."""


class RequestExpired(SignatureError):
    """The request is older than it may be."""


class RequestFromTheFuture(SignatureError):
    """The request was signed at a time that has not come."""


class PayloadNotSigned(SignatureError):
    """The body is not covered by the signature."""


class PayloadMismatch(SignatureError):
    """The body is not the one that the request says it signed."""


class SignatureMismatch(SignatureError):
    """The signature is not the one that this request has with this key."""


class SignatureReplayed(SignatureError):
    """The request was seen before."""
