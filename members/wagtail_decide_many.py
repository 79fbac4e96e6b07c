"""What Wagtail's bulk actions have in common here that decide about several things at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.http import urlencode
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from members.models import User

    class _BulkAction(BulkAction):
        """What `AsShown` is mixed into."""

else:
    _BulkAction = object

MOST = 500  # things: some seconds of work
MOST_NAMED = 20


class AsShown(_BulkAction):
    """What is confirmed is what the page showed, also where “all” was chosen: Wagtail would ask for all of them anew,
    and decide about whatever has come since unseen."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shown = [("id", each["item"].pk) for each in context["items"]]
        return {**context, "submit_url": f"{self.request.path}?{urlencode([*shown, ('next', self.next_url)])}"}


class DecideEach(AsShown):
    """Each thing is decided about by the same service as one by one, with a row of the record each; those that a
    decision does not fit are named with the reason."""

    done = list_name = ""  # `list_name`: the address of the list from which things are chosen
    nothing, things = "Nothing was chosen.", "things"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One or two queries more than Wagtail's, and a sentence instead of a page of 100,000 names."""
        objects, _without = self.get_actionable_objects()
        if not objects:
            messages.warning(request, self.nothing)
            return redirect(self.list_name)
        if len(objects) > MOST:
            messages.error(
                request, f"Please narrow the list: at most {MOST} {self.things} can be decided about at once."
            )
            return redirect(self.next_url)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "label": self.display_name}

    def facts(self) -> dict[str, Any]:
        """What the service is called with besides."""
        facts: dict[str, Any] = self.cleaned_form.cleaned_data if self.cleaned_form else {}
        return facts

    def get_execution_context(self) -> dict[str, Any]:
        self.passed_over: list[str] = []
        return {"by": self.request.user, "facts": self.facts(), "passed_over": self.passed_over}

    @classmethod
    def execute_action(
        cls, objects: Iterable[Any], *, by: User, facts: dict[str, Any], passed_over: list[str], **kwargs: Any
    ) -> tuple[int, int]:
        done = 0
        for each in objects:
            try:
                cls.decide(each, by, facts)
                done += 1
            except ValidationError as error:
                passed_over.append(f"{cls.called(each)}: {' '.join(error.messages)}")
        return done, 0

    @classmethod
    def decide(cls, thing: Any, by: User, facts: dict[str, Any]) -> None:
        raise NotImplementedError

    @classmethod
    def called(cls, thing: Any) -> str:
        return str(thing)

    def counted(self, count: int) -> str:
        """The sentence about those that it was done with."""
        raise NotImplementedError

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        if self.passed_over:
            named = " ".join(self.passed_over[:MOST_NAMED])
            more = len(self.passed_over) - MOST_NAMED
            also = f" And {more} more." if more > 0 else ""
            messages.warning(self.request, f"Passed over: {len(self.passed_over)}. {named}{also}")
        return self.counted(num_parent_objects) if num_parent_objects else None
