"""`manage.py doctor`: looks at a live installation as an operator would, and says in sentences what is to be done."""

from portal.ops.doctor.examine import CHECKS, examine
from portal.ops.doctor.finding import Finding, State

__all__ = ["CHECKS", "Finding", "State", "examine"]
