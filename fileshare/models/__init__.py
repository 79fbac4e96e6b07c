"""The tables of the file share."""

from fileshare.models.acknowledgement import Acknowledgement
from fileshare.models.derivation import Derivation, PageText
from fileshare.models.document import SharedDocument
from fileshare.models.folder import Folder, FormerAddress
from fileshare.models.reader import ReadPaper, SavedPaper, Visit
from fileshare.models.stamped_copy import StampedCopy
from fileshare.models.terms import HandlingTerms, TermsAcceptance
from fileshare.models.version import DocumentVersion

__all__ = [
    "Acknowledgement",
    "Derivation",
    "DocumentVersion",
    "Folder",
    "FormerAddress",
    "HandlingTerms",
    "PageText",
    "ReadPaper",
    "SavedPaper",
    "SharedDocument",
    "StampedCopy",
    "TermsAcceptance",
    "Visit",
]
