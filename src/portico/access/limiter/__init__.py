"""Holding calls to plans and limits: which buckets a call takes from, and what is said of it."""

from portico.access.limiter.limiter import Admission, Key, Limiter, OperationLimiter
from portico.access.limiter.take import Rule, Take

__all__ = ["Admission", "Key", "Limiter", "OperationLimiter", "Rule", "Take"]
