"""The fixed words of membership and of the access record."""

from django.db import models


class Decision(models.TextChoices):
    """What the association decided about a membership. What *follows* from it and from the dates is `Standing`."""

    PENDING = "pending", "Waiting for approval"
    APPROVED = "approved", "Approved"
    SUSPENDED = "suspended", "Suspended"
    RESIGNED = "resigned", "Resigned"


class Standing(models.TextChoices):
    """Where a person stands today; computed in the database from the decision and the dates, never stored."""

    VISITOR = "visitor", "Not signed in"
    NONE = "none", "No membership"
    APPLICANT = "applicant", "Waiting for approval"
    CURRENT = "current", "Current member"
    GRACE = "grace", "Current member, in grace"
    LAPSED = "lapsed", "Lapsed"
    SUSPENDED = "suspended", "Suspended"
    RESIGNED = "resigned", "Resigned"
    LEAVING = "leaving", "Leaving"

    @property
    def opens_papers(self) -> bool:
        """Whether it is a current member's, with time to spare or in the days of grace."""
        return self in (Standing.CURRENT, Standing.GRACE)


class ImportState(models.TextChoices):
    """Where an import of a register is on its way."""

    ASSIGNING = "assigning", "Columns are being assigned"
    CHECKING = "checking", "Being checked"
    REFUSED = "refused", "Has problems: nothing was imported"
    CHECKED = "checked", "Checked: nothing has been imported yet"
    IMPORTING = "importing", "Being imported"
    DONE = "done", "Imported"


class ExportState(models.TextChoices):
    """Where the file with everything that is kept about a person stands."""

    WAITING = "waiting", "Being made"
    READY = "ready", "Ready"


class ApplicationState(models.TextChoices):
    """Where an application for membership stands. `NEW`, `REVIEW` and `ASKED` are open."""

    UNCONFIRMED = "unconfirmed", "E-mail address not confirmed"
    NEW = "new", "Received"
    REVIEW = "review", "Being looked at"
    ASKED = "asked", "More information asked"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn by the applicant"


class EntryKind(models.TextChoices):
    """What was said about an application. A note is for secretaries alone."""

    NOTE = "note", "Note"
    QUESTION = "question", "Question to the applicant"
    ANSWER = "answer", "The applicant's answer"
    LETTER = "letter", "Mail with the decision"


class InvitationState(models.TextChoices):
    """What was decided about an invitation. Whether its time is over follows from its date."""

    OPEN = "open", "Sent"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"


class MailState(models.TextChoices):
    """Where a mail is on its way."""

    WAITING = "waiting", "Waiting to be sent"
    PUT_OFF = "put off", "Put off, since the mail server asked for patience"
    SENDING = "sending", "Being sent, or broken off while it was"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused by the mail server"


class Action(models.TextChoices):
    """What a row of the access record says happened."""

    OPENED = "opened", "Opened a paper's page"
    READ = "read", "Read a paper online"
    DOWNLOADED = "downloaded", "Downloaded a paper"
    REFUSED = "refused", "Was refused a paper"
    FAILED = "failed", "A paper could not be delivered"
    UPLOADED = "uploaded", "Uploaded a paper"
    REPLACED = "replaced", "Replaced a paper's file"
    CHANGED = "changed", "Changed a paper's details"
    ASKED_FIRST = "asked_first", "Was asked for something before a paper left"
    TERMS_ACCEPTED = "terms_accepted", "Accepted the handling terms of a paper"
    TERMS_DECLINED = "terms_declined", "Did not accept the handling terms of a paper"
    TERMS_CHANGED = "terms_changed", "Changed the handling terms"
    COPY_TRACED = "copy_traced", "Traced a stamped copy"
    WITHDRAWN = "withdrawn", "Withdrew a paper"
    RESTORED = "restored", "Brought a paper back"
    INSPECTED = "inspected", "A file was inspected"
    RELEASED = "released", "Released a file from quarantine"
    RESCANNED = "rescanned", "Had files scanned again"
    DELETED = "deleted", "Deleted a paper"
    DESTROYED = "destroyed", "A paper's file was destroyed"
    FOLDER_CHANGED = "folder_changed", "Changed a folder's settings"
    ORPHANS_REMOVED = "orphans_removed", "Removed stored files that belonged to nothing"
    CONTRIBUTED = "contributed", "Brought a paper for review"
    CONTRIBUTION_ACCEPTED = "contribution_accepted", "Took in a member's paper"
    CONTRIBUTION_DECLINED = "contribution_declined", "Did not take in a member's paper"
    ACKNOWLEDGED = "acknowledged", "Confirmed having read a paper"
    REMINDED = "reminded", "Reminded members to confirm a paper"
    AUDIENCE_CHANGED = "audience_changed", "Changed a folder's audience"
    MEMBERSHIP_APPROVED = "membership_approved", "Approved a membership"
    MEMBERSHIP_SUSPENDED = "membership_suspended", "Suspended a membership"
    MEMBERSHIP_REINSTATED = "membership_reinstated", "Reinstated a membership"
    MEMBERSHIP_EXTENDED = "membership_extended", "Extended a membership"
    MEMBERSHIP_CHANGED = "membership_changed", "Changed a membership's details"
    MEMBERSHIP_ENDED = "membership_ended", "Ended a membership early"
    MEMBERSHIP_RESIGNED = "membership_resigned", "Resigned a membership"
    MEMBERSHIP_LAPSED = "membership_lapsed", "A membership lapsed"
    MEMBERSHIP_IMPORTED = "membership_imported", "Brought in a membership from a file"
    LEVEL_CHANGED = "level_changed", "Changed what a level of membership gives"
    MEMBERS_IMPORTED = "members_imported", "Imported a register of members"
    MEMBERS_EXPORTED = "members_exported", "Exported the list of members"
    APPLICATION_RECEIVED = "application_received", "Applied for membership"
    APPLICATION_TAKEN_UP = "application_taken_up", "Took up an application"
    APPLICATION_NOTED = "application_noted", "Wrote a note on an application"
    APPLICATION_ASKED = "application_asked", "Asked an applicant for more"
    APPLICATION_ANSWERED = "application_answered", "Answered about an application"
    APPLICATION_DECLINED = "application_declined", "Declined an application"
    APPLICATION_WITHDRAWN = "application_withdrawn", "Withdrew an application"
    INVITED = "invited", "Invited somebody"
    INVITATION_SENT_AGAIN = "invitation_sent_again", "Sent an invitation again"
    INVITATION_REVOKED = "invitation_revoked", "Revoked an invitation"
    INVITATION_ACCEPTED = "invitation_accepted", "Accepted an invitation"
    GROUPS_CHANGED = "groups_changed", "Changed a person's groups"
    GROUP_CHANGED = "group_changed", "Changed what a group may do"
    GROUP_DELETED = "group_deleted", "Deleted a group"
    ACCOUNT_CHANGED = "account_changed", "Changed what an account is"
    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Tried to sign in"
    SESSION_ENDED = "session_ended", "Signed a device out"
    FACTOR_ADDED = "factor_added", "Added a second step or a passkey"
    FACTOR_REMOVED = "factor_removed", "Removed a second step or a passkey"
    CODES_RENEWED = "codes_renewed", "Made new recovery codes"
    PASSWORD_CHANGED = "password_changed", "Changed the password"
    EMAIL_CHANGED = "email_changed", "Changed the e-mail address"
    COMMENT_WRITTEN = "comment_written", "Wrote a comment"
    COMMENT_CHANGED = "comment_changed", "Changed a comment"
    COMMENT_WITHDRAWN = "comment_withdrawn", "Withdrew a comment"
    COMMENT_REPORTED = "comment_reported", "Reported a comment"
    COMMENT_APPROVED = "comment_approved", "Let a comment appear"
    COMMENT_REMOVED = "comment_removed", "Took a comment down"
    REPORT_EXPORTED = "report_exported", "Exported a report on papers"
    MESSAGES_EXPORTED = "messages_exported", "Exported the messages of a contact page"
    RECORD_EXPORTED = "record_exported", "Exported the access record"
    DETAILS_CHANGED = "details_changed", "Changed own details"
    DIRECTORY_CHANGED = "directory_changed", "Changed own directory entry"
    ORGANISATION_DECIDED = "organisation_decided", "Decided about a member's organisation"
    DATA_ASKED = "data_asked", "Asked for everything kept about oneself"
    DATA_FETCHED = "data_fetched", "Fetched everything kept about oneself"
    LEAVING_ASKED = "leaving_asked", "Asked that a person's data be erased"
    LEAVING_WITHDRAWN = "leaving_withdrawn", "Came back before the erasure"
    PERSON_ERASED = "person_erased", "Erased a person"
    WORK_RUN_AGAIN = "work_run_again", "Had failed work done again"
    WORK_DISMISSED = "work_dismissed", "Dismissed failed work"
