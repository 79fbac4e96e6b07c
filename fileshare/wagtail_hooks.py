"""Papers and folders in Wagtail's administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.documents.views import multiple
from wagtail.documents.views.chooser import viewset as chooser
from wagtail.permissions import policy_registry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail.utils.urlpatterns import decorate_urlpatterns

from fileshare import (
    wagtail_confirmations,
    wagtail_contributions,
    wagtail_quarantine,
    wagtail_review,
    wagtail_terms,
    wagtail_use,
    wagtail_versions,
)
from fileshare.folder_form import FolderForm
from fileshare.models import Folder, SharedDocument
from fileshare.wagtail_bulk import (
    DeleteFoldersBulkAction,
    DeletePapersBulkAction,
    EditPapersBulkAction,
    MovePapersBulkAction,
    TagPapersBulkAction,
)
from fileshare.wagtail_folders import FolderDetailsView, FolderIndexView
from fileshare.wagtail_links import PaperLinkHandler
from fileshare.wagtail_lists import (
    AddPaperView,
    BringPaperInChooserView,
    EditPaperView,
    PaperChooseResultsView,
    PaperChooseView,
    PapersIndexView,
)
from fileshare.wagtail_paper_usage import DeletePaperView, PaperUsageView
from fileshare.wagtail_usage import DeleteOrganisationsBulkAction, OrganisationViewSet
from fileshare.wagtail_views import (
    AddPapersView,
    CreatePaperFromUploadView,
    only_permitted,
    register_papers_endpoint,
)

if TYPE_CHECKING:
    from wagtail.rich_text.feature_registry import FeatureRegistry


@hooks.register("register_rich_text_features", order=100)
def links_ask_the_policy(features: FeatureRegistry) -> None:
    """In the place of Wagtail's own for links to documents."""
    features.register_link_type(PaperLinkHandler)


@hooks.register("register_admin_urls", order=-100)
def shadow_wagtails_addresses() -> list[URLPattern]:
    """Our views at Wagtail's addresses; found first, because these hooks run first."""
    change = only_permitted(SharedDocument, "change", "document_id")
    delete = only_permitted(SharedDocument, "delete", "document_id")
    return [
        path("documents/", PapersIndexView.as_view()),
        path("documents/results/", PapersIndexView.as_view(results_only=True)),
        path("documents/add/", AddPaperView.as_view()),
        path("documents/multiple/add/", AddPapersView.as_view()),
        path(
            "documents/multiple/create_from_uploaded_document/<int:uploaded_file_id>/",
            CreatePaperFromUploadView.as_view(),
        ),
        path("documents/edit/<int:document_id>/", change(EditPaperView.as_view())),
        path("documents/delete/<int:document_id>/", delete(DeletePaperView.as_view())),
        path("documents/usage/<int:document_id>/", change(PaperUsageView.as_view())),
        path(
            "documents/multiple/<int:doc_id>/",
            only_permitted(SharedDocument, "change", "doc_id")(multiple.EditView.as_view()),
        ),
        path(
            "documents/multiple/<int:doc_id>/delete/",
            only_permitted(SharedDocument, "delete", "doc_id")(multiple.DeleteView.as_view()),
        ),
        *wagtail_confirmations.addresses(),
        *wagtail_contributions.addresses(),
        *wagtail_quarantine.addresses(),
        *wagtail_versions.addresses(),
        path("documents/chooser/chosen/<str:pk>/", only_permitted(SharedDocument, "choose")(chooser.chosen_view)),
    ]


hooks.register("register_admin_urls", wagtail_use.addresses)
hooks.register("register_reports_menu_item", wagtail_use.menu_item)
hooks.register("register_admin_urls", wagtail_review.addresses)
hooks.register("register_reports_menu_item", wagtail_review.menu_item)
hooks.register("register_admin_urls", wagtail_terms.addresses)
hooks.register("register_settings_menu_item", wagtail_terms.menu_item)
chooser.choose_view_class, chooser.choose_results_view_class = PaperChooseView, PaperChooseResultsView
chooser.create_view_class = BringPaperInChooserView
hooks.register("construct_admin_api", register_papers_endpoint, order=100)
for action in (
    EditPapersBulkAction,
    TagPapersBulkAction,
    MovePapersBulkAction,
    DeletePapersBulkAction,
    DeleteFoldersBulkAction,
    DeleteOrganisationsBulkAction,
):
    hooks.register("register_bulk_action", action, order=100)


class FolderViewSet(SnippetViewSet):
    """Address, description and order of the folders, for those who may change the papers in them."""

    model = Folder
    icon = "folder-open-inverse"
    menu_label = "Folder details"
    menu_name = "folders"
    menu_order = 410
    add_to_admin_menu = True
    list_display = [
        "__str__",
        "slug",
        "description",
        "order",
        Column("own", label="Storage", accessor=lambda folder: filesizeformat(folder.used.own)),
        Column("total", label="With folders inside", accessor=lambda folder: filesizeformat(folder.used.total)),
    ]
    search_fields = ["slug", "description"]
    index_view_class = FolderIndexView
    edit_view_class = FolderDetailsView
    copy_view_enabled = False
    inspect_view_enabled = False
    panels = [
        FieldPanel("slug"),
        FieldPanel("description"),
        FieldPanel("order"),
        FieldPanel("former_versions_readable"),
        FieldPanel("takes_contributions"),
        FieldPanel("contributors", widget=forms.CheckboxSelectMultiple),
        FieldPanel("takes_zips"),
        FieldPanel("tells_members"),
        FieldPanel("destroy_after_days"),
        FieldPanel("destroys_now"),
    ]
    edit_handler = ObjectList(panels, base_form_class=FolderForm)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Folder]:
        folders: QuerySet[Folder] = policy_registry.get_by_type(Folder).instances_user_has_permission_for(
            request.user, "change"
        )
        return folders.select_related("collection")

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = decorate_urlpatterns(super().get_urlpatterns(), only_permitted(Folder, "change"))
        return patterns

    def register_chooser_viewset(self) -> None:
        """None: nothing chooses a folder, and the chooser would name them all."""


register_snippet(FolderViewSet)
register_snippet(OrganisationViewSet)
