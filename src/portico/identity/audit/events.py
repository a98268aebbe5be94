"""The names of what the audit log tells. Each feature has its own block; a name is never given a second meaning."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """Something that matters to the security of a pool."""

    # accounts
    SIGN_UP = "sign_up"
    SIGN_UP_REPEATED = "sign_up_repeated"  # for a name or an e-mail that somebody has
    SIGN_UP_CONFIRMED = "sign_up_confirmed"
    CODE_SENT = "code_sent"
    CODE_REFUSED = "code_refused"
    USER_CREATED = "user_created"  # by an operator, an import or a migration
    USER_CHANGED = "user_changed"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    USER_DELETED = "user_deleted"
    USER_EXPORTED = "user_exported"
    GROUP_ADDED = "group_added"
    GROUP_REMOVED = "group_removed"
    TRIGGER_FAILED = "trigger_failed"

    # signing in and out
    SIGN_IN = "sign_in"
    SESSION_BEGUN = "session_begun"  # in a browser, after every factor; details: how (RFC 8176)
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED = "locked"  # attempts are refused for a while
    SIGN_OUT = "sign_out"
    SIGN_OUT_EVERYWHERE = "sign_out_everywhere"

    # passwords and e-mail addresses
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105 - a name
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"

    # second factors and passkeys
    MFA_PASSED = "mfa_passed"
    MFA_FAILED = "mfa_failed"
    MFA_LOCKED = "mfa_locked"  # codes are refused for a while
    MFA_ADDED = "mfa_added"  # details: method
    MFA_CHANGED = "mfa_changed"
    MFA_REMOVED = "mfa_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"

    # mails, imports and exports
    MAIL_FAILED = "mail_failed"  # given up
    USERS_IMPORTED = "users_imported"
    USERS_EXPORTED = "users_exported"

    # the OpenID provider: tokens, clients, signing keys
    TOKEN_ISSUED = "token_issued"  # noqa: S105 - a name
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a name
    REFRESH_REUSED = "refresh_reused"  # the family is revoked
    CODE_REPLAYED = "code_replayed"  # what it issued is revoked
    DEVICE_ASKED = "device_asked"  # a device asked for a code that somebody approves
    DEVICE_APPROVED = "device_approved"
    DEVICE_DENIED = "device_denied"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    CLIENT_CREATED = "client_created"
    CLIENT_SECRET_MADE = "client_secret_made"  # noqa: S105 - a name
    CLIENT_DELETED = "client_deleted"
    KEY_ROTATED = "key_rotated"

    # other providers
    FEDERATED_SIGN_IN = "federated_sign_in"  # details: issuer
    FEDERATED_LINKED = "federated_linked"  # details: issuer

    # temporary credentials and access keys
    CREDENTIALS_ISSUED = "credentials_issued"  # details: role, access_key, seconds
    CREDENTIALS_REFUSED = "credentials_refused"  # for a valid token
    CREDENTIALS_REVOKED = "credentials_revoked"  # before their time, by their access key id
    ACCESS_KEY_CREATED = "access_key_created"
    ACCESS_KEY_ROTATED = "access_key_rotated"  # details: the new one, and when the old one ends
    ACCESS_KEY_DISABLED = "access_key_disabled"
    ACCESS_KEY_ENABLED = "access_key_enabled"
    ACCESS_KEY_DELETED = "access_key_deleted"

    # API keys; details: key, and what concerns it
    API_KEY_CREATED = "api_key_created"
    API_KEY_CHANGED = "api_key_changed"
    API_KEY_ROTATED = "api_key_rotated"  # details: when the old secret ends
    API_KEY_DISABLED = "api_key_disabled"
    API_KEY_ENABLED = "api_key_enabled"
    API_KEY_DELETED = "api_key_deleted"
    API_KEY_CLAIMED = "api_key_claimed"  # somebody showed its secret, and it is theirs from now on
    API_KEYS_IMPORTED = "api_keys_imported"  # details: created, changed
    QUOTA_RESET = "quota_reset"
    QUOTA_EXTENDED = "quota_extended"  # details: by how much
