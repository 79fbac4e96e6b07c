"""Wagtail's upload of several papers at once, and moving several, so that both go through our form and services."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.views import multiple
from wagtail.documents.views.bulk_actions import AddTagsBulkAction, AddToCollectionBulkAction, DeleteBulkAction
from wagtail.models import Collection, UploadedFile
from wagtail.permissions import policy_registry
from wagtail.snippets.bulk_actions import delete as snippets

from fileshare.forms import SharedDocumentForm
from fileshare.models import Folder, SharedDocument
from fileshare.services import publish, upload

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

View = Callable[..., HttpResponseBase]


def only_permitted(model: type[Model], action: str, argument: str = "pk") -> Callable[[View], View]:
    """Wagtail's view of one paper or folder, for those who may do this with it. For everybody else a number that is
    taken looks like one that is not: Wagtail alone answers "no permission" to the one and 404 to the other, and for a
    snippet asks about the model, never about the one."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            number = str(kwargs.get(argument, ""))
            if number.isdecimal():
                policy = policy_registry.get_by_type(model)
                get_object_or_404(policy.instances_user_has_permission_for(request.user, action), pk=number)
            elif number:
                raise Http404(f"Nothing has the number {number}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class NoneChosenFirst:
    """Wagtail's list of folders above the place for dropping files, which would choose the first by itself."""

    def __init__(self, collections: QuerySet[Collection]) -> None:
        self.collections = collections

    def get_indented_choices(self) -> list[tuple[Any, str]]:
        return [("", "Choose for each paper"), *self.collections.get_indented_choices()]  # type: ignore[attr-defined]


class AddPapersView(multiple.AddView):
    """Each file waits in the private store until its details are filled in: a paper is never published by dropping a
    file. (The form cannot be valid here, since the upload alone has neither marking nor publication.)"""

    def get_edit_upload_form_context_data(self) -> dict[str, Any]:
        context = super().get_edit_upload_form_context_data()
        name = upload.clean_file_name(self.request.FILES["files[]"].name)
        form = context["form"]
        form.initial |= {"file_name": name, "title": PurePosixPath(name).stem.replace("_", " ")}
        form.initial["collection"] = self.request.POST.get("collection") or None
        return context

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context["collections"] is not None:
            context["collections"] = NoneChosenFirst(context["collections"])
        return context


class CreatePaperFromUploadView(multiple.CreateFromUploadedDocumentView):
    """The details of a waiting file arrive: make the paper."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        waiting = get_object_or_404(UploadedFile, pk=kwargs[self.upload_pk_url_kwarg], uploaded_by_user=request.user)
        try:
            self.waiting_file = waiting.file.open("rb")
        except FileNotFoundError as error:
            raise Http404("The waiting file is gone.") from error
        with self.waiting_file:
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer

    def get_edit_form_class(self) -> type[SharedDocumentForm]:
        form_class: type[SharedDocumentForm] = super().get_edit_form_class()
        return type("WaitingPaperForm", (form_class,), {"waiting_file": self.waiting_file})

    def save_object(self, form: SharedDocumentForm) -> None:
        form.save()


class PermittedAlone:
    """For a bulk action: what the person may not change does not exist, where Wagtail would list its titles."""

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        permitted, _others = super().get_actionable_objects()  # type: ignore[misc]  # of the bulk action beside it
        if not permitted:
            raise Http404("Nothing of the kind.")
        return permitted, {"items_with_no_access": []}


class TagPapersBulkAction(PermittedAlone, AddTagsBulkAction):
    """Wagtail's own, for permitted papers alone."""


class DeletePapersBulkAction(PermittedAlone, DeleteBulkAction):
    """Wagtail's own, for permitted papers alone."""


class DeleteFoldersBulkAction(PermittedAlone, snippets.DeleteBulkAction):
    """Deletes nothing, since nobody may delete a folder but with its collection; and tells no names."""

    models = [Folder]


class MovePapersBulkAction(PermittedAlone, AddToCollectionBulkAction):
    """Moving changes who may read, so that each paper gets its row in the record."""

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), "user": self.request.user}

    @classmethod
    def execute_action(cls, objects: list[SharedDocument], collection: Any = None, **kwargs: Any) -> Any:
        moved = super().execute_action(objects, collection=collection)
        for document in objects:
            publish.record_change(
                document=document, by=kwargs["user"], fields=["collection"], marking_before=document.marking
            )
        return moved


class PapersAdminAPI(DocumentsAdminAPIViewSet):
    """The administration's own list of documents, which as Wagtail has it asks no permission at all."""

    def get_queryset(self) -> QuerySet[SharedDocument]:
        policy = policy_registry.get_by_type(SharedDocument)
        allowed = policy.instances_user_has_any_permission_for(self.request.user, {"change", "delete", "choose"})
        return super().get_queryset().filter(pk__in=allowed.values("pk"))


def register_papers_endpoint(router: WagtailAPIRouter) -> None:
    """Take the place of Wagtail's endpoint."""
    router.register_endpoint("documents", PapersAdminAPI)
