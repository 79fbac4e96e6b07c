"""The tables of the file share."""

from fileshare.models.document import SharedDocument
from fileshare.models.folder import Folder
from fileshare.models.version import DocumentVersion

__all__ = ["DocumentVersion", "Folder", "SharedDocument"]
