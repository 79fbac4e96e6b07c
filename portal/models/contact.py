"""A page with a form through which people write to the association."""

from __future__ import annotations

from http import HTTPMethod
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.forms.models import FormMixin
from wagtail.contrib.forms.panels import FormSubmissionsPanel

from members.form_fields import ArrangedFormBuilder
from members.models.arranged_field import ArrangedField
from portal.models.pages import StandardPage

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MOST_FIELDS, MOST_RECEIVERS = 30, 10


def check_receivers(text: str) -> None:
    """One address a line. Raises ValidationError with a sentence that names the first wrong one."""
    addresses = text.split()
    if len(addresses) > MOST_RECEIVERS:
        raise ValidationError(f"Please name no more than {MOST_RECEIVERS} addresses.")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(
                f"“{address[:100]}” is no e-mail address. Please write one address a line."
            ) from error


class ContactPage(FormMixin, StandardPage):
    """The editor arranges the fields; what people send is kept, and mailed to the receivers."""

    receivers = models.TextField(
        blank=True,
        max_length=2_000,
        validators=[check_receivers],
        help_text="Each message goes to these addresses, one a line. Empty: messages are kept on the site alone.",
    )
    thank_you_text = models.TextField(
        "thank-you text",
        max_length=1_000,
        default="Your message has reached us.",
        help_text="What people read once they have sent the form: who answers, and how soon.",
    )

    template = "pages/contact_page.html"
    form_builder = ArrangedFormBuilder
    allowed_http_methods: ClassVar[list[HTTPMethod]] = [
        HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS, HTTPMethod.POST,
    ]  # fmt: skip
    parent_page_types: ClassVar[list[str]] = ["portal.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        FormSubmissionsPanel(heading="Messages"),
        *StandardPage.content_panels[:-1],
        InlinePanel("form_fields", heading="Fields of the form", label="Field", min_num=1, max_num=MOST_FIELDS),
        FieldPanel("body", heading="Text below the form"),
        MultiFieldPanel([FieldPanel("receivers"), FieldPanel("thank_you_text")], heading="Once a message is sent"),
    ]

    class Meta:
        verbose_name = "contact page"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from portal.views.contact import answer  # noqa: PLC0415 -- the view knows the page

        return answer(self, request)

    def get_submissions_list_view_class(self) -> type:
        from portal.wagtail_contact import MessagesView  # noqa: PLC0415 -- the view knows the page

        return MessagesView

    @property
    def addresses(self) -> list[str]:
        """Who gets each message by mail."""
        return self.receivers.split()


class ContactField(ArrangedField):
    """One field of a contact page's form."""

    page = ParentalKey(ContactPage, on_delete=models.CASCADE, related_name="form_fields")

    class Meta(ArrangedField.Meta):
        verbose_name = "field of a contact page"
        verbose_name_plural = "fields of contact pages"
