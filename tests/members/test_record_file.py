"""The record as a file: whatever is done to it is found, by the site and by the program that needs no site."""

from __future__ import annotations

import json
import random
import stat
from io import BytesIO, StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from deploy import verify_record
from members import audit, chain, record_file, record_heads, signing
from members.enums import Action
from members.models import AccessRecord
from members.record_check import Bent
from portal.services import roles
from tests.factories import make_member

CHANGES = 1_000


@pytest.fixture
def lines(db) -> list[bytes]:
    """An export of ten rows."""
    for number in range(10):
        audit.record(Action.OPENED, actor=None, object_id=number, reason="ü", n=number, part=number / 4)
    connection.check_constraints()
    return list(record_file.written())


def found_by_site(lines: list[bytes]) -> str:
    try:
        for _ in record_file.check(lines, keys=signing.known()):
            pass
    except Bent as bent:
        return str(bent)
    return ""


def found_without_site(lines: list[bytes]) -> str:
    try:
        verify_record.follow(lines, signing.public_key(), {})
    except verify_record.Bent as bent:
        return str(bent)
    return ""


def test_export_is_what_was_written(lines):
    assert [json.loads(line)["details"] for line in lines[:-1]] == [{"n": n, "part": n / 4} for n in range(10)]
    assert (found_by_site(lines), found_without_site(lines)) == ("", "")


def test_empty_record_has_an_end(db):
    lines = list(record_file.written())
    assert (len(lines), found_by_site(lines), found_without_site(lines)) == (1, "", "")


# --- A thousand changes -------------------------------------------------------------------------------------------
def _byte(lines: list[bytes], dice: random.Random) -> None:
    number = dice.randrange(len(lines))
    line = bytearray(lines[number])
    line[dice.randrange(len(line))] ^= 1 << dice.randrange(8)
    lines[number] = bytes(line)


def _field(lines: list[bytes], dice: random.Random) -> None:
    number = dice.randrange(len(lines))
    said = json.loads(lines[number])
    name = dice.choice(sorted(said))
    said[name] = dice.choice(["x", 7, None, {}, [said[name]], {"n": said[name]}])
    lines[number] = chain.canonical(said).encode() + b"\n"


def _away(lines: list[bytes], dice: random.Random) -> None:
    del lines[dice.randrange(len(lines))]


def _order(lines: list[bytes], dice: random.Random) -> None:
    first, second = dice.sample(range(len(lines)), 2)
    lines[first], lines[second] = lines[second], lines[first]


def _again(lines: list[bytes], dice: random.Random) -> None:
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))


def _cut(lines: list[bytes], dice: random.Random) -> None:
    whole = b"".join(lines)
    lines[:] = BytesIO(whole[: dice.randrange(len(whole))])


def _forged(lines: list[bytes], dice: random.Random) -> None:
    """By somebody who knows the form: a row is changed, taken away or put in, all links after it are made anew, and the
    end says so. Only the key is wanting."""
    rows, end = [json.loads(line) for line in lines[:-1]], json.loads(lines[-1])
    number = dice.randrange(len(rows))
    what = dice.choice(["changed", "away", "new"])
    if what == "away":
        del rows[number]
    elif what == "new":
        rows.insert(number, {**rows[number], "object_id": "another"})
    else:
        rows[number]["actor"] = dice.randrange(1, 1000)
    hash_ = chain.BEGINNING
    for place, row in enumerate(rows, 1):
        said = {name: row[name] for name in verify_record.FACTS}
        hash_ = chain.link(
            hash_, at=row["linked_at"], content=chain.content_of(said), place=place, row=row["row"]
        )  # fmt: skip
        row.update(place=place, hash=hash_)
    end.update(place=len(rows), hash=hash_)
    if dice.random() < 0.5:  # with a key of their own
        own = Ed25519PrivateKey.generate()
        said = {name: end[name] for name in end if name not in ("key", "signature")}
        end["signature"] = own.sign(verify_record.SIGNED_FOR + chain.canonical(said).encode()).hex()
        if dice.random() < 0.5:
            end["key"] = own.public_key().public_bytes_raw().hex()
    lines[:] = [chain.canonical(said).encode() + b"\n" for said in (*rows, end)]


def test_every_random_change_is_found(lines, count):
    """By both, each of a thousand."""
    dice = random.Random(8032)  # noqa: S311 -- the same dice each time
    changes = [_byte, _field, _away, _order, _again, _cut, _forged]
    missed, done = [], 0
    while done < CHANGES:
        change, bent = dice.choice(changes), list(lines)
        change(bent, dice)
        if bent == lines:  # a field that had this value already
            continue
        done += 1
        if not found_by_site(bent) or not found_without_site(bent):
            missed.append((change.__name__, bent))
    count("Random changes to the record", 1_000, done, len(missed))
    assert missed == []


def test_end_of_an_earlier_export_is_no_end_of_this_one(lines):
    """A whole file of yesterday is good, as what it is: one of yesterday; its end proves nothing of today's rows."""
    audit.record(Action.OPENED, actor=None)
    connection.check_constraints()
    today = list(record_file.written())
    assert found_by_site([*today[:-1], lines[-1]]) == "The export ends with row 11, and its end says row 10."


def test_head_is_no_end_of_an_export(lines):
    """A head is signed each hour and lies about: it must not pass for the end of a file that was cut off there."""
    head = chain.canonical(record_heads.newest()).encode() + b"\n"
    assert found_by_site([*lines[:-1], head]) == "This is no signed export."
    assert found_without_site([*lines[:-1], head]) == "Line 11 is no signed export."


# --- Ed25519, in the program that needs no site -------------------------------------------------------------------
# RFC 8032, section 7.1: public key, message, signature of its tests 1 to 3.
VECTORS = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS, ids=["1", "2", "3"])
def test_signature_of_the_standard_is_right_and_any_other_is_wrong(key, message, signature):
    key, message, signature = (bytes.fromhex(each) for each in (key, message, signature))
    assert verify_record.is_signed(message, signature, key)
    for place in (0, 31, 32, 63):
        other = bytearray(signature)
        other[place] ^= 1
        assert not verify_record.is_signed(message, bytes(other), key)
    assert not verify_record.is_signed(message + b"x", signature, key)
    assert not verify_record.is_signed(message, signature, key[:31] + bytes([key[31] ^ 0x80]))
    assert not verify_record.is_signed(message, signature[:63], key)
    more = int.from_bytes(signature[32:], "little") + verify_record.ORDER  # the same number, written otherwise
    assert not verify_record.is_signed(message, signature[:32] + more.to_bytes(32, "little"), key)


def test_signatures_of_the_site_are_right():
    for number in range(20):
        own, message = Ed25519PrivateKey.generate(), bytes(number)
        assert verify_record.is_signed(message, own.sign(message), own.public_key().public_bytes_raw())


# --- The page and the commands ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_auditor_downloads_all_rows_and_checks_them_elsewhere(signed_in, tmp_path, capsys):
    auditor = make_member("auditor@example.org", groups=(roles.AUDITORS,))
    client = signed_in(auditor)
    page = client.get("/admin/access-record/").content.decode()
    assert 'href="/admin/access-record/?export=jsonl"' in page
    answer = client.get("/admin/access-record/?export=jsonl")
    file = tmp_path / "record.jsonl"
    file.write_bytes(b"".join(answer.streaming_content))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/jsonl", "private, no-store")
    assert answer["Content-Disposition"] == 'attachment; filename="access-record.jsonl"'
    count = AccessRecord.objects.count()
    last = json.loads(file.read_bytes().splitlines()[-2])
    assert (last["action"], last["actor"]) == ("record_exported", auditor.pk)  # the export itself
    assert verify_record.main([str(file), signing.public_key()]) == 0
    assert capsys.readouterr().out.startswith(f"All {count} rows are what was written, as http://")
    out = StringIO()
    call_command("verify_audit", str(file), stdout=out)
    assert out.getvalue().startswith(f"All {count} rows are what was written. The last link is {last['hash']}.\n")


def test_member_cannot_download_the_rows(signed_in):
    client = signed_in(make_member("pat@example.org"))
    assert client.get("/admin/access-record/?export=jsonl").status_code == 403
    assert not AccessRecord.objects.filter(action="record_exported").exists()


def test_file_that_is_wrong_ends_the_command_with_one(lines, tmp_path, capsys):
    file, heads = tmp_path / "record.jsonl", tmp_path / "heads.jsonl"
    file.write_bytes(b"".join(lines[:-1]))
    said = "The export is cut off after row 10: its signed end is missing."
    with pytest.raises(CommandError, match=said):
        call_command("verify_audit", str(file))
    assert verify_record.main([str(file), signing.public_key()]) == 1
    assert capsys.readouterr().err == f"{said}\n"
    file.write_bytes(b"".join(lines))
    heads.write_bytes(chain.canonical(signing.sign(what="head", place=3, hash_="0" * 64)).encode() + b"\n")
    with pytest.raises(CommandError, match=r"^Row 3 of the chain is not the one that was signed for"):
        call_command("verify_audit", str(file), "--heads", str(heads))
    assert verify_record.main([str(file), signing.public_key(), str(heads)]) == 1
    assert capsys.readouterr().err == "Row 3 is not the one that was signed for when it was the last one.\n"
    assert verify_record.main([str(file), "00" * 32]) == 1
    assert capsys.readouterr().err == f"Line 11 is signed with another key, {signing.public_key()}.\n"


def test_key_is_made_once_and_is_its_owner_s(settings, tmp_path):
    settings.DATA_DIR, settings.RECORD_KEY = tmp_path, ""
    assert signing.known() == set()
    key = signing.public_key()
    assert (signing.public_key(), signing.known()) == (key, {key})
    assert [path.name for path in tmp_path.iterdir()] == ["record_key"]
    assert stat.S_IMODE((tmp_path / "record_key").stat().st_mode) == 0o600
    settings.RECORD_KEY = (tmp_path / "record_key").read_text().strip()
    (tmp_path / "record_key").unlink()
    out = StringIO()
    call_command("record_key", stdout=out)
    assert out.getvalue() == f"{key}\n"
    assert not (tmp_path / "record_key").exists()
