"""Folders in Wagtail's administration, where they are its collections: their names, their audience, their editors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.forms.collections import CollectionForm, CollectionViewRestrictionForm
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.views import collections
from wagtail.models import Collection, CollectionViewRestriction, GroupCollectionPermission
from wagtail.permissions import policy_registry
from wagtail.snippets.views.snippets import EditView, IndexView

from fileshare import access, public_pictures, storage_used
from fileshare.audiences import Audiences, words
from fileshare.models import Folder
from fileshare.services import addresses, folder_settings
from members import audit
from members.enums import Action
from members.wagtail_groups import recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from members.models import User

EVERYBODY, CERTAIN_GROUPS = CollectionViewRestriction.NONE, CollectionViewRestriction.GROUPS
# What Wagtail's Groups page calls add, edit and choose.
EDITING = ("add_document", "change_document", "choose_document")
PLACE = ("path", "depth", "numchild")  # of a folder in the tree
IN_ITSELF = "A folder cannot lie in itself or in a folder below it. Please choose another one."


class AudienceForm(CollectionViewRestrictionForm):
    """Wagtail's form in this site's words. Its “logged-in users” would admit nobody else than every current member
    (`access.open_collections`), so that it is not offered a second time; a shared password the policy does not know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["restriction_type"].choices = [
            (EVERYBODY, "Every current member, and nobody else"),
            (CERTAIN_GROUPS, "Only current members who are in one of these groups"),
        ]
        self.fields["restriction_type"].label = "Who may read the papers in this folder"
        self.fields["restriction_type"].error_messages["invalid_choice"] = "Please choose one of the two."
        self.fields["groups"].label = "Groups"
        self.fields[
            "groups"
        ].help_text = (
            "Administrators read every folder. The folder's editors, too, read it only when they are in its audience."
        )
        if self.initial.get("restriction_type") == CollectionViewRestriction.LOGIN:
            self.initial["restriction_type"] = EVERYBODY

    def clean_restriction_type(self) -> str:
        kind: str = self.cleaned_data["restriction_type"]
        if kind == CERTAIN_GROUPS != self.initial.get("restriction_type"):
            public_pictures.refuse_to_close(self.instance.collection)
        return kind


def set_audience(request: HttpRequest, collection_id: int) -> HttpResponse:
    """Wagtail's dialogue with our form; a folder that the person may not change does not exist."""
    folder = get_object_or_404(Collection, pk=collection_id)
    if not policy_registry.get_by_type(Collection).user_has_permission_for_instance(request.user, "change", folder):
        raise Http404("No such folder.")
    above = folder.get_view_restrictions().exclude(collection=folder).order_by("collection__depth")
    if above:
        told = {"folder": above[0].collection, "audience": words(above)}
        return _dialogue(request, "wagtailadmin/collection_privacy/ancestor_privacy.html", told)
    restriction = CollectionViewRestriction.objects.filter(collection=folder).first()
    form = AudienceForm(
        request.POST or None,
        instance=restriction or CollectionViewRestriction(collection=folder),
        initial={} if restriction else {"restriction_type": EVERYBODY},
    )
    if request.method == "POST" and form.is_valid():
        return _keep_audience(request, form, restriction)
    action = reverse("wagtailadmin_collections:set_privacy", args=[folder.pk])
    shown = {"action_url": action, "object": folder, "form": form}
    return _dialogue(request, "wagtailadmin/shared/set_privacy.html", shown, step="set_privacy")


def _keep_audience(
    request: HttpRequest, form: AudienceForm, restriction: CollectionViewRestriction | None
) -> HttpResponse:
    everybody = form.cleaned_data["restriction_type"] == EVERYBODY
    with transaction.atomic():
        if not everybody:
            form.save()
        elif restriction is not None:
            CollectionViewRestriction.objects.get(pk=restriction.pk).delete()
    return _dialogue(request, None, None, step="set_privacy_done", is_public=everybody)


def _dialogue(request: HttpRequest, template: str | None, context: Any, **data: Any) -> HttpResponse:
    answer: HttpResponse = render_modal_workflow(request, template, None, context, json_data=data or None)
    return answer


def groups_that_edit(collection: Collection) -> list[str]:
    """Names of the groups that may add papers to this folder, by its own permissions or those of one above."""
    above = collection.get_ancestors(inclusive=True)
    allowed = GroupCollectionPermission.objects.filter(collection__in=above, permission__codename=EDITING[0])
    return sorted(set(allowed.values_list("group__name", flat=True)))


def let_edit(collection: Collection, groups: QuerySet[Group], *, by: User) -> None:
    """Give groups what Wagtail's page of a group calls add, edit and choose for the papers of one folder."""
    permissions = Permission.objects.filter(content_type__app_label="wagtaildocs", codename__in=EDITING)
    for group in groups:
        with recording(group, by=by):
            for permission in permissions:
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=collection, permission=permission
                )


class NewFolderForm(CollectionForm):
    """A folder's name and place, and who may put papers into it: without that only administrators could."""

    editors = forms.ModelMultipleChoiceField(
        label="Groups that may add and change its papers",
        queryset=Group.objects.filter(permissions__codename="access_admin").distinct().order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Groups that may do so in the folder above may do so here anyway. Change it later under "
        "Settings → Groups.",
    )


class MovingForm(CollectionForm):
    """A folder's name and place. Below a closed folder it would be closed, too."""

    was_in = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the folder above when the form was opened

    def clean_parent(self) -> Collection:
        try:
            parent: Collection = super().clean_parent()
        except ValidationError as error:
            raise ValidationError(IN_ITSELF) from error
        is_closed = not access.open_collections(None).filter(pk=parent.pk).exists()
        if is_closed and parent.pk != self.initial.get("parent"):
            public_pictures.refuse_to_close(self.instance)
        return parent

    def clean(self) -> dict[str, Any]:
        """Whoever changes the name alone does not take back that somebody has moved the folder meanwhile."""
        cleaned: dict[str, Any] = super().clean()
        parent, stands_in = cleaned.get("parent"), self.initial.get("parent")
        if parent is not None and parent.pk == cleaned.get("was_in") and parent.pk != stands_in:
            cleaned["parent"] = Collection.objects.get(pk=stands_in)
        return cleaned


def in_our_words(form: Any) -> Any:
    """Wagtail's form of a collection with this site's word for it."""
    if parent := form.fields.get("parent"):
        parent.label = "Folder above"
        parent.help_text = "“Root” stands above all. Who may not enter the folder above may not enter this one."
    return form


def hold_the_tree() -> None:
    """To the end of the transaction nobody else makes, moves or deletes a folder in the administration. Two that are
    moved into each other at once would both be lost, and one that is saved as it stood before a move would be torn off
    the tree."""
    Collection.objects.select_for_update(no_key=True).get(depth=1)


@contextmanager
def _or_404() -> Iterator[None]:
    try:
        yield
    except Collection.DoesNotExist as error:
        raise Http404("The folder is gone.") from error


class CreateFolderView(collections.Create):
    """Offers the groups to those who may change groups, and says in the end who may work in the new folder."""

    form_class = NewFolderForm

    def get_page_subtitle(self) -> str:
        return "A new folder"

    def get_form(self, form_class: type[forms.Form] | None = None) -> Any:
        form = in_our_words(super().get_form(form_class))
        if not self.request.user.has_perm("auth.change_group"):
            del form.fields["editors"]
        return form

    @transaction.atomic
    def save_instance(self) -> Collection:
        hold_the_tree()
        with _or_404():
            self.form.cleaned_data["parent"].refresh_from_db(fields=PLACE)
        folder: Collection = super().save_instance()
        if editors := self.form.cleaned_data.get("editors"):
            let_edit(folder, editors, by=self.request.user)
        return folder

    def get_success_message(self, instance: Collection) -> str:
        who = " and ".join(groups_that_edit(instance))
        edited = f"{who} may add papers" if who else "No group may add papers yet (Settings → Groups)"
        return f"Folder “{instance.name}” created. It is open to {Audiences().of(instance)}. {edited}."


class FolderIndexView(IndexView):
    """Wagtail's list of folders, with what each uses of the store."""

    @cached_property
    def _permitted(self) -> dict[str, bool]:
        return {}

    def user_has_permission(self, permission: str) -> bool:
        """Asked once; Wagtail asks again for each row."""
        if permission not in self._permitted:
            self._permitted[permission] = super().user_has_permission(permission)
        return self._permitted[permission]

    def get_table(self, object_list: Any) -> Any:
        used = storage_used.by_path()
        for folder in object_list:
            folder.used = used[folder.collection.path]
        return super().get_table(object_list)


class FolderDetailsView(EditView):
    """Wagtail's form of a folder's details, saved by the service."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "used": storage_used.of(self.object.collection)}

    def save_instance(self) -> Folder:
        return folder_settings.change(
            folder_id=self.object.pk, by=self.request.user, save=super().save_instance
        )  # fmt: skip


class MoveFolderView(collections.Edit):
    """Moving a folder changes who may enter it, and no signal tells."""

    form_class = MovingForm
    success_message = "Folder “%(object)s” is saved."
    error_message = "The folder could not be saved; please see below."

    def get_form(self, form_class: type[forms.Form] | None = None) -> Any:
        form = in_our_words(super().get_form(form_class))
        form.initial["was_in"] = form.initial["parent"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "groups_that_edit": groups_that_edit(self.object),
                "used": storage_used.of(self.object)}  # fmt: skip

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except ValidationError as error:
            form.add_error(None, error)
            self.produced_error_message = self.get_error_message()
            answer = self.form_invalid(form)
        return answer

    def _look_again(self) -> None:
        """Where folder and folder above stand now: somebody may have moved them since the form was read."""
        folder, above = self.form.instance, self.form.cleaned_data.get("parent")
        with _or_404():
            folder.refresh_from_db(fields=PLACE)
            if above is not None:
                above.refresh_from_db(fields=PLACE)
        if above is not None and (above == folder or above.is_descendant_of(folder)):
            raise ValidationError({"parent": IN_ITSELF})

    @transaction.atomic
    def save_instance(self) -> Collection:
        hold_the_tree()
        self._look_again()
        stored = Collection.objects.get(pk=self.object.pk)
        before = stored.get_parent()
        with addresses.remembered():
            moved: Collection = super().save_instance()
        after = Collection.objects.get(pk=moved.pk).get_parent()
        if stored.name != moved.name:
            folder_settings.record_renaming(folder_id=moved.pk, by=self.request.user)
        if before.pk != after.pk:
            audit.record(
                Action.AUDIENCE_CHANGED,
                actor=self.request.user,
                object_kind="folder",
                object_id=moved.pk,
                moved={"from": before.pk, "to": after.pk},
            )
        return moved


class DeleteFolderView(collections.Delete):
    """Wagtail answers who would delete a folder with something in it by a blank page; here it is said what that is. And
    what comes into the folder at this very moment does not go with it."""

    @transaction.atomic
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hold_the_tree()
        get_object_or_404(Collection.objects.select_for_update(), pk=pk)  # whoever brings a paper into it waits
        if self.get_collection_contents():
            messages.error(request, f"“{self.object.name}” is not deleted, because it is not empty.")
            return redirect(self.get_delete_url())
        answer: HttpResponse = super().post(request, pk)
        return answer
