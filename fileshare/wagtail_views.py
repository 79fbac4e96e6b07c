"""Wagtail's upload of several papers at once, through our form and services; and who gets to its views of one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.views import multiple
from wagtail.models import Collection, UploadedFile
from wagtail.permissions import policy_registry

from fileshare.forms import SharedDocumentForm, said_of_twins
from fileshare.models import SharedDocument
from fileshare.services import duplicates, first_look, upload

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

logger = logging.getLogger(__name__)
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

    def post(self, request: HttpRequest) -> HttpResponseBase:
        file = request.FILES.get("files[]")
        if file is None:
            return HttpResponseBadRequest("Must upload a file")
        self.name = upload.clean_file_name(file.name or "")
        folder_id = request.POST.get("collection")
        form = self.get_upload_form_class()(
            {"title": self.name, "collection": folder_id}, {"file": file}, user=request.user
        )
        if not form.is_valid() and "file" in form.errors:
            return JsonResponse(self.get_invalid_response_data(form))
        # Before the file goes into the store, from which it would have to be fetched again.
        self.found = first_look.look(file, self.name)
        self.twins = duplicates.known_to(request.user, upload.sums_of(file).sha256)  # type: ignore[arg-type]  # signed in
        self.object = SharedDocument(title=self.name, collection_id=folder_id)
        self.upload_object = UploadedFile(
            for_content_type=ContentType.objects.get_for_model(SharedDocument), uploaded_by_user=request.user
        )
        try:
            # Wagtail's own view stores the bytes while it saves the row.
            self.upload_object.file.save(file.name, file, save=False)
        except OSError:
            logger.exception("The store took no file")
            return JsonResponse({"success": False, "error_message": upload.NotStored().messages[0]})
        try:
            self.upload_object.save()
        except BaseException:
            with suppress(Exception):  # where the store is away as well, `services.orphans` finds it
                self.upload_object.file.storage.delete(self.upload_object.file.name)
            raise
        return JsonResponse(self.get_edit_upload_response_data())

    def get_upload_form_class(self) -> type[SharedDocumentForm]:
        return type("DroppedPaperForm", (super().get_upload_form_class(),), {"asks_about_twins": False})

    def get_edit_upload_form_context_data(self) -> dict[str, Any]:
        context = super().get_edit_upload_form_context_data()
        found = self.found
        context["form"].initial |= {
            "file_name": self.name,
            "title": found.title,
            "source": found.source,
            "original_date": found.original_date,
            "collection": self.request.POST.get("collection") or None,
        }
        said = said_of_twins(self.twins, self.object) if self.twins else ""
        return {**context, "found": found, "said_of_twins": said}

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
            try:
                answer: HttpResponseBase = super().post(request, *args, **kwargs)
            except upload.NotStored as error:
                answer = self._asked_again(error)
        return answer

    def _asked_again(self, error: upload.NotStored) -> HttpResponseBase:
        """The form with its words, as Wagtail shows one that is not valid; the file goes on waiting."""
        self.form.add_error(None, error)
        context = {
            self.context_upload_name: self.upload,
            "edit_action": reverse(self.edit_upload_url_name, args=[self.upload.pk]),
            "delete_action": reverse(self.delete_upload_url_name, args=[self.upload.pk]),
            "form": self.form,
        }
        form = render_to_string(self.edit_form_template_name, context, request=self.request)
        return JsonResponse({"success": False, "form": form})

    def get_edit_form_class(self) -> type[SharedDocumentForm]:
        form_class: type[SharedDocumentForm] = super().get_edit_form_class()
        return type("WaitingPaperForm", (form_class,), {"waiting_file": self.waiting_file})

    def save_object(self, form: SharedDocumentForm) -> None:
        self.form = form
        form.save()


class PapersAdminAPI(DocumentsAdminAPIViewSet):
    """The administration's own list of documents, which as Wagtail has it asks no permission at all."""

    def get_queryset(self) -> QuerySet[SharedDocument]:
        policy = policy_registry.get_by_type(SharedDocument)
        allowed = policy.instances_user_has_any_permission_for(self.request.user, {"change", "delete", "choose"})
        return super().get_queryset().filter(pk__in=allowed.values("pk"))


def register_papers_endpoint(router: WagtailAPIRouter) -> None:
    """Take the place of Wagtail's endpoint."""
    router.register_endpoint("documents", PapersAdminAPI)
