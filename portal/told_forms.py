"""What mail to get: one choice for each kind, each topic, each folder; and a visitor's subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from fileshare.folders import tree_for
from members.plain_text import refuse_look_alikes
from portal.models import Kind, Listener, Pace, Preference, Topic
from portal.models.telling import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField

    from members.models import User

AS_ALL = "all"
SOME = "Please choose from what is here."
HELP = {
    Kind.POSTS: "News on the site, as far as a topic below says nothing else.",
    Kind.PAPERS: "Papers that you may read, as far as a folder below says nothing else.",
    Kind.COMMENTS: "On posts where you commented and asked to hear of it.",
    Kind.CONFIRM: "Papers that you are asked to read and confirm.",
    Kind.MEMBERSHIP: "A line beside other news when it ends soon. Our letters about it come in any case.",
}
WITHOUT_FOLDERS = "Papers that you may read. What you chose for single folders holds beside it."
WITHOUT_LETTERS = (Pace.DAILY, Pace.WEEKLY, Pace.NEVER)


class PaceField(forms.TypedChoiceField):
    """Gives a pace as a number; None for what goes by the choice above it."""

    def __init__(self, *, paces: Any = Pace, as_all: str = "", **options: Any) -> None:
        first = [(AS_ALL, as_all)] if as_all else []
        choices = [*first, *((str(int(pace)), Pace(pace).label) for pace in paces)]
        says = {"invalid_choice": SOME, "required": SOME}
        super().__init__(choices=choices, coerce=self._pace, error_messages=says, **options)

    @staticmethod
    def _pace(said: str) -> int | None:
        return None if said == AS_ALL else int(said)


class PreferencesForm(forms.Form):
    """`with_folders` only for whoever is signed in: a folder's name may be in confidence, and mails get passed on."""

    wants_mail = forms.BooleanField(
        label="Send me news by mail",
        required=False,
        help_text="Without the tick none of what follows is sent. It stays as you chose it, until you tick this again.",
    )

    def __init__(self, *args: Any, user: User, with_folders: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = list(Preference.objects.filter(user=user))
        listener = Listener.objects.filter(user=user).first()
        self.initial["wants_mail"] = listener is None or listener.stopped_at is None
        says = HELP if with_folders else HELP | {Kind.PAPERS: WITHOUT_FOLDERS}
        general = {row.kind: row.pace for row in chosen if not (row.topic_id or row.folder_id)}
        for kind in Kind:
            paces = WITHOUT_LETTERS if kind == Kind.MEMBERSHIP else Pace
            pace = general.get(kind, int(USUAL[kind]))
            self.fields[f"kind-{kind}"] = PaceField(
                label=kind.label, help_text=says[kind], paces=paces, initial=str(pace)
            )
        topics = {row.topic_id: row.pace for row in chosen if row.topic_id}
        for topic in Topic.objects.all():
            self._offer(f"topic-{topic.pk}", topic.name, "As all posts", topics.get(topic.pk))
        folders = {row.folder_id: row.pace for row in chosen if row.folder_id}
        for node in tree_for(user) if with_folders else ():
            name = " / ".join(each.name for each in node.lineage)
            as_all = "As the folder above" if node.parent else "As all papers"
            self._offer(f"folder-{node.collection_id}", name, as_all, folders.get(node.collection_id))

    def _offer(self, name: str, label: str, as_all: str, pace: int | None) -> None:
        initial = AS_ALL if pace is None else str(pace)
        self.fields[name] = PaceField(label=label, as_all=as_all, initial=initial)

    def _named(self, begins: str) -> Iterator[BoundField]:
        return (self[name] for name in self.fields if name.startswith(begins))

    @property
    def of_kinds(self) -> Iterator[BoundField]:
        return self._named("kind-")

    @property
    def of_topics(self) -> list[BoundField]:
        return list(self._named("topic-"))

    @property
    def of_folders(self) -> list[BoundField]:
        return list(self._named("folder-"))

    def chosen(self) -> dict[str, Any]:
        """As the service takes it."""
        said = self.cleaned_data

        def of(begins: str) -> dict[int, int | None]:
            return {int(name.removeprefix(begins)): said[name] for name in self.fields if name.startswith(begins)}

        kinds = {kind: said[f"kind-{kind}"] for kind in Kind}
        return {
            "kinds": kinds, "topics": of("topic-"), "folders": of("folder-"), "wants_mail": said["wants_mail"],
        }  # fmt: skip


class SubscribeForm(forms.Form):
    address = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        validators=[refuse_look_alikes],
        error_messages={
            "required": "Please write your e-mail address.",
            **dict.fromkeys(("invalid", "max_length"), "Please write an e-mail address, such as name@example.org."),
        },
    )
    pace = PaceField(label="How often", paces=(Pace.AT_ONCE, Pace.DAILY, Pace.WEEKLY), initial=str(int(Pace.WEEKLY)))

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).lower()


class SubscriptionForm(forms.Form):
    """A visitor's own choice, by the link in a mail."""

    pace = PaceField(label="How often", paces=Pace)
