"""Papers inside Wagtail's editor and texts: named only to those who may know of them.

Wagtail's chooser shows title, file name and address of whatever number stands in a page's draft, and its links lead to
whatever number stands in a text; neither asks who is looking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.functional import cached_property
from django.utils.html import escape
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.documents.rich_text import DocumentLinkHandler
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.log_actions import get_active_log_context

from fileshare.models import SharedDocument
from fileshare.wagtail_policy import CHOOSE, policy
from members.keys import as_key

if TYPE_CHECKING:
    from django.forms import Widget

NOT_FOR_YOU = "A paper that you may not see"
NOT_TO_BE_CHOSEN = "There is no such paper for you to choose. Please choose one from the list, or delete this line."


def is_known(paper: SharedDocument) -> bool:
    """Whether whoever is at work may know of the paper. Wagtail notes who that is for its log; nobody at work means
    nobody to show anything to."""
    user = get_active_log_context().user
    return user is not None and policy().user_has_any_permission_for_instance(user, {CHOOSE, "change"}, paper)


def _keeper() -> Signer:
    """Signs the number of a paper that a post keeps, for the one person to whose form it was given."""
    user = get_active_log_context().user
    return Signer(salt=f"fileshare.kept_paper.{user.pk if user is not None else ''}")


class PaperChooser(AdminDocumentChooser):
    """The chooser's field, which keeps a paper that stands in a post without naming it to an editor who may not see
    it: such a paper comes back by the signature that this form gave out, never by a number that somebody guessed."""

    def get_value_data_from_instance(self, instance: SharedDocument) -> dict[str, Any]:
        if is_known(instance):
            data: dict[str, Any] = super().get_value_data_from_instance(instance)
            return data
        kept = _keeper().sign(str(instance.pk))
        return {"id": kept, "edit_url": None, self.display_title_key: NOT_FOR_YOU, "url": "", "filename": ""}


class PaperChooserBlock(DocumentChooserBlock):
    """Wagtail's block with our field. Wagtail takes any number that a form brings, and prints the title in its
    comparison of two revisions."""

    @cached_property
    def widget(self) -> Widget:
        return PaperChooser()

    def value_from_form(self, value: Any) -> SharedDocument | None:
        """The paper; an unsaved one where there is none for this person, so that `clean` can say so."""
        if value is None or isinstance(value, SharedDocument):
            return value
        number = str(value)
        try:
            number, kept = _keeper().unsign(number), True
        except BadSignature:
            kept = False
        paper = SharedDocument.objects.filter(pk=as_key(number)).first()
        return paper if paper is not None and (kept or is_known(paper)) else SharedDocument()

    def get_form_state(self, value: SharedDocument | None) -> Any:
        return super().get_form_state(None if value is not None and value.pk is None else value)

    def clean(self, value: SharedDocument | None) -> Any:
        if value is not None and value.pk is None:
            raise ValidationError(NOT_TO_BE_CHOSEN)
        return super().clean(value)

    def render_basic(self, value: SharedDocument | None, context: dict[str, Any] | None = None) -> str:
        if value and not is_known(value):
            return NOT_FOR_YOU
        shown: str = super().render_basic(value, context)
        return shown


class PaperLinkHandler(DocumentLinkHandler):
    """A link in a text leads to a paper's page only where a public page may say that the paper exists; else it is
    the same as a link to a paper that never was."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        keys = [as_key(attrs.get("id", "")) for attrs in attrs_list]
        known = SharedDocument.objects.mentionable_in_public().in_bulk([key for key in keys if key is not None])
        papers = [known.get(key) if key is not None else None for key in keys]
        return [f'<a href="{escape(paper.get_absolute_url())}">' if paper else "<a>" for paper in papers]
