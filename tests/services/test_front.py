"""nginx in front, as deploy/nginx writes it: what it keeps, what it closes, what it adds."""

from __future__ import annotations

import concurrent.futures
import gzip
import json
import re
import ssl

import brotli
import pytest

from deploy.services import NGINX_BROTLI
from tests.services.conftest import Machines, until
from tests.services.visitor import Answer, Visitor

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
POST = "/news/nactso-ctpn-information/"


def logged(machines: Machines, answers: list[Answer]) -> list[dict[str, object]]:
    """What nginx has written about each of these answers; it writes a second later."""
    log, lines = machines.stack.folder / "nginx" / "access.log", dict[str, dict[str, object]]()
    ids = [answer.headers["x-request-id"] for answer in answers]

    def are_there() -> bool:
        lines.update((line["request_id"], line) for line in map(json.loads, log.read_text().splitlines()))
        return lines.keys() >= {*ids}

    until(are_there, "nginx has written its log")
    return [lines[each] for each in ids]


def test_burst_of_visitors_is_one_question_to_the_site(machines):
    with concurrent.futures.ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: machines.front().get(POST + "?after=1"), range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    burst = [line["cache"] for line in logged(machines, answers)]
    asked = burst.count("MISS") + burst.count("EXPIRED")
    assert 1 <= asked <= 5, burst  # one, and some more where forty answers take seconds


@pytest.mark.parametrize("address", ["/account/login/", "/files/document/00000000-0000-4000-8000-000000000000/"])
def test_visitors_do_not_wait_for_each_other_where_nothing_is_kept(machines, address):
    with concurrent.futures.ThreadPoolExecutor(30) as crowd:
        answers = list(crowd.map(lambda _: machines.front().get(address), range(30)))
    assert len({answer.status for answer in answers}) == 1
    assert {line["cache"] for line in logged(machines, answers)} == {""}  # the lock is the cache's


def test_nobody_with_a_session_is_answered_from_the_cache_or_fills_it(machines, member):
    at_front = member.elsewhere(machines.stack.port, machines.stack.certificate)
    own, public = at_front.get("/"), machines.front().get("/")
    assert ("Sign out" in own.text, "Sign out" in public.text) == (True, False)
    assert (own.headers["cache-control"], "etag" in own.headers) == ("private, no-store", False)
    personal = ("session=x", "__Host-session=x", "a=b; messages=x")
    others = [machines.front().get("/", Cookie=cookie) for cookie in personal]
    used = [line["cache"] != "" for line in logged(machines, [own, public, *others])]
    assert used == [False, True, False, False, False]


def test_answer_that_sets_a_cookie_is_never_kept(machines):
    tokens = set()
    for _ in range(3):
        visitor = machines.front()
        visitor.get("/account/login/")
        tokens.add(visitor.cookies["__Host-csrf"])
    assert len(tokens) == 3


@pytest.mark.parametrize(
    "name", ["X-Accel-Redirect", "X-Object-Range", "X-Sendfile", "X-Original-URL", "X-Rewrite-URL"]
)
def test_request_that_names_a_private_place_gains_nothing(machines, paper, name):
    place = f"/_private/papers/{paper.key}"
    answer = machines.front().ask("GET", paper.download, headers={name: place})
    assert (answer.status, answer.headers["location"]) == (302, f"/account/login/?next={paper.download}")
    assert machines.front().ask("GET", "/", headers={name: place}).text == machines.front().get("/").text


def packed(machines: Machines, address: str, most: str) -> dict[str, Answer]:
    """What is said to browsers of three kinds; what is packed is unpacked here, and compared with what is not."""
    answers = {name: machines.front().get(address, Accept_Encoding=name) for name in ("", "gzip", most)}
    plain = answers[""].body
    assert {gzip.decompress(answers["gzip"].body), brotli.decompress(answers[most].body)} == {plain}
    assert len(answers[most].body) < len(answers["gzip"].body) < len(plain)
    return answers


def test_page_comes_as_each_browser_unpacks_it_and_never_as_another_s(machines):
    """Also from nginx's own copies, of which there is one for each kind of browser, good for a second."""
    address, browsers = f"{POST}?after=3", "gzip, deflate, br, zstd"
    kinds = {"": None, "gzip": "gzip", browsers: "br"}

    def second_time_comes_from_nginx() -> bool:
        rounds = [packed(machines, address, browsers) for _ in range(2)]
        for answers in rounds:
            assert {name: answer.headers.get("content-encoding") for name, answer in answers.items()} == kinds
            assert {answer.headers["vary"] for answer in answers.values()} == {"Cookie, Accept-Encoding"}
        return [line["cache"] for line in logged(machines, [*rounds[1].values()])] == ["HIT"] * 3

    until(second_time_comes_from_nginx, "the three are answered from nginx's copies, within the second")


def test_what_is_private_is_not_packed_on_its_way(machines, member):
    """From its length others could guess at what it holds (BREACH)."""
    accepted = {"Accept_Encoding": "gzip, deflate, br, zstd"}
    answers = [machines.front(member).get(path, **accepted) for path in ("/", "/members/", "/files/", POST)]
    answers += [machines.front().get(path, **accepted) for path in ("/account/login/", "/members/")]
    assert [answer.status for answer in answers] == [200] * 5 + [302]
    assert ["private" in answer.headers["cache-control"] for answer in answers] == [True] * 6
    assert ["content-encoding" in answer.headers for answer in answers] == [False] * 6


@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_static_files_come_compressed_and_for_ever(machines, packing):
    if packing == "br" and not NGINX_BROTLI.exists():
        pytest.skip("this nginx has no module for files that lie there as brotli: libnginx-mod-http-brotli-static")
    front = machines.front()
    (style,) = re.findall(r'href="(/static/css/site\.[^"]+)"', front.get("/").text)
    sheet, plain = front.get(style, Accept_Encoding=f"deflate, {packing}"), front.get(style)
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}[packing]
    assert unpack(sheet.body) == plain.body
    names = ("content-type", "content-encoding", "vary", "cache-control", "x-content-type-options")
    assert {name: sheet.headers.get(name) for name in names} == {
        "content-type": "text/css; charset=utf-8",
        "content-encoding": packing,
        "vary": "Accept-Encoding",
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
    }
    assert [plain.headers.get(name) for name in names] == [
        sheet.headers[names[0]],
        None,
        *map(sheet.headers.get, names[2:]),
    ]


def test_browser_that_unpacks_both_is_sent_the_smaller_file(machines):
    if not NGINX_BROTLI.exists():
        pytest.skip("this nginx has no module for files that lie there as brotli: libnginx-mod-http-brotli-static")
    module = "/static/vendor/pdfjs/pdf.min.mjs"
    answers = packed(machines, module, "gzip, deflate, br, zstd")
    assert {answer.headers["content-type"] for answer in answers.values()} == {"text/javascript; charset=utf-8"}


def test_module_is_a_script(machines):
    front = machines.front()
    module = front.get("/static/vendor/pdfjs/pdf.min.mjs")
    assert (module.status, module.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert module.headers["cache-control"] == "public, max-age=60"
    assert module.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"


def test_front_speaks_http_2_and_leads_plain_http_to_itself(machines):
    context = ssl.create_default_context(cafile=str(machines.stack.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = machines.front().connect()
    connection._context = context  # http.client offers no other way to a protocol of one's choice
    connection.connect()
    assert (connection.sock.selected_alpn_protocol(), connection.sock.version()) == ("h2", "TLSv1.3")
    connection.close()
    plain = Visitor(machines.stack.port).get("/news/?q=1")
    assert (plain.status, plain.headers["location"]) == (301, f"{machines.stack.url}/news/?q=1")


def test_flood_at_a_door_is_told_to_wait(machines):
    front = machines.front()
    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: front.ask("POST", "/members/invitation/none/", b""), range(90)))
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "60"
    assert front.get("/account/login/").status == 200  # looking is no knocking


def test_log_has_the_way_of_a_request_and_neither_addresses_nor_keys(machines):
    front = machines.front()
    paths = ("/account/password/reset/key/3-secretkey/", "/members/invitation/secrettoken/", "/search/?q=secretword")
    lines = logged(machines, [front.get(path) for path in paths])
    assert [line["address"] for line in lines] == [
        "/account/password/reset/key/...", "/members/invitation/...", "/search/",
    ]  # fmt: skip
    log = (machines.stack.folder / "nginx" / "access.log").read_text()
    assert not [word for word in ("secret", "127.0.0.1,", "192.0.2.", '"client"') if word in log]


def test_each_answer_bears_the_id_of_its_own_request(machines):
    front = machines.front()
    own = {"X-Request-ID": "of-the-visitor"}
    paths = ["/", "/", "/static/none.css", "/_private/x", "/metrics"]
    answers = [front.ask("GET", path, headers=own) for path in paths]
    assert [line["address"] for line in logged(machines, answers)] == paths
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert (len(ids), "of-the-visitor" in ids) == (5, False)


def test_upload_larger_than_any_form_is_refused_in_words(machines, member):
    at_front = member.elsewhere(machines.stack.port, machines.stack.certificate)
    answer = at_front.ask("POST", "/members/details/", headers={"Content-Length": str(4 * 1024**2)})
    assert (answer.status, "Too large" in answer.text) == (413, True)
