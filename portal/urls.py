"""Every address of the site. What is not marked `login_not_required` is closed to visitors."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from fileshare.views import documents, own
from fileshare.wagtail_folders import CreateFolderView, DeleteFolderView, MoveFolderView, set_audience
from fileshare.wagtail_tags import suggest_tags
from members import urls as members_urls
from members.views import security, single_sign_on
from portal import sitemap
from portal.known_site import on_known_site
from portal.page_cache import public_view
from portal.views import comments, doors, health, machines, overview, reads, search, subscribe, told
from portal.wagtail_tags import suggest_post_tags

handler400 = "portal.views.errors.bad_request"
handler500 = "portal.views.errors.server_error"
members_urlpatterns = [
    path("", overview.show, name="overview"),
    path("downloads/", own.downloads, name="downloads"),
    path("mail/", told.choose, name="mail"),
    path("mail/feed/", told.feed, name="make_feed"),
    path("news/", told.news, name="news"),
    path("news/seen/", told.seen, name="news_seen"),
    path("privacy/data/my-data.zip", own.own_data, name="own_data_file"),
    *members_urls.urlpatterns,
]
urlpatterns = [
    # Wagtail's own doors, shut.
    path("admin/login/", doors.sign_in),
    path("admin/logout/", doors.sign_out),
    re_path(r"^admin/password_reset/", doors.reset_password),
    path("_util/login/", doors.sign_in),
    path("_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/", doors.gone),
    # Wagtail's forms of a folder, in the words of the policy and with a row in the record when it moves.
    path("admin/collections/add/", doors.staff_only(require_admin_access(CreateFolderView.as_view()))),
    path("admin/collections/<int:pk>/", doors.staff_only(require_admin_access(MoveFolderView.as_view()))),
    path("admin/collections/<int:pk>/delete/", doors.staff_only(require_admin_access(DeleteFolderView.as_view()))),
    path("admin/collections/<int:collection_id>/privacy/", doors.staff_only(require_admin_access(set_audience))),
    # Tags of posts, and of everything else, suggested only to those who may know them.
    path("admin/tag-autocomplete/portal/posttag/", doors.staff_only(require_admin_access(suggest_post_tags))),
    path("admin/tag-autocomplete/", doors.staff_only(require_admin_access(suggest_tags))),
    path(
        "admin/tag-autocomplete/<slug:app_name>/<slug:model_name>/",
        doors.staff_only(require_admin_access(suggest_tags)),
    ),
    path("admin/", include(wagtailadmin_urls)),
    # There is no signing up but by applying.
    path("account/signup/", doors.sign_up, name="account_signup"),
    path("account/2fa/", security.SecurityView.as_view(), name="mfa_index"),
    path("account/2fa/required/", security.second_factor_required, name="second_factor_required"),
    path("account/email/agree/<str:seal>/", security.agree_to_email, name="agree_to_email"),
    path("account/sessions/<int:pk>/end/", security.end_session, name="end_session"),
    path("account/sign-ins/", security.sign_ins, name="sign_ins"),
    path("account/oidc/<str:provider_id>/login/", single_sign_on.begin),
    path("account/oidc/<str:provider_id>/login/callback/", single_sign_on.finish),
    # Nobody joins by single sign-on, and no account of another service is tied to one here.
    path("account/3rdparty/", doors.gone),
    path("account/3rdparty/signup/", doors.gone),
    path("account/", include("allauth.urls")),
    path("files/", include("fileshare.urls")),
    # News by mail: each address stands in a mail and opens one thing; and the private feed.
    path("mail/", subscribe.ask, name="subscribe"),
    path("mail/confirm/<str:token>/", subscribe.confirm, name="confirm_news"),
    path("mail/choose/<str:token>/", told.choose_by_link, name="choose_news"),
    path("mail/stop/<str:token>/", told.stop, name="stop_news"),
    path("members/feed/<str:token>/", told.read_feed, name="private_feed"),
    path("members/", include((members_urlpatterns, "members"))),
    # Wagtail's address of a document leads to ours.
    path("documents/<int:document_id>/<path:document_filename>", documents.stock_address, name="wagtaildocs_serve"),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    re_path(r"^news/reads/(?P<post_id>[0-9]{1,18})-(?P<seal>[0-9a-f]{16})/$", reads.count, name="count_read"),
    re_path(r"^news/cards/(?P<post_id>[0-9]{1,18})/(?P<digest>[0-9a-f]{16})\.png$", machines.card, name="card"),
    re_path(r"^news/comments/(?P<post_id>[0-9]{1,18})/$", comments.show_all, name="comments"),
    re_path(r"^news/comments/(?P<post_id>[0-9]{1,18})/write/$", comments.write, name="write_comment"),
    re_path(r"^news/comments/(?P<post_id>[0-9]{1,18})/no-mail/$", comments.stop_mail, name="stop_comment_mail"),
    re_path(r"^news/comments/change/(?P<comment_id>[0-9]{1,18})/$", comments.change, name="change_comment"),
    re_path(r"^news/comments/withdraw/(?P<comment_id>[0-9]{1,18})/$", comments.withdraw, name="withdraw_comment"),
    re_path(r"^news/comments/report/(?P<comment_id>[0-9]{1,18})/$", comments.report, name="report_comment"),
    path("search/", search.show, name="search"),
    path("search/suggest/", search.suggest, name="search_suggest"),
    path("favicon.ico", machines.favicon),
    path("robots.txt", machines.robots),
    path("site.webmanifest", machines.manifest, name="manifest"),
    path(".well-known/security.txt", machines.security_txt),
    path(".well-known/change-password", machines.change_password),
    path(".well-known/passkey-endpoints", machines.passkey_endpoints),
    path("sitemap.xml", login_not_required(public_view(sitemap.show))),
    # Pictures of public pages, where no web server in front hands them out.
    path(
        f"{settings.MEDIA_URL.lstrip('/')}<path:path>",
        login_not_required(serve),
        {"document_root": settings.PUBLIC_ROOT},
    ),
    *decorate_urlpatterns(decorate_urlpatterns([path("", include(wagtail_urls))], on_known_site), login_not_required),
]
decorate_urlpatterns(wagtailadmin_urls.urlpatterns, doors.staff_only)
