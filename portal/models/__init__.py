"""The tables of the site."""

from portal.models.comments import Comment, CommentReport, CommentState
from portal.models.contact import ContactField, ContactPage
from portal.models.edge import EdgeCopy
from portal.models.news_index import NewsIndexPage
from portal.models.pages import HomePage, StandardPage
from portal.models.pictures import Picture, PictureRendition
from portal.models.places import PostAuthor, PostTopic
from portal.models.posts import NewsPage
from portal.models.search import SearchKind, SearchMiss, SearchRow
from portal.models.site_settings import SiteSettings
from portal.models.tags import PostTag, TaggedPost
from portal.models.telling import Announcement, Kind, Listener, Owed, Pace, Preference, Run, Subscriber
from portal.models.topics import Author, Topic
from portal.models.view_counts import DailyReader, DailyReads
from portal.models.worker_pulse import WorkerPulse

__all__ = [
    "Announcement",
    "Author",
    "Comment",
    "CommentReport",
    "CommentState",
    "ContactField",
    "ContactPage",
    "DailyReader",
    "DailyReads",
    "EdgeCopy",
    "HomePage",
    "Kind",
    "Listener",
    "NewsIndexPage",
    "NewsPage",
    "Owed",
    "Pace",
    "Picture",
    "PictureRendition",
    "PostAuthor",
    "PostTag",
    "PostTopic",
    "Preference",
    "Run",
    "SearchKind",
    "SearchMiss",
    "SearchRow",
    "SiteSettings",
    "StandardPage",
    "Subscriber",
    "TaggedPost",
    "Topic",
    "WorkerPulse",
]
