"""Addresses below /files/. None is public; the last one matches whatever is left, so that a visitor is sent to sign in
from any address here, whether it exists or not."""

from django.urls import path

from fileshare.views import (
    acknowledgements,
    archive,
    contributions,
    documents,
    folders,
    marked,
    previews,
    reading,
    saving,
)

app_name = "fileshare"
urlpatterns = [
    path("", folders.index, name="index"),
    path("archive/", archive.fetch, name="archive"),
    path("saved/", folders.saved, name="saved"),
    path("recent/", folders.recent, name="recent"),
    path("document/<uuid:uuid>/", documents.show, name="document"),
    path("document/<uuid:uuid>/download/", documents.download, name="download"),
    path("document/<uuid:uuid>/read/", reading.read, name="read"),
    path("document/<uuid:uuid>/versions/<int:number>/download/", documents.download, name="download_version"),
    path("document/<uuid:uuid>/versions/<int:number>/read/", reading.read, name="read_version"),
    path("document/<uuid:uuid>/versions/<int:number>/content/", reading.content, name="content"),
    path("document/<uuid:uuid>/versions/<int:number>/terms/", marked.terms, name="terms"),
    path("document/<uuid:uuid>/second-factor/", marked.second_factor, name="second_factor"),
    path("document/<uuid:uuid>/preview/<int:number>/<slug:size>/", previews.show, name="preview"),
    path("document/<uuid:uuid>/save/", saving.save, name="save"),
    path("document/<uuid:uuid>/forget/", saving.forget, name="forget"),
    path("document/<uuid:uuid>/confirm/", acknowledgements.confirm, name="confirm"),
    path("document/contribute/", contributions.index, name="contribute"),
    path("document/contribute/<path:path>/", contributions.bring, name="bring"),
    path("document/to-confirm/", acknowledgements.waiting, name="to_confirm"),
    path("<path:path>/", folders.show, name="folder"),
    path("<path:path>", folders.unknown),
]
