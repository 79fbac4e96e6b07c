"""Who really asks: the address behind as many proxies as the site trusts (TRUSTED_PROXY_COUNT)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def peer(request: HttpRequest) -> Address | None:
    """The address; None where it cannot be known.

    Without a forwarding header the request has come past the proxies, straight to this process. With one that fewer
    proxies have written than are trusted, or with one although none is trusted, somebody stands between of whom the
    settings do not know, and the peer is not who asks.
    """
    count, forwarded = settings.ALLAUTH_TRUSTED_PROXY_COUNT, request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = forwarded.split(",") if forwarded else []
    if hops and not 0 < count <= len(hops):
        return None
    try:
        found = ipaddress.ip_address(hops[-count].strip() if hops else request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def may_see_metrics(request: HttpRequest) -> bool:
    address = peer(request)
    return address is not None and any(address in network for network in settings.METRICS_ADDRESSES)
