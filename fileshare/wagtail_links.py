"""Papers inside Wagtail's editor and texts: named only to those who may know of them.

Wagtail's chooser shows title, file name and address of whatever number stands in a page's draft, and its links lead to
whatever number stands in a text; neither asks who is looking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from django.utils.html import escape
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.documents.rich_text import DocumentLinkHandler
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.log_actions import get_active_log_context

from fileshare.models import SharedDocument
from fileshare.wagtail_policy import CHOOSE, policy

if TYPE_CHECKING:
    from django.forms import Widget

NOT_FOR_YOU = "A paper that you may not see"


class PaperChooser(AdminDocumentChooser):
    """The chooser's field, which keeps a paper that stands in a post without naming it to an editor who may not see
    it. Wagtail notes who is at work for its log; nobody at work means nobody to show anything to."""

    choose_one_text = "Choose a paper"
    choose_another_text = "Choose another paper"
    link_to_chosen_text = "Edit this paper"

    def get_value_data_from_instance(self, instance: SharedDocument) -> dict[str, Any]:
        user = get_active_log_context().user
        if user is not None and policy().user_has_any_permission_for_instance(user, {CHOOSE, "change"}, instance):
            data: dict[str, Any] = super().get_value_data_from_instance(instance)
            return data
        return {"id": instance.pk, "edit_url": None, self.display_title_key: NOT_FOR_YOU, "url": "", "filename": ""}


class PaperChooserBlock(DocumentChooserBlock):
    """Wagtail's block with our field."""

    @cached_property
    def widget(self) -> Widget:
        return PaperChooser()


class PaperLinkHandler(DocumentLinkHandler):
    """A link in a text leads to a paper's page only where a public page may say that the paper exists; else it is
    the same as a link to a paper that never was."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        wanted = [int(attrs["id"]) for attrs in attrs_list if str(attrs.get("id", "")).isdecimal()]
        known = SharedDocument.objects.mentionable_in_public().in_bulk(wanted)
        papers = [known.get(int(attrs["id"])) if str(attrs.get("id", "")).isdecimal() else None for attrs in attrs_list]
        return [f'<a href="{escape(paper.get_absolute_url())}">' if paper else "<a>" for paper in papers]
