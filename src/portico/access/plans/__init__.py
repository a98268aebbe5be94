"""Usage plans and limits: what `auth/plans.yaml` declares."""

from portico.access.plans.compile import cost_of
from portico.access.plans.document import FILE
from portico.access.plans.model import Limit, Plan, Quota, Share, Throttle
from portico.access.plans.plans import Plans
from portico.access.plans.window import Window

__all__ = ["FILE", "Limit", "Plan", "Plans", "Quota", "Share", "Throttle", "Window", "cost_of"]
