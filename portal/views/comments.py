"""Writing, changing, withdrawing and reporting a comment. Whatever was typed comes back with each refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import limits
from portal import access, discussion
from portal.forms import ChangeCommentForm, CommentForm, ReportForm
from portal.models import Comment, NewsPage, SiteSettings
from portal.services import comments as services

if TYPE_CHECKING:
    from collections.abc import Callable

    from fileshare.views.types import SignedInRequest

AT_ONCE = 100
BUSY = "You have sent a great deal in the last hour. Your words are still here: please try again {when}."


def _post(request: HttpRequest, post_id: int) -> NewsPage:
    """A post that this reader may open; whoever may not learns nothing of it."""
    post = get_object_or_404(NewsPage.objects.live(), pk=post_id)
    if not (access.is_out_for(request.user, post) and access.may_open_private(request, post)):
        raise Http404
    return post


def _comment(request: HttpRequest, comment_id: int) -> Comment:
    comment = get_object_or_404(Comment.objects.visible_to(request.user).with_people(), pk=comment_id)
    post = _post(request, comment.post_id)
    if not discussion.may_read(request.user, post, SiteSettings.for_request(request)):
        raise Http404
    return comment


def _page(request: HttpRequest, form: forms.Form, post: NewsPage, *, status: int = 200, **words: Any) -> HttpResponse:
    return render(request, "pages/comment_form.html", {"form": form, "post": post, **words}, status=status)


def _run(request: HttpRequest, form: forms.Form, action: str, service: Callable[[], object]) -> int:
    """200 when the service did it; otherwise the status of the form's page, which says why not."""
    if not form.is_valid():
        return 400
    if not limits.allows(request, action):
        form.add_error(None, BUSY.format(when=limits.when(request)))
        return 429
    try:
        service()
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return 400
    return 200


@login_not_required  # the comments of a public post are public
@require_safe
def show_all(request: HttpRequest, post_id: int) -> HttpResponse:
    """All comments of a post, a hundred conversations at a time; `after` is the key of the last one shown."""
    post = _post(request, post_id)
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Http404
    found = discussion.of(post, request, after=int(after), most=AT_ONCE)
    return render(request, "pages/comments.html", {"post": post, "discussion": found, "is_all": True})


@login_not_required  # whoever was signed out while writing keeps the words
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, post_id: int) -> HttpResponse:
    """Write a comment, or an answer (`to`, the key of a comment)."""
    post = _post(request, post_id)
    if not request.user.is_authenticated:
        discussion.keep_draft(request, post)
        return redirect_to_login(f"{post.get_url(request)}#write")
    form = CommentForm(request.POST) if request.method == "POST" else CommentForm(initial=_begun(request, post))
    answered = _answered_comment(request, post, form)
    status, made = 200, list[Comment]()
    if form.is_bound:
        status = _run(
            request,
            form,
            "comment",
            lambda: made.append(_write(cast("SignedInRequest", request), post, form, answered)),
        )
        if made:
            discussion.forget_draft(request)
            messages.success(request, _said(made[0]))
            return redirect(f"{post.get_url(request)}#{made[0].anchor}")
    return _page(request, form, post, status=status, title="Write a comment", answered=answered)


def _begun(request: HttpRequest, post: NewsPage) -> dict[str, Any]:
    return {"answers": request.GET.get("to", ""), "text": discussion.draft(request, post)}


def _answered_comment(request: HttpRequest, post: NewsPage, form: CommentForm) -> Comment | None:
    key = str(form["answers"].value() or "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    seen = post.comments.visible_to(request.user).with_people().select_related("parent")
    return seen.filter(pk=int(key)).first()


def _write(request: SignedInRequest, post: NewsPage, form: CommentForm, answered: Comment | None) -> Comment:
    return services.write(
        post=post, author=request.user, text=form.cleaned_data["text"], site=SiteSettings.for_request(request),
        answers=answered, wants_mail=form.cleaned_data["wants_mail"],
    )  # fmt: skip


def _said(comment: Comment) -> str:
    if comment.is_held:
        return "Thank you. Your comment waits for an editor; until then only you see it."
    return "Thank you. Your comment is on the page."


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, comment_id: int) -> HttpResponse:
    comment = _comment(request, comment_id)
    if not comment.is_by(request.user):
        raise Http404
    form = ChangeCommentForm(request.POST or None, initial={"text": comment.text})
    status = 200
    if form.is_bound:
        site = SiteSettings.for_request(request)
        status = _run(
            request, form, "comment",
            lambda: services.change(comment=comment, by=request.user, text=form.cleaned_data["text"], site=site),
        )  # fmt: skip
        if status == 200:
            comment.refresh_from_db()
            said = "Your comment waits for an editor." if comment.is_held else "Your comment is changed."
            messages.success(request, said)
            return redirect(comment.get_absolute_url())
    return _page(request, form, comment.post, status=status, title="Change your comment", send="Save the change")


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedInRequest, comment_id: int) -> HttpResponse:
    comment = _comment(request, comment_id)
    if not comment.may_be_withdrawn_by(request.user):
        raise Http404
    if request.method == "POST":
        services.withdraw(comment=comment, by=request.user)
        messages.success(request, "Your comment is withdrawn, and its words are gone.")
        return redirect(f"{comment.post.get_url(request)}#comments")
    return render(request, "pages/comment_withdraw.html", {"comment": comment, "post": comment.post})


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, comment_id: int) -> HttpResponse:
    """Tell the editors of a comment that has no place here."""
    comment = _comment(request, comment_id)
    if comment.is_by(request.user) or not comment.appears or not request.user.is_current_member:
        raise Http404
    form = ReportForm(request.POST or None)
    status = 200
    if form.is_bound:
        status = _run(
            request, form, "comment",
            lambda: services.report(comment=comment, by=request.user, reason=form.cleaned_data["reason"]),
        )  # fmt: skip
        if status == 200:
            messages.success(request, "Thank you. The editors will look at the comment.")
            return redirect(comment.get_absolute_url())
    words = {"title": "Report a comment", "answered": comment, "is_report": True, "send": "Send the report"}
    return _page(request, form, comment.post, status=status, **words)


@require_POST
def stop_mail(request: SignedInRequest, post_id: int) -> HttpResponse:
    post = _post(request, post_id)
    services.stop_mail(post=post, by=request.user)
    messages.success(request, "You get no more mail about comments on this post.")
    return redirect(f"{post.get_url(request)}#comments")
