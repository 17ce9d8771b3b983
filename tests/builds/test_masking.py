"""Secrets do not show: those that we know, and what looks like one. What only sounds like one stays readable."""

import time

import pytest

from builds.masking import masked, without_lookalikes
from repositories.models import Repository

GITHUB = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: https://bot:hunter2@git.example.org/x.git", "fatal: https://[secret]@git.example.org/x.git"),
        (f"https://{GITHUB}@github.com/x", "https://[secret]@github.com/x"),
        ("postgres://app:p%40ss@db/app", "postgres://[secret]@db/app"),
        ("API_TOKEN=hunter2-x", "API_TOKEN=[secret]"),
        ("export AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI/K7MDENG'", "export AWS_SECRET_ACCESS_KEY='[secret]'"),
        ("environ({'DB_PASSWORD': 'hunter2', 'LANG': 'C'})", "environ({'DB_PASSWORD': '[secret]', 'LANG': 'C'})"),
        ("connect(password='hunter2', host='db')", "connect(password='[secret]', host='db')"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key [secret]."),
        ("glpat-" + "x" * 20, "[secret]"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM", "[secret]"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_its_name_stays(text, shown):
    assert without_lookalikes(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "index.rst:3: WARNING: lexing failed at token: '$'",
        "conf.py, line 4: SyntaxError: invalid syntax near TOKEN",
        "git@github.com:octo/docs.git",
        "ssh://git@github.com/octo/docs.git",
        "https://docs.example.org/a:b@c",
        "WARNING: unknown document: 'secret' [ref.doc]",
        "the password is explained in passwords.md",
        "tokenize(token=None)",
        "SECRET_KEY=[secret]",
        "sk-learn is installed; eyJ is no token",
    ],
)
def test_what_only_sounds_like_a_secret_stays(text):
    assert without_lookalikes(text) == text


def test_a_known_secret_is_masked_wherever_it_stands():
    assert masked("see hunter2 and hunter%2F2", ["hunter2", "hunter/2"]) == "see [secret] and [secret]"


@pytest.mark.parametrize("piece", ["A_", "://a:", "eyJabcdefgh.", "-eyJ", "TOKEN=", "a_", "authorization: "])
def test_no_line_takes_long(piece):
    line = (piece * 8_192)[:8_192]
    began = time.process_time()
    for _ in range(20):
        without_lookalikes(line)
    assert time.process_time() - began < 0.5


@pytest.mark.django_db
def test_a_repositorys_secrets_are_what_is_encrypted_at_rest(repository):
    stored = Repository.objects.get(pk=repository.pk)
    assert stored.webhook_secret in stored.secrets
