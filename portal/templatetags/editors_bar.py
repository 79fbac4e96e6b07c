"""Wagtail's bar for people of the administration: the way to the page's form, and the check of accessibility."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django import template
from wagtail.admin.templatetags.wagtailuserbar import get_page_instance, wagtailuserbar

if TYPE_CHECKING:
    from django.template import RequestContext

register = template.Library()


@register.simple_tag(takes_context=True)
def editors_bar(context: RequestContext) -> str:
    """On pages that Wagtail keeps, for those who may enter the administration; on all others, nothing.

    A preview is made for another reader (`portal.preview`), while the bar, whose script checks the preview, belongs to
    the person who looks.
    """
    if get_page_instance(context) is None:
        return ""
    request: Any = context.get("request")
    editor = getattr(request, "previewed_by", None)
    if editor is not None:
        request = copy(request)
        request.user = editor
    bar: str = wagtailuserbar({**context.flatten(), "request": request})
    return bar
