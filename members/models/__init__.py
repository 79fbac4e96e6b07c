"""The tables of people, of how they join, of mail to them, and of the access record."""

from members.models.application import Application, ApplicationEntry
from members.models.audit import AccessLink, AccessRecord, HeadToLeave, RecordedWords, RecordHead
from members.models.data_export import DataExport
from members.models.erased_person import ErasedPerson
from members.models.invitation import Invitation
from members.models.joining import ApplicationQuestion, JoiningSettings
from members.models.member_import import MemberImport
from members.models.membership import Membership, MembershipLevel
from members.models.organisation import Organisation
from members.models.outgoing_mail import OutgoingMail
from members.models.profile import Profile
from members.models.user import User

__all__ = [
    "AccessLink", "AccessRecord", "Application", "ApplicationEntry", "ApplicationQuestion", "DataExport",
    "ErasedPerson", "HeadToLeave", "Invitation", "JoiningSettings", "MemberImport", "Membership", "MembershipLevel",
    "Organisation", "OutgoingMail", "Profile", "RecordHead", "RecordedWords", "User",
]  # fmt: skip
