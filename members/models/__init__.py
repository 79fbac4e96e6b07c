"""The tables of people and of the access record."""

from members.models.audit import AccessRecord
from members.models.membership import Membership, MembershipLevel
from members.models.organisation import Organisation
from members.models.user import User

__all__ = ["AccessRecord", "Membership", "MembershipLevel", "Organisation", "User"]
