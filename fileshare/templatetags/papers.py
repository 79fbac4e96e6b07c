"""Papers and folders in pages, each rendered once for the same values (`members.pieces`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from fileshare import pieces
from members.pieces import large_piece, piece

if TYPE_CHECKING:
    from django.template import RequestContext
    from django.utils.safestring import SafeString

    from fileshare.attachments import Attachment
    from fileshare.models import SharedDocument

register = template.Library()


@register.simple_tag
def paper(component: str, paper: SharedDocument, **values: Any) -> SafeString:
    """A component whose parameter is a paper, such as "paper-row"; of the page's context it gets nothing else."""
    return piece(f"components/{component}.html", paper=pieces.paper(paper), **values)


@register.simple_tag
def attached_paper(attachment: Attachment, next_url: str, anchor: str, standing_notice: object) -> SafeString:
    """The component "attachment"."""
    shown = pieces.attached(attachment)
    notice = bool(standing_notice) if shown.reason == "standing" else False
    return piece(
        "components/attachment.html", attachment=shown, next_url=next_url, anchor=anchor, standing_notice=notice
    )


@register.simple_tag(takes_context=True)
def folder_tree(
    context: RequestContext, folder_name: str = "", own: str = "", tree_current: str = "page"
) -> SafeString:
    """The component "folder-tree", of the page's tree, total and folder_query."""
    return large_piece(
        "components/folder-tree.html",
        tree=pieces.branches(context["tree"]),
        total=context["total"],
        folder_query=context.get("folder_query", ""),
        folder_name=_text(folder_name),
        own=_text(own or context.get("own", "")),
        tree_current=_text(tree_current),
    )


def _text(words: str | None) -> str:
    """What stands in quotation marks in a template Django has marked as safe."""
    return str.__str__(words or "")
