"""The relying party's half of passkeys (Web Authentication level 3 sections 7.1 and 7.2): options, and what comes back.

Nothing here knows the database. The library's exceptions end here: a browser may send anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portico.identity.mfa.challenge import LIFETIME
from portico.identity.mfa.errors import PasskeyRefused
from portico.identity.mfa.repository import StoredPasskey
from portico.identity.users.model import User

_TIMEOUT = int(LIFETIME * 1_000)  # milliseconds


@dataclass(frozen=True, slots=True)
class New:
    """A passkey that a browser has just made."""

    credential_id: bytes
    public_key: bytes  # COSE_Key
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool


class RelyingParty:
    """The project, as authenticators know it."""

    def __init__(self, *, origin: str, title: str) -> None:
        """Prepare.

        Args:
            origin: "https://shop.example".
            title: as authenticators show it.
        """
        self._origin = origin
        self._id = urlsplit(origin).hostname or ""
        self._title = title

    @property
    def has_name(self) -> bool:
        """Whether its host is a domain, as passkeys need it: an address of the network cannot be their `rpId`."""
        try:
            ip_address(self._id)
        except ValueError:
            return bool(self._id)
        return False

    def creation_options(self, user: User, challenge: bytes, existing: Sequence[StoredPasskey]) -> str:
        """JSON for `navigator.credentials.create`."""
        options = generate_registration_options(
            rp_id=self._id,
            rp_name=self._title,
            user_id=user.id.encode(),
            user_name=user.username,
            challenge=challenge,
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=_descriptors(existing),
        )
        return options_to_json(options)

    def request_options(self, challenge: bytes, allowed: Sequence[StoredPasskey]) -> str:
        """JSON for `navigator.credentials.get`. Where none is named, the person is verified and picks one."""
        needed = UserVerificationRequirement.PREFERRED if allowed else UserVerificationRequirement.REQUIRED
        options = generate_authentication_options(
            rp_id=self._id,
            challenge=challenge,
            timeout=_TIMEOUT,
            allow_credentials=_descriptors(allowed),
            user_verification=needed,
        )
        return options_to_json(options)

    def created(self, credential: RegistrationCredential, challenge: bytes) -> New:
        """The passkey that a browser has made for a challenge.

        Raises:
            PasskeyRefused: it does not fit.
        """
        try:
            found = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._id,
                expected_origin=self._origin,
            )
        except Exception as error:  # bytes of strangers: CBOR, certificates and keys fail in many ways
            raise PasskeyRefused("This passkey cannot be added.") from error
        return New(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=tuple(transport.value for transport in credential.response.transports or ()),
            backed_up=found.credential_backed_up,
        )

    def used(
        self, credential: AuthenticationCredential, challenge: bytes, stored: StoredPasskey, *, alone: bool
    ) -> VerifiedAuthentication:
        """The use of a passkey for a challenge.

        Args:
            credential: what the browser sent.
            challenge: that it must be for.
            stored: the passkey that it names.
            alone: whether it takes the place of the password: then its person must have been verified.

        Raises:
            PasskeyRefused: it does not fit, or the counter says that the authenticator has been copied.
        """
        try:
            return verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._id,
                expected_origin=self._origin,
                credential_public_key=stored.public_key,
                credential_current_sign_count=stored.sign_count,
                require_user_verification=alone,
            )
        except Exception as error:  # bytes of strangers: see above
            raise PasskeyRefused("This passkey was not accepted.") from error


def read_created(response: str) -> tuple[RegistrationCredential, bytes]:
    """What a browser sent after `create`, and the challenge that it is for.

    Raises:
        PasskeyRefused: it is no such answer.
    """
    try:
        credential = parse_registration_credential_json(response)
    except Exception as error:  # bytes of strangers: see above
        raise PasskeyRefused("This passkey cannot be added.") from error
    return credential, _challenge(credential.response.client_data_json)


def read_used(response: str) -> tuple[AuthenticationCredential, bytes]:
    """What a browser sent after `get`, and the challenge that it is for.

    Raises:
        PasskeyRefused: it is no such answer.
    """
    try:
        credential = parse_authentication_credential_json(response)
    except Exception as error:  # bytes of strangers: see above
        raise PasskeyRefused("This passkey was not accepted.") from error
    return credential, _challenge(credential.response.client_data_json)


def _challenge(client_data: bytes) -> bytes:
    try:
        data = parse_client_data_json(client_data)
    except Exception as error:  # bytes of strangers: see above
        raise PasskeyRefused("This passkey was not accepted.") from error
    if data.cross_origin:
        raise PasskeyRefused("A passkey cannot be used from within the page of another site.")
    return data.challenge


def _descriptors(stored: Sequence[StoredPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(name) for name in one.transports]
        )
        for one in stored
    ]
