"""Structured data in a page."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# Whatever could end the element or begin another, written as JSON allows (as Django's own `json_script`).
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def linked_data(value: dict[str, Any]) -> SafeString:
    """JSON that is safe inside `<script type="application/ld+json">`."""
    return mark_safe(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 -- escaped above
