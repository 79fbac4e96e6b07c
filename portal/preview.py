"""A post as its readers will have it, shown to the person who writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser

from members.any_member import AnyMember

if TYPE_CHECKING:
    from django.http import HttpRequest

VISITOR, MEMBER = "visitor", "member"
MODES = [(VISITOR, "As a visitor"), (MEMBER, "As a member")]


def look_as(request: HttpRequest, mode: str) -> None:
    """Let the page be made for such a reader, by the rules that are asked for everybody.

    A mode that is not known is the visitor's, who may read least. `previewed_by` keeps who really looks, for what
    belongs to that person and not to the page (`portal.templatetags.editors_bar`).
    """
    asked: Any = request
    editor = asked.user
    asked.previewed_by = editor
    asked.user = AnyMember(shown_to=editor) if mode == MEMBER else AnonymousUser()
