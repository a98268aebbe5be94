"""What happened to identities: who, what, when, from where. Entries are added, never changed."""

from portico.identity.audit.events import Event
from portico.identity.audit.log import AuditLog, Outcome

__all__ = ["AuditLog", "Event", "Outcome"]
