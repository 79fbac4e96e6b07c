"""Inside a site: a process that loads it, and does and measures what it is told, one JSON line for each.

    {"do": "page", "path": "/news/", "who": "member@example.org"}
    {"do": "save", "what": "post"}

What takes turns between two sites asks two such processes.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.servers import HEADERS, ROOT, Site

MEMBER = "member@example.org"


class Inside:
    """The asking end. A context manager."""

    def __init__(self, site: Site) -> None:
        command = [sys.executable, "-m", "bench.inside"]
        self._log = (site.data / "inside.log").open("ab")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            text=True,
        )  # fmt: skip
        self._site = site

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._process.kill()
        self._log.close()

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self._site.name}: asked for {question}, it ended; see {self._site.data / 'inside.log'}.")
        answer: dict[str, Any] = json.loads(line)
        return answer


# The best ten rows of the search's index, whoever asks. Left alone the planner reads all vectors, even for a rare word.
PLAIN = {
    "postgresql": "SET LOCAL enable_seqscan = off; SELECT id FROM portal_searchrow WHERE words @@ %s::tsquery"
    " ORDER BY ts_rank(words, %s::tsquery) DESC LIMIT 10",
    "sqlite": "SELECT rowid FROM portal_searchtext WHERE portal_searchtext MATCH %s AND %s <> ''"
    " ORDER BY rank LIMIT 10",
}


# What the database alone takes for the same text: its own parser and stems, a table with an index and nothing else.
_OF_TEXT = "FROM fileshare_pagetext WHERE version_id BETWEEN %s AND %s GROUP BY version_id"
FLOOR = {
    "postgresql": (
        "CREATE TABLE bench_floor (id bigint PRIMARY KEY, words tsvector)",
        "CREATE INDEX ON bench_floor USING gin (words)",
        f"INSERT INTO bench_floor SELECT version_id, to_tsvector('english', string_agg(text, ' ')) {_OF_TEXT}",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE bench_floor USING fts5(words, tokenize='porter unicode61')",
        f"INSERT INTO bench_floor (rowid, words) SELECT version_id, group_concat(text, ' ') {_OF_TEXT}",
    ),
}


# --- The answering end ------------------------------------------------------------------------------------------
_clients: dict[str, Any] = {}


def _client(who: str) -> Any:
    from django.test import Client

    if who not in _clients:
        _clients[who] = Client(headers={name: value for name, value in HEADERS.items() if name != "Host"})
        _clients[who].defaults |= {"SERVER_NAME": HEADERS["Host"], "SERVER_PORT": "443"}
        if who:
            from members.models import User

            _clients[who].force_login(User.objects.get(email=who))
    return _clients[who]


def page(path: str, who: str = "", *, forget: bool = False) -> dict[str, Any]:
    """Seconds that the page took, past the page cache, and how often it asked the database, beside the cache's table.
    `forget`: as after a change, when nothing is remembered."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from portal.freshness import freshness

    client = _client(who)
    if forget:
        freshness.expire()
    begun, worked = time.perf_counter(), time.process_time()
    response = client.get(path, secure=True)
    content = response.getvalue()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    assert response.status_code == 200, f"{path}: {response.status_code}"
    if forget:
        freshness.expire()
    with CaptureQueriesContext(connection) as asked:
        client.get(path, secure=True).getvalue()
    queries = sum('"cache"' not in query["sql"] for query in asked.captured_queries)
    return {"seconds": seconds, "cpu": cpu, "queries": queries, "bytes": len(content)}


def places() -> dict[str, Any]:
    """Addresses on a filled site: the first and the last page of its lists, a post, a paper."""
    from bench.fill.papers import LIBRARY
    from fileshare import paging
    from fileshare.models import SharedDocument
    from portal import sections
    from portal.models import NewsPage

    papers = SharedDocument.objects.filter(collection__name=LIBRARY, publish_at__lt=_now()).order_by("publish_at", "pk")
    above = papers[paging.PER_PAGE // 2]
    place = paging._sealed(paging.AFTER, (above.publish_at, above.pk), paging.SORTS["newest"])
    post = NewsPage.objects.live().order_by("published_at", "pk")[sections.POSTS_PER_PAGE // 2]
    filled = NewsPage.objects.filter(slug__startswith="filled-").order_by("-published_at")[3]
    library = "/files/library/"
    return {
        "news list": "/news/",
        "news list, last page": f"/news/?before={sections._name(post)}",
        "folder page": library,
        "folder page, last page": f"{library}?page={place}",
        "all papers": "/files/",
        "front page": "/",
        "post": filled.url,
        "paper": papers.last().get_absolute_url(),
        "directory": "/members/directory/",
    }


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def save(what: str) -> dict[str, Any]:
    """Seconds for one saving as an editor does it, and for what the worker does after it."""
    from django.utils import timezone

    words = f"saved at {timezone.now():%H:%M:%S.%f}"
    begun = time.perf_counter()
    (_save_post if what == "post" else _save_paper)(words)
    saved = time.perf_counter()
    tasks = _work()
    done = time.perf_counter()
    return {"seconds": done - begun, "request": saved - begun, "worker": done - saved, "tasks": tasks}


def _save_post(words: str) -> None:
    from django.db import transaction

    from members.models import User
    from portal.models import NewsPage

    editor = User.objects.get(email="editor@example.org")
    post = NewsPage.objects.live().filter(slug__startswith="filled-").order_by("-published_at").first()
    with transaction.atomic():
        post.title = f"Filled, {words}"
        post.save_revision(user=editor).publish(user=editor)


def _save_paper(words: str) -> None:
    from django.core.files.base import ContentFile
    from wagtail.models import Collection

    from bench.fill.papers import LIBRARY
    from fileshare.models import SharedDocument
    from fileshare.services import upload
    from members.models import User

    editor = User.objects.get(email="editor@example.org")
    paper = SharedDocument(title=f"Paper, {words}", collection=Collection.objects.get(name=LIBRARY))
    upload.create(document=paper, file=ContentFile(words.encode(), name="a.txt"), name="a.txt", by=editor)


def _person(email: str) -> Any:
    """As they come with a session."""
    from members.auth_backends import AuthenticationBackend
    from members.models import User

    return AuthenticationBackend().get_user(User.objects.get(email=email).pk)


def _worked() -> float:
    """Seconds of processor time of this process and of its connection's at the database, where that one runs here."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        file = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    with suppress(OSError):
        return time.process_time() + int(file.read_text().split()[0]) / 1e9
    return time.process_time()


def search(words: str, who: str = MEMBER) -> dict[str, Any]:
    """Seconds for what a person finds with these words, with filters and passages; and for the best ten rows of the
    same index in plain SQL, which knows nobody's rights."""
    from django.db import connection, transaction

    from portal.search import facets, find, results, wanted
    from portal.search.interface import place
    from portal.search.query import understood

    query, asked, user = understood(words), wanted.understood({}), _person(who)
    worked, begun = _worked(), time.perf_counter()
    found = find.found(query, user, asked)
    facets.facets(found, facets.Address(words, asked))
    results.finds_of(found.hits[:10], query, found.visible)
    seconds, cpu = time.perf_counter() - begun, _worked() - worked
    with transaction.atomic(), connection.cursor() as cursor:
        stems = place()._asked(query)  # type: ignore[attr-defined]  # both modules have it
        worked, begun = _worked(), time.perf_counter()
        cursor.execute(PLAIN[connection.vendor], [stems, stems])
        while cursor.description is None and cursor.nextset():
            pass  # what came before the question
        cursor.fetchall()
        plain, plain_cpu = time.perf_counter() - begun, _worked() - worked
    return {"seconds": seconds, "cpu": cpu, "plain": plain, "plain_cpu": plain_cpu, "found": found.count}


def suggest(typed: str, who: str = MEMBER) -> dict[str, Any]:
    """Seconds for the titles that are offered."""
    from portal.search import guesses

    user = _person(who)
    worked, begun = _worked(), time.perf_counter()
    found = guesses.suggestions(typed, user)
    return {"seconds": time.perf_counter() - begun, "cpu": _worked() - worked, "found": len(found)}


def index_papers(count: int) -> dict[str, Any]:
    """Seconds for writing so many papers into the index anew, as the worker does it, and for one alone."""
    from fileshare.models import SharedDocument
    from portal.search import index

    keys = list(SharedDocument.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    worked, begun = _worked(), time.perf_counter()
    for start in range(0, len(keys), index.AT_ONCE):
        index.write_papers(keys[start : start + index.AT_ONCE])
    many, cpu = time.perf_counter() - begun, _worked() - worked
    begun = time.perf_counter()
    index.write_papers(keys[-1:])
    return {"seconds": many, "cpu": cpu, "one": time.perf_counter() - begun, "papers": len(keys)}


def index_plainly(count: int) -> dict[str, Any]:
    """Seconds for as many papers' text by the database alone (`FLOOR`). Nothing of it stays."""
    from django.db import connection, transaction
    from django.db.models import Max

    from fileshare.models import PageText
    from portal.search import index

    last = PageText.objects.aggregate(last=Max("version"))["last"]
    *tables, insert = FLOOR[connection.vendor]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in tables:
            cursor.execute(statement)
        worked, begun = _worked(), time.perf_counter()
        for start in range(last - count + 1, last + 1, index.AT_ONCE):
            cursor.execute(insert, [start, min(start + index.AT_ONCE - 1, last)])
        seconds, cpu = time.perf_counter() - begun, _worked() - worked
        cursor.execute("SELECT count(*) FROM bench_floor")
        papers = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return {"seconds": seconds, "cpu": cpu, "papers": papers}


def digest(*, only_begin: bool = False) -> dict[str, Any]:
    """Begin the weekly digest anew, about what the demonstration has, and send it. Seconds of the whole, the process's
    own of these, its greatest size, and the questions to the database."""
    import resource

    from django.db import connection
    from django_tasks_db.models import DBTaskResult

    from members import access
    from members.models import OutgoingMail
    from portal.models import Announcement, Pace, Run
    from portal.notifications import audience, sending

    OutgoingMail.objects.all().delete()
    DBTaskResult.objects.all().delete()
    _announce_everything()
    Run.objects.all().delete()
    Announcement.objects.update(told_at_once=True)
    now = _now()
    facts = {"day": now.date(), "since": now - sending.LENGTHS[Pace.WEEKLY], "until": now}
    sending._begin(f"weekly {now}", pace=Pace.WEEKLY, **facts)
    if only_begin:
        return {"mails": audience.listening(access.current_people()).count()}
    asked = [0]

    def count(execute: Any, *arguments: Any) -> Any:
        asked[0] += 1
        return execute(*arguments)

    begun, worked = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        _work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mails = OutgoingMail.objects.filter(state="sent").count()
    return {"seconds": seconds, "cpu": cpu, "megabytes": size, "mails": mails, "queries": asked[0]}


def _announce_everything() -> None:
    """The demonstration's newest posts and papers, as if they had come out this week."""
    import datetime

    from fileshare.models import SharedDocument
    from portal.models import Announcement, NewsPage

    Announcement.objects.all().delete()
    newest = NewsPage.objects.listed()[:8], SharedDocument.objects.visible_to_any_member().newest_first()[:12]
    things = [*({"post": post} for post in newest[0]), *({"paper": paper} for paper in newest[1])]
    for place, thing in enumerate(things, 1):
        Announcement.objects.create(at=_now() - datetime.timedelta(hours=place), **thing)


def requeue() -> dict[str, Any]:
    """As the timer does it after a minute and a half: what the dead worker was at goes back into the queue."""
    from django_tasks_db.models import DBTaskResult

    from portal.ops import queue

    workers = {queue._worker_of(task) for task in DBTaskResult.objects.running()}
    for worker in workers:
        queue.requeue_tasks_of(worker)
    return {"requeued": len(workers)}


def _work() -> int:
    """Do what waits in the queue, as the worker does it, here and now."""
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    worker = Worker(
        queue_names=["*"], excluded_queue_names=[], interval=1, batch=True, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="bench",
    )  # fmt: skip
    done = 0
    while task := DBTaskResult.objects.ready().first():
        task.claim(worker.worker_id)
        worker.run_task(task)
        done += 1
    return done


def main() -> None:
    import django

    django.setup()
    import_module("portal.wsgi")
    gc.freeze()  # as gunicorn's configuration does before the processes fork
    answers, sys.stdout = sys.stdout, sys.stderr  # mails to the console are no answers
    doing = {
        "page": page, "places": places, "save": save, "search": search, "suggest": suggest, "index": index_papers,
        "floor": index_plainly, "digest": digest, "requeue": requeue,
    }  # fmt: skip
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(doing[question.pop("do")](**question)), file=answers, flush=True)


if __name__ == "__main__":
    main()
