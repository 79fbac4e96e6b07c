"""What posts are about, and who writes them."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from members.plain_text import for_xml

NEWS = "/news/"  # the address of the one news list, below the front page


class Topic(index.Indexed, models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField("address", unique=True, help_text="The word in the topic's web address.")
    description = models.TextField(blank=True, help_text="One sentence, shown above the topic's posts.")
    order = models.PositiveSmallIntegerField(default=100, help_text="Lower numbers stand first.")

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("order")]
    search_fields = [index.AutocompleteField("name")]

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The list of its posts; there is one news list, below the front page."""
        return f"{NEWS}topics/{self.slug}/"

    def clean(self) -> None:
        self.name, self.description = for_xml(self.name), for_xml(self.description)


class Author(index.Indexed, models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField("address", unique=True)
    role = models.CharField(max_length=120, blank=True, help_text="Such as “Secretary, Exercises group”.")
    biography = models.TextField(blank=True)
    email_for_comments = models.EmailField(
        "e-mail for comments",
        blank=True,
        help_text="Gets a mail for each new comment on this author's posts. Shown to nobody. Empty: no mail.",
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("role"),
        FieldPanel("biography"),
        FieldPanel("email_for_comments"),
    ]
    search_fields = [index.AutocompleteField("name")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The author's page; there is one news list, below the front page."""
        return f"{NEWS}authors/{self.slug}/"

    def clean(self) -> None:
        self.name, self.role, self.biography = (for_xml(each) for each in (self.name, self.role, self.biography))
