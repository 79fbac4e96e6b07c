"""Where a post stands in the list of a topic, an author or a tag.

The post's date stands here too, beside what the list is of, so that one index serves the order of each list however
many posts it has. `NewsPage.save` keeps it.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone

from portal.models.topics import Author, Topic

DATE = "published_at"  # by which a list is ordered; in the list of a topic, an author or a tag the place has it


def older_than(published_at: datetime.datetime, key: int, date: str = DATE) -> models.Q:
    """What comes after this place in a list."""
    # Two conditions, of which the index on the date serves the first; one `OR` would be served by none.
    before = models.Q(**{f"{date}__lt": published_at}) | models.Q(pk__lt=key)
    return models.Q(**{f"{date}__lte": published_at}) & before


def newer_than(published_at: datetime.datetime, key: int, date: str = DATE) -> models.Q:
    """What comes before this place in a list."""
    after = models.Q(**{f"{date}__gt": published_at}) | models.Q(pk__gt=key)
    return models.Q(**{f"{date}__gte": published_at}) & after


class Place(models.Model):
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class PostTopic(Place):
    newspage = models.ForeignKey("portal.NewsPage", on_delete=models.CASCADE, related_name="of_topics")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["newspage", "topic"], name="topic_once_a_post")]
        indexes = [models.Index(fields=["topic", "published_at", "newspage"], name="posts_of_a_topic")]

    def __str__(self) -> str:
        return f"{self.newspage_id} in {self.topic_id}"


class PostAuthor(Place):
    newspage = models.ForeignKey("portal.NewsPage", on_delete=models.CASCADE, related_name="by_authors")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["newspage", "author"], name="author_once_a_post")]
        indexes = [models.Index(fields=["author", "published_at", "newspage"], name="posts_of_an_author")]

    def __str__(self) -> str:
        return f"{self.newspage_id} by {self.author_id}"
