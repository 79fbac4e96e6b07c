"""What the pages of signing in ask."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from members import devices

register = template.Library()
register.filter("device_in_words", devices.in_words)


@register.simple_tag
def single_sign_on() -> dict[str, str]:
    """The name and the address of the other service; empty where there is none."""
    if not settings.OIDC:
        return {}
    url = reverse("openid_connect_login", kwargs={"provider_id": settings.OIDC["provider_id"]})
    return {"name": settings.OIDC["name"], "url": url}


@register.simple_tag(takes_context=True)
def passkeys_work(context: dict[str, Any]) -> bool:
    """A passkey belongs to a site's name: where the address has a number in its place, there are none."""
    host = context["request"].get_host().rpartition(":")[0] or context["request"].get_host()
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False
