"""The fixed words of membership and of the access record."""

from django.db import models


class Decision(models.TextChoices):
    """What the association decided about a membership. What *follows* from it and from the dates is `Standing`."""

    PENDING = "pending", "Waiting for approval"
    APPROVED = "approved", "Approved"
    SUSPENDED = "suspended", "Suspended"


class Standing(models.TextChoices):
    """Where a person stands today; computed in the database from the decision and the dates, never stored."""

    VISITOR = "visitor", "Not signed in"
    NONE = "none", "No membership"
    APPLICANT = "applicant", "Waiting for approval"
    CURRENT = "current", "Current member"
    LAPSED = "lapsed", "Lapsed"
    SUSPENDED = "suspended", "Suspended"


class Action(models.TextChoices):
    """What a row of the access record says happened."""

    OPENED = "opened", "Opened a paper's page"
    DOWNLOADED = "downloaded", "Downloaded a paper"
    REFUSED = "refused", "Was refused a paper"
    FAILED = "failed", "A paper could not be delivered"
    UPLOADED = "uploaded", "Uploaded a paper"
    REPLACED = "replaced", "Replaced a paper's file"
    CHANGED = "changed", "Changed a paper's details"
    WITHDRAWN = "withdrawn", "Withdrew a paper"
    RESTORED = "restored", "Brought a paper back"
    INSPECTED = "inspected", "A file was inspected"
    DELETED = "deleted", "Deleted a paper"
    AUDIENCE_CHANGED = "audience_changed", "Changed a folder's audience"
    MEMBERSHIP_APPROVED = "membership_approved", "Approved a membership"
    MEMBERSHIP_SUSPENDED = "membership_suspended", "Suspended a membership"
    MEMBERSHIP_REINSTATED = "membership_reinstated", "Reinstated a membership"
    MEMBERSHIP_EXTENDED = "membership_extended", "Extended a membership"
    MEMBERSHIP_CHANGED = "membership_changed", "Changed a membership's details"
    GROUPS_CHANGED = "groups_changed", "Changed a person's groups"
    GROUP_CHANGED = "group_changed", "Changed what a group may do"
    GROUP_DELETED = "group_deleted", "Deleted a group"
    ACCOUNT_CHANGED = "account_changed", "Changed what an account is"
    COMMENT_WRITTEN = "comment_written", "Wrote a comment"
    COMMENT_CHANGED = "comment_changed", "Changed a comment"
    COMMENT_WITHDRAWN = "comment_withdrawn", "Withdrew a comment"
    COMMENT_REPORTED = "comment_reported", "Reported a comment"
    COMMENT_APPROVED = "comment_approved", "Let a comment appear"
    COMMENT_REMOVED = "comment_removed", "Took a comment down"
    RECORD_EXPORTED = "record_exported", "Exported the access record"
