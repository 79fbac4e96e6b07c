"""Filters of lists in Wagtail's administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views import generic

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.db.models import QuerySet
    from django.http import HttpRequest

    class _IndexView(generic.IndexView):
        """What `StrictFilters` is mixed into."""

else:
    _IndexView = object


class KeysFirst(WagtailPaginator):  # type: ignore[misc]  # Wagtail has no types
    """Pages of a long list with wide rows: the database puts keys alone in order and cuts the page out of them, and
    fetches the rows of that page, with whatever is worked out for each, in the same query."""

    def page(self, number: int) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self.object_list.values("pk")[first : first + self.per_page]
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)


class StrictFilters(_IndexView):
    """Wagtail drops all filters when one of them is wrong, and shows, or exports, everything as if that was asked for.
    Here nothing is shown, the list says why, and the message stands by the field."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.filters_are_wrong:
            self.is_export = False

    @cached_property
    def filters_are_wrong(self) -> bool:
        return bool(self.filters) and not self.filters.is_valid()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.none() if self.filters_are_wrong else super().filter_queryset(queryset)

    @cached_property
    def no_results_message(self) -> str:
        if not self.filters_are_wrong:
            return str(super().no_results_message)
        form = self.filters.form
        wrong = " ".join(f"{form[name].label}: {' '.join(errors)}" for name, errors in form.errors.items())
        return f"Nothing is listed, because a filter cannot be understood. {wrong}"
