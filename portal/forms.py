"""What readers fill in on the site itself."""

from __future__ import annotations

from django import forms

from members.form_fields import Words
from portal.models.comments import LONGEST
from portal.search.query import Query, understood

# More letters than a question may have, so that whoever pastes too many is told; and so few that the web server takes
# the address that the browser makes of them (`limit_request_line`): up to nine characters for a letter.
MOST_PASTED = 500


class CommentForm(forms.Form):
    """A member's words. The text may be changed later by its author alone, so that this form serves both."""

    text = Words(
        longest=LONGEST,
        label="Your comment",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Plain text. An empty line begins a paragraph; web addresses become links.",
        error_messages={"required": "Please write something first."},
    )
    wants_mail = forms.BooleanField(label="Send me a mail when others comment on this post", required=False)
    answers = forms.CharField(required=False, widget=forms.HiddenInput)


class ChangeCommentForm(CommentForm):
    """The same words again; the rest stays as it was."""

    wants_mail = None  # type: ignore[assignment]  # Django's way of leaving an inherited field out
    answers = None  # type: ignore[assignment]


class ReportForm(forms.Form):
    reason = Words(
        longest=300,
        label="What is wrong with it?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The editors read it, with your name. The comment's author does not.",
    )


class SearchForm(forms.Form):
    """What is looked for. Cleaned, it is a question that has at least one word."""

    q = Words(
        label="Words to look for",
        longest=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": MOST_PASTED}),
        help_text="All of your words are looked for. “Quotation marks” keep words together, -minus leaves a word out.",
        error_messages={
            "required": "Please write at least one word.",
            "only_minus": "Please write a word to look for as well: a minus only leaves words out.",
            "max_length": "Please keep it to %(limit_value)d characters. A few words find more than many.",
        },
    )

    def clean_q(self) -> Query:
        query = understood(self.cleaned_data["q"])
        if not query:
            says = self.fields["q"].error_messages
            raise forms.ValidationError(says["only_minus" if query.without else "required"])
        return query
