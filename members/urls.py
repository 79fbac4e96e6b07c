"""The member's own pages, as far as this app knows all that they show (the others stand in `portal/urls.py`)."""

from django.urls import path

from members.views import application, apply, details, directory, invitation, privacy

urlpatterns = [
    path("apply/", apply.apply, name="apply"),
    path("apply/code/", apply.confirm, name="confirm_application"),
    path("apply/code/again/", apply.send_another_code, name="send_another_code"),
    path("application/", application.show, name="application"),
    path("application/answer/", application.answer, name="answer_application"),
    path("application/withdraw/", application.withdraw, name="withdraw_application"),
    path("invitation/<str:token>/", invitation.show, name="invitation"),
    path("details/", details.show, name="details"),
    path("directory/", directory.show, name="directory"),
    path("directory/entry/", directory.entry, name="directory_entry"),
    path("privacy/", privacy.show, name="privacy"),
    path("privacy/ask/", privacy.ask, name="ask_own_data"),
    path("privacy/data/", privacy.ready, name="own_data"),
    path("privacy/leave/", privacy.leave, name="leave"),
    path("privacy/stay/", privacy.stay, name="stay"),
]
