"""Answers are compressed once, by what the client takes."""

import gzip

import brotli
import pytest

from builds import logs


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("br;q=0, gzip", "gzip"),
    ],
)
def test_a_page_is_compressed_by_what_is_accepted(client, accepted, encoding):
    response = client.get("/", headers={"accept-encoding": accepted})

    assert response["Content-Encoding"] == encoding
    assert "Accept-Encoding" in response["Vary"]
    assert len(response.content) < 3_000


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["", "identity", "deflate"])
def test_a_page_comes_plain_to_who_takes_nothing_else(client, accepted):
    response = client.get("/", headers={"accept-encoding": accepted})

    assert "Content-Encoding" not in response
    assert response.content.startswith(b"<!doctype html>")


@pytest.mark.parametrize(("encoding", "decompress"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_what_is_decompressed_is_what_was_sent(client, db, encoding, decompress):
    plain = client.get("/nobody/nothing/").content

    packed = client.get("/nobody/nothing/", headers={"accept-encoding": encoding}).content

    assert decompress(packed) == plain


@pytest.mark.django_db
def test_small_answers_are_left_alone(client):
    assert "Content-Encoding" not in client.get("/healthz", headers={"accept-encoding": "gzip, br"})


def test_a_log_is_compressed(as_owner, request_build):
    text = "a line of the log\n" * 5_000
    with logs.LogWriter(request_build()) as log:
        log.write(text.encode())

    response = as_owner.get("/octo/docs/builds/1/log", headers={"accept-encoding": "gzip"})

    packed = b"".join(response.streaming_content)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed).decode() == text
    assert len(packed) < len(text) / 20
