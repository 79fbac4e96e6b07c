"""What an association sets for its own site."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from portal import freshness, known_site

if TYPE_CHECKING:
    from django.http import HttpRequest

from members.plain_text import for_xml
from portal.blocks import BodyField, SocialLinks


class CommentReaders(models.TextChoices):
    """Who reads the comments; their number is shown to everybody."""

    EVERYBODY = "everybody", "Everybody who may read the post"
    MEMBERS = "members", "Members only"


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    organisation_name = models.CharField(
        max_length=120, default="Gatehouse", help_text="Stands at the top of each page."
    )
    logo = models.ForeignKey(
        "portal.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="A square picture beside the name. Empty: the gatehouse mark.",
    )
    strapline = models.CharField(max_length=200, blank=True, help_text="Whom the association is for, in one sentence.")
    contact_email = models.EmailField(blank=True, help_text="Members and applicants write to this address.")
    membership_text = models.TextField(blank=True, help_text="How to join, in two or three sentences.")
    footer_text = models.CharField(
        max_length=200, blank=True, help_text="One line, such as the name and the charity's number."
    )
    social_links = BodyField(
        SocialLinks(),
        blank=True,
        verbose_name="pages elsewhere",
        help_text="Where else the association can be found; the foot of each page links there.",
    )

    comments_are_open = models.BooleanField(
        "members may comment", default=True, help_text="Each post can still be closed to comments by itself."
    )
    comment_readers = models.CharField(
        "who reads comments",
        max_length=10,
        choices=CommentReaders.choices,
        default=CommentReaders.EVERYBODY,
        help_text="Comments on a post that goes on for members are for members, whatever is chosen here.",
    )
    hold_first_comment = models.BooleanField(
        "hold a member's first comment", default=True, help_text="It waits until somebody lets it appear."
    )
    hold_links = models.BooleanField(
        "hold comments with links", default=True, help_text="They wait as well, whoever writes them."
    )
    hold_words = models.TextField(
        "hold comments with these words", blank=True, max_length=4_000, help_text="One word or phrase a line."
    )
    comments_close_after = models.PositiveSmallIntegerField(
        "days until comments close",
        null=True,
        blank=True,
        help_text="Counted from the post's date. Empty: they stay open.",
    )

    select_related = ["logo"]
    panels = [
        MultiFieldPanel(
            [FieldPanel("organisation_name"), FieldPanel("logo"), FieldPanel("strapline")],
            heading="The association",
        ),
        MultiFieldPanel(
            [FieldPanel("contact_email"), FieldPanel("membership_text")], heading="Writing to it, joining it"
        ),
        MultiFieldPanel([FieldPanel("footer_text"), FieldPanel("social_links")], heading="The foot of each page"),
        MultiFieldPanel(
            [
                FieldPanel("comments_are_open"),
                FieldPanel("comment_readers"),
                FieldPanel("comments_close_after"),
                FieldPanel("hold_first_comment"),
                FieldPanel("hold_links"),
                FieldPanel("hold_words"),
            ],
            heading="Comments on posts",
        ),
    ]

    class Meta:
        verbose_name = "Site settings"

    def __str__(self) -> str:
        return self.organisation_name

    def clean(self) -> None:
        self.organisation_name, self.strapline = for_xml(self.organisation_name), for_xml(self.strapline)

    @classmethod
    def for_request(cls, request: HttpRequest) -> SiteSettings:
        """As Wagtail's, without asking the database again as long as nothing has changed; each request has a copy."""
        name = cls.get_cache_attr_name()
        if not hasattr(request, name):
            site = known_site.of(request)
            own = copy.copy(freshness.kept(f"settings of {site and site.pk}", lambda: cls.for_site(site)))
            own._request = request
            setattr(request, name, own)
        found: SiteSettings = getattr(request, name)
        return found
