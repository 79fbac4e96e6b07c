"""What the file share announces. Receivers get ids, after the commit."""

from django.dispatch import Signal

# A version passed its inspection and is what readers now get. Arguments: document_id, version_id.
version_published = Signal()
# A document's details, folder, dates or withdrawal changed, or it went. Argument: document_id.
document_changed = Signal()
# The text of a version was made, or could not be. Arguments: document_id, version_id.
text_made = Signal()
