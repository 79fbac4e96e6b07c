import pytest

from tests.factories import make_folder, make_member, make_paper


@pytest.mark.django_db
def test_member_reads_a_paper_and_a_visitor_is_sent_to_sign_in(client, signed_in):
    paper = make_paper(collection=make_folder("Guidance"))
    member = signed_in(make_member())
    assert f'data-document="{paper.uuid}"' in member.get("/files/guidance/").content.decode()
    response = member.get(paper.download_url)
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert client.get(paper.download_url).status_code == 302
