"""What the address of a list asks for: an order, a view, filters. Whatever it asks in vain is left out, and said."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from fileshare import acknowledging, offered
from fileshare.enums import Kind
from fileshare.markings import Marking
from fileshare.models import SharedDocument
from fileshare.offered import Choice
from fileshare.paging import SORTS

if TYPE_CHECKING:
    from django.http import QueryDict

    from fileshare.folders import FolderTree
    from fileshare.models.document import SharedDocumentQuerySet
    from members.models import User

LIST, GRID = "list", "grid"
NEW, UNREAD, TO_CONFIRM = "new", "unread", "to-confirm"
FILTERS = ("show", "kind", "source", "topic", "marking", "since", "until")
DEFAULTS = {"sort": "newest", "view": LIST}
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)
LONGEST_QUOTE = 40  # characters of what somebody typed into an address


@dataclass(frozen=True)
class Link:
    """A filter that is on with the address without it, or an order or a view with the address that has it."""

    label: str
    url: str
    is_current: bool = False


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """What differs from person to person."""

    show: tuple[Choice, ...]
    source: tuple[Choice, ...]
    topic: tuple[Choice, ...]


class _Fields(forms.Form):
    sort = forms.ChoiceField(
        required=False, choices=[(key, each.label) for key, each in SORTS.items()], widget=forms.HiddenInput
    )
    view = forms.ChoiceField(required=False, choices=[(LIST, "List"), (GRID, "First pages")], widget=forms.HiddenInput)
    show = forms.ChoiceField(label="Show", required=False)
    kind = forms.ChoiceField(label="Kind of file", required=False, choices=[("", "Any kind"), *Kind.choices])
    source = forms.ChoiceField(label="Source", required=False)
    topic = forms.ChoiceField(label="Topic", required=False)
    marking = forms.ChoiceField(label="Marking", required=False, choices=[("", "Any marking"), *Marking.choices])
    since = _day("Here since")
    until = _day("Here until")

    def __init__(self, asked: dict[str, str], choices: Choices) -> None:
        super().__init__(asked, use_required_attribute=False, label_suffix="")
        fields: Any = self.fields
        for name in ("show", "source", "topic"):
            fields[name].choices = list(getattr(choices, name))
        for name in ("source", "topic"):
            if len(fields[name].choices) == 1 and not asked.get(name):
                del fields[name]  # nothing to choose from

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", forms.ValidationError("It is before the first day.", code="before"))
        return self.cleaned_data


@lru_cache(maxsize=50)  # of 20 KB, and of 420 where there are 1,000 topics: any value in an address makes another
def _shown(asked: tuple[tuple[str, str], ...], choices: Choices, _language: str) -> SafeString:
    """The fields as they stand on the page, with what was asked for in them. They are made of these values and
    the language alone, and take Django longer to render than all papers of a page."""
    fields = render_to_string("components/paper-filter-fields.html", {"form": _Fields(dict(asked), choices)})
    return mark_safe(fields.strip())  # noqa: S308 -- a template's own


class BrowseForm(_Fields):
    """Bound to the address. Choices are those that lead to papers which the person may read, so that a topic of closed
    papers alone is as unknown as one that nobody ever wrote."""

    def __init__(
        self,
        data: QueryDict,
        *,
        user: User,
        tree: FolderTree,
        papers: SharedDocumentQuerySet,
        last_visit: datetime.datetime | None,
    ) -> None:
        self.user, self.last_visit = user, last_visit
        new = [(NEW, "New since your last visit")] if last_visit else []
        self._choices = Choices(
            show=(("", "All papers"), *new, (UNREAD, "Not yet read by you"), (TO_CONFIRM, "To be confirmed by you")),
            source=(("", "Any source"), *offered.sources(tree, papers)),
            topic=(("", "Any topic"), *offered.topics(tree, papers)),
        )
        asked = {name: str(data[name]) for name in self.base_fields if data.get(name)}
        super().__init__({**DEFAULTS, **asked}, self._choices)

    @property
    def fields_shown(self) -> SafeString:
        asked = tuple(self.data.items())
        return _shown(asked, self._choices, get_language())

    def chosen(self, name: str) -> Any:
        """What is asked for, or the default."""
        return self.cleaned_data.get(name) or DEFAULTS.get(name, "")

    @property
    def left_out(self) -> list[str]:
        """A sentence for each thing that the address asks in vain."""
        return [self._why(name, str(self.data.get(name, ""))) for name in self.errors if name in self.fields]

    def _why(self, name: str, value: str) -> str:
        said = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in value[:LONGEST_QUOTE])
        said = said if len(value) <= LONGEST_QUOTE else f"{said}…"
        if self.has_error(name, "before"):
            return "The last day lies before the first, so the last day was left out."
        if name in ("since", "until"):
            return f"“{said}” is not a date such as {timezone.localdate():%Y-%m-%d}, so it was left out."
        what = {"sort": "an order of papers", "view": "a view of papers", "show": "a choice of papers"}.get(name)
        return f"“{said}” is not {what or f'a {self[name].label.lower()} of papers here'}, so it was left out."

    @property
    def filters(self) -> list[Link]:
        """Those that are on."""
        found = []
        for name in FILTERS:
            value = self.cleaned_data.get(name)
            if value:
                found.append(Link(self._in_words(name, value), self.address(**{name: ""})))
        return found

    def _in_words(self, name: str, value: Any) -> str:
        if isinstance(value, datetime.date):
            return f"{self.fields[name].label} {value.day} {value:%B %Y}"
        words = dict(self.fields[name].choices)[value]  # type: ignore[attr-defined]  # a field of choices
        return str(words) if name == "show" else f"{self.fields[name].label}: {words}"

    @property
    def sort_links(self) -> list[Link]:
        return self._links("sort")

    @property
    def view_links(self) -> list[Link]:
        return self._links("view")

    def _links(self, name: str) -> list[Link]:
        """A link for each choice, that keeps everything else."""
        choices: list[tuple[str, str]] = self.fields[name].choices  # type: ignore[attr-defined]  # as below
        return [Link(label, self.address(**{name: key}), key == self.chosen(name)) for key, label in choices]

    def address(self, **changes: str) -> str:
        """The query that asks for the same with these changes, from the first page on."""
        asked = {name: self.cleaned_data.get(name) or "" for name in ("sort", "view", *FILTERS)} | changes
        told = {name: value for name, value in asked.items() if value and value != DEFAULTS.get(name)}
        return f"?{urlencode(told)}" if told else "."

    def apply(self, papers: SharedDocumentQuerySet) -> SharedDocumentQuerySet:
        """The papers that pass every filter which is on."""
        wanted = self.cleaned_data
        if wanted.get("show") == NEW and self.last_visit:
            papers = papers.new_since(self.last_visit)
        if wanted.get("show") == UNREAD:
            papers = papers.unread_by(self.user)
        if wanted.get("show") == TO_CONFIRM:
            papers = papers.filter(pk__in=acknowledging.waiting_for(self.user).order_by().values("pk"))
        condition = Q()
        for name, lookup in (("kind", "current_version__kind"), ("source", "source"), ("marking", "marking")):
            if wanted.get(name):
                condition &= Q(**{lookup: wanted[name]})
        if wanted.get("topic"):
            condition &= Q(pk__in=SharedDocument.objects.filter(tags__name=wanted["topic"]).order_by().values("pk"))
        if wanted.get("since"):
            condition &= Q(publish_at__gte=_midnight(wanted["since"]))
        if wanted.get("until"):
            condition &= Q(publish_at__lt=_midnight(wanted["until"] + datetime.timedelta(days=1)))
        return papers.filter(condition)


def _midnight(day: datetime.date) -> datetime.datetime:
    """When a day begins by the site's clock."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
