"""The fixed words of the file share."""

from django.db import models


class Kind(models.TextChoices):
    """What a file is, judged by its content; the label is what people read beside a paper."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"
    PPTX = "pptx", "PowerPoint"
    ODT = "odt", "OpenDocument text"
    ODS = "ods", "OpenDocument spreadsheet"
    ODP = "odp", "OpenDocument presentation"
    TXT = "txt", "Plain text"
    CSV = "csv", "CSV table"
    PNG = "png", "PNG picture"
    JPEG = "jpeg", "JPEG picture"
    WEBP = "webp", "WebP picture"
    MP4 = "mp4", "MP4 video"
    ZIP = "zip", "Zip archive"


# How the browser shows a kind; all others are Office files, which are downloaded.
READ_AS = {
    Kind.PDF: "pages",
    Kind.TXT: "text",
    Kind.CSV: "table",
    Kind.PNG: "picture",
    Kind.JPEG: "picture",
    Kind.WEBP: "picture",
    Kind.MP4: "video",
}


class Inspection(models.TextChoices):
    """Where a stored file stands between arriving and being readable."""

    WAITING = "waiting", "Being checked"
    UNSCANNED = "unscanned", "Waiting for the virus scanner"
    PASSED = "passed", "Checked"
    QUARANTINED = "quarantined", "Held in quarantine"


class Change(models.TextChoices):
    """How much a new file of a paper differs from the former one, as its editor says."""

    MINOR = "minor", "Small correction"
    MAJOR = "major", "Real change"


class Making(models.TextChoices):
    """How far the worker is with a version's text and preview."""

    WAITING = "waiting", "Being made"
    MADE = "made", "Made"
    FAILED = "failed", "Not made"


class Telling(models.TextChoices):
    """Whether members hear of a paper by mail and on the site, once they may read it."""

    FOLDER = "folder", "As its folder does"
    YES = "yes", "Tell members"
    NO = "no", "Tell nobody"
    TOLD = "told", "Members have been told"


class Review(models.TextChoices):
    """What became of a paper that a member brought; empty for one that an editor brought."""

    NONE = "", ""
    WAITING = "waiting", "Waiting for an editor"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Not taken in"


class PaperState(models.TextChoices):
    """Why a paper is or is not out, for the people who may change it."""

    PUBLISHED = "published", ""
    WAITING = "waiting", "The file is being checked; members cannot see this paper yet."
    UNSCANNED = "unscanned", "The file waits for the virus scanner; members cannot see this paper yet."
    QUARANTINED = "quarantined", "The file is held in quarantine; members cannot see this paper."
    IN_REVIEW = "in review", "A member brought this paper; other members cannot see it until an editor takes it in."
    DECLINED = "declined", "A member brought this paper, and it was not taken in; members cannot see it."
    DESTROYED = (
        "destroyed",
        "The file has been destroyed, as the rule of its folder has it. Nobody can open it any more.",
    )
    WITHDRAWN = "withdrawn", "This paper is withdrawn; members cannot see it."
    EMBARGOED = "embargoed", "Under embargo; members cannot see this paper yet."
    EXPIRED = "expired", "This paper has expired; members can no longer see it."


class Refusal(models.TextChoices):
    """Why a person was refused a paper: for the access record only, never for the person's eyes."""

    UNKNOWN = "unknown", "No such paper"
    NOT_A_MEMBER = "not_a_member", "Not a current member"
    NOT_PUBLISHED = "not_published", "Not published"
    NOT_IN_AUDIENCE = "not_in_audience", "Not in the folder's audience"
    NOT_A_RECIPIENT = "not_a_recipient", "Not a named recipient"
    NO_FILE = "no_file", "No readable file"
    DESTROYED = "destroyed", "The file has been destroyed"
    # What is still to be done before bytes leave; nobody is refused for it.
    TERMS = "terms", "Had not accepted the handling terms"
    SECOND_FACTOR = "second_factor", "Had not shown a second factor"
    CONFIRMATION = "confirmation", "Had not confirmed within a quarter of an hour that it is still the same person"


class UseBy(models.TextChoices):
    """What one line of the report of use stands for."""

    PAPER = "paper", "Paper"
    PAPER_DAY = "paper-day", "Paper and day"
    FOLDER = "folder", "Folder"
    FOLDER_DAY = "folder-day", "Folder and day"
    DAY = "day", "Day"
    PERSON = "person", "Paper, day and person"
