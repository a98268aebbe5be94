"""Who may call what: the roles of `auth/roles.yaml`, compiled into decisions."""

from portico.access.errors import RolesInvalid
from portico.access.explain import Explanation, explain
from portico.access.model import Call, Decision, Principal
from portico.access.roles import Roles

__all__ = ["Call", "Decision", "Explanation", "Principal", "Roles", "RolesInvalid", "explain"]
