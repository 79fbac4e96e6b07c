"""Addresses below /files/. None is public; the last one matches whatever is left, so that a visitor is sent to sign in
from any address here, whether it exists or not."""

from django.urls import path

from fileshare.views import documents, folders

app_name = "fileshare"
urlpatterns = [
    path("", folders.index, name="index"),
    path("document/<uuid:uuid>/", documents.show, name="document"),
    path("document/<uuid:uuid>/download/", documents.download, name="download"),
    path("document/<uuid:uuid>/versions/<int:number>/download/", documents.download_version, name="download_version"),
    path("<path:path>/", folders.show, name="folder"),
    path("<path:path>", folders.unknown),
]
