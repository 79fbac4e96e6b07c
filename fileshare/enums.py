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


class Inspection(models.TextChoices):
    """Where a stored file stands between arriving and being readable."""

    WAITING = "waiting", "Being checked"
    PASSED = "passed", "Checked"
    QUARANTINED = "quarantined", "Held in quarantine"


class PaperState(models.TextChoices):
    """Why a paper is or is not out, for the people who may change it."""

    PUBLISHED = "published", ""
    WAITING = "waiting", "The file is being checked; members cannot see this paper yet."
    QUARANTINED = "quarantined", "The file is held in quarantine; members cannot see this paper."
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
