"""The remarks of `checks_before_publishing` where the editor works: at the head of the form, and after saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.panels import Panel

from portal.checks_before_publishing import Remark, remarks

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail.models import Page

# What the form's buttons send when the editor leaves the form, which lists the remarks, behind.
LEAVING = {"action-publish", "action-submit", "action-restart-workflow", "action-workflow-action"}


class BeforePublishingPanel(Panel):
    """The remarks about the post as it was saved last, each with a way to its block. Not there without remarks."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtailadmin/panels/before_publishing.html"

        @cached_property
        def remarks(self) -> list[Remark]:
            return remarks(self.instance, self.request.user) if self.request and self.instance.pk else []

        def is_shown(self) -> bool:
            return bool(self.remarks)


def tell(request: HttpRequest, page: Page) -> None:
    """After a post was saved by hand: each remark, or, where the form stands open and lists them, how many.

    Saving by itself, every few seconds while somebody writes, asks for JSON and is left in peace.
    """
    from portal.models import NewsPage  # noqa: PLC0415 -- a post's panels are built from this module

    if not isinstance(page, NewsPage) or not request.accepts("text/html"):
        return
    editor: Any = request.user
    found = [remark.sentence for remark in remarks(page, editor)]
    if found and not LEAVING & request.POST.keys():
        things = "One thing" if len(found) == 1 else f"{len(found)} things"
        found = [f"{things} to look at before you publish: see the head of this form."]
    for sentence in found:
        messages.warning(request, sentence)
