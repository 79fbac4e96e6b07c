"""What is done with several papers at once, as Wagtail's bulk actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.documents.views.bulk_actions import AddTagsBulkAction, AddToCollectionBulkAction, DeleteBulkAction
from wagtail.documents.views.bulk_actions.document_bulk_action import DocumentBulkAction
from wagtail.snippets.bulk_actions import delete as snippets

from fileshare.bulk_form import BulkEditForm
from fileshare.enums import Kind
from fileshare.form_fields import name_audiences
from fileshare.models import Folder, SharedDocument
from fileshare.services import edit_many, publish, retention, upload
from fileshare.wagtail_lists import PapersIndexView
from fileshare.wagtail_policy import policy
from members.keys import as_key, as_keys
from members.wagtail_decide_many import AsShown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from wagtail.models import Collection

MOST_NAMED = 50


class PermittedPapers(AsShown):
    """For a bulk action: what the person may not change does not exist, where Wagtail would list its titles; and all
    that the list shows is what the list shows, where Wagtail forgets the list's own filters."""

    permission = "change"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.papers = self.chosen_papers()
        if not self.papers:
            raise Http404("Nothing of the kind.")
        if len(self.papers) > edit_many.MOST:
            messages.error(request, f"Please narrow the list: at most {edit_many.MOST} papers can be changed at once.")
            return redirect(self.next_url)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def chosen_papers(self) -> list[SharedDocument]:
        """As far as they are there and this person may change them; one too many stands for any number too many."""
        chosen = self.request.GET.getlist("id")
        mine = policy().instances_user_has_permission_for(self.request.user, self.permission)  # type: ignore[arg-type]  # signed in
        keys = self._listed_keys(mine) if "all" in chosen else as_keys(chosen)
        return list(
            mine.filter(pk__in=keys)
            .select_related("source", "current_version", "owner")
            .order_by("title", "pk")[: edit_many.MOST + 1]
        )

    def _listed_keys(self, mine: QuerySet[SharedDocument]) -> Iterable[Any]:
        """Of what the list shows with its search and filters, as far as it is `mine`; none where these cannot be
        understood. The database looks for them: all papers of the list may be a hundred thousand."""
        shown = PapersIndexView()
        shown.setup(self.request)
        if shown.filters is not None and not shown.filters.is_valid():
            return []
        papers = shown.filter_queryset(shown.get_base_queryset()).filter(pk__in=mine.order_by().values("pk"))
        if (folder := self.request.GET.get("childOf")) is not None:
            papers = papers.filter(collection=as_key(folder))
        found = shown.search_queryset(papers)
        if shown.is_searching:
            return [paper.pk for paper in found[: edit_many.MOST + 1]]
        keys: Iterable[Any] = found.order_by().values("pk")
        return keys

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        return self.papers, {"items_with_no_access": []}


class TagPapersBulkAction(PermittedPapers, AddTagsBulkAction):
    """Wagtail's own, for permitted papers alone."""


class DeletePapersBulkAction(PermittedPapers, DeleteBulkAction):
    """Wagtail's own, for permitted papers alone."""

    permission = "delete"


class MovePapersBulkAction(PermittedPapers, AddToCollectionBulkAction):
    """Moving changes who may read, so that each paper gets its row in the record."""

    display_name = "Move"
    aria_label = "Move the selected papers to another folder"
    template_name = "fileshare/admin/move_many.html"

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), "user": self.request.user}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        folder = form.fields["collection"]
        folder.empty_label = "Choose a folder"
        name_audiences(folder)
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        folder = form.cleaned_data["collection"]
        for paper in self.papers:
            if lost := retention.destroyed_at_once(paper, folder_id=folder.pk, expires_at=paper.expires_at):
                form.add_error("collection", lost)
        for paper in self._left_by_their_owners(folder):
            form.add_error(
                "collection",
                f"“{paper.title}” is looked after by {paper.owner}, who may not change papers in that folder. Please "
                "give it another owner first.",
            )
        archives = [paper for paper in self.papers if paper.newest_version and paper.newest_version.kind == Kind.ZIP]
        if archives and not upload.takes_zips(folder.pk):
            form.add_error("collection", f"“{archives[0].title}” is a zip archive, which that folder does not take.")
        if form.errors:
            refused: HttpResponse = self.form_invalid(form)
            return refused
        done: HttpResponse = super().form_valid(form)
        return done

    def _left_by_their_owners(self, folder: Collection) -> list[SharedDocument]:
        """Papers that nobody would be asked to review there."""
        moving = [paper for paper in self.papers if paper.collection_id != folder.pk]
        owners = {paper.owner for paper in moving if paper.owner is not None}
        there = {owner for owner in owners if policy().collections_to_change(owner).filter(pk=folder.pk).exists()}
        return [paper for paper in moving if paper.owner in owners - there]

    @classmethod
    def execute_action(cls, objects: list[SharedDocument], collection: Any = None, **kwargs: Any) -> Any:
        moving = [document for document in objects if document.collection_id != collection.pk]
        moved = super().execute_action(moving, collection=collection)
        for document in moving:
            publish.record_change(
                document=document, by=kwargs["user"], fields=["collection"], marking_before=document.marking
            )
        return moved

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        folder = self.cleaned_form.cleaned_data["collection"]
        return f"Moved to {folder}: {num_parent_objects} paper{'' if num_parent_objects == 1 else 's'}."


class EditPapersBulkAction(PermittedPapers, DocumentBulkAction):
    """Marking, source and expiry of several papers: first what is to change, then paper by paper what will, then it is
    done for all of them or for none."""

    display_name = "Change details"
    action_type = "edit"
    aria_label = "Change marking, source or expiry of the selected papers"
    template_name = "fileshare/admin/edit_many.html"
    action_priority = 10
    form_class = BulkEditForm

    def chosen_papers(self) -> list[SharedDocument]:
        """None where one of them is not for this person to change, or is not there any more."""
        chosen, papers = set(self.request.GET.getlist("id")), super().chosen_papers()
        return papers if "all" in chosen or len(papers) >= len(chosen) else []

    def form_valid(self, form: BulkEditForm) -> HttpResponse:
        by: Any = self.request.user
        said = {"papers": self.papers, "changes": form.changes, "reason": form.cleaned_data["marking_reason"]}
        try:
            if "confirmed" not in self.request.POST:
                plan = edit_many.plan(**said)
                return self.render_to_response(self.get_context_data(form=form, plan=_shown(plan)))
            changed = edit_many.edit(by=by, **said)
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
            response: HttpResponse = self.form_invalid(form)
            return response
        messages.success(self.request, f"Changed: {changed} paper{'' if changed == 1 else 's'}.")
        return redirect(self.next_url)


def _shown(plan: edit_many.Plan) -> dict[str, Any]:
    rows = [{"paper": paper, "changes": edit_many.in_words(changes)} for paper, changes in plan.items() if changes]
    return {
        "rows": rows[:MOST_NAMED],
        "more": max(0, len(rows) - MOST_NAMED),
        "count": len(rows),
        "same": len(plan) - len(rows),
    }


class DeleteFoldersBulkAction(snippets.DeleteBulkAction):
    """Deletes nothing, since nobody may delete a folder but with its collection; and tells no names."""

    models = [Folder]

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        permitted, _others = super().get_actionable_objects()
        if not permitted:
            raise Http404("Nothing of the kind.")
        return permitted, {"items_with_no_access": []}
