"""What mail is made of: the association's own words, where no request brings them, and a subject of one line."""

from __future__ import annotations

from django import template
from wagtail.models import Site

from portal import freshness
from portal.models import SiteSettings

register = template.Library()


@register.simple_tag
def association() -> SiteSettings:
    """The settings of the site that mail speaks for: the default one, whoever asked and wherefrom."""
    return freshness.kept("association of mails", _association)


def _association() -> SiteSettings:
    site = Site.objects.filter(is_default_site=True).first()
    own: SiteSettings = SiteSettings.for_site(site) if site else SiteSettings()
    return own


@register.filter
def one_line(text: str) -> str:
    """A mail's subject: whatever people wrote into it, the second line begins the text."""
    return " ".join(text.split())
