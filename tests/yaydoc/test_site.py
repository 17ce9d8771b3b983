"""The site's own addresses and its refusal of NUL."""

import pytest
from django.contrib.auth.models import User


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "answer"), [("/healthz", b"ok\n"), ("/readyz", b"ready\n")])
def test_a_load_balancer_is_answered(client, path, answer):
    response = client.get(path)

    assert (response.status_code, response.content) == (200, answer)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/%00", "/acme/handbook/builds/%00", "/?q=%00", "/?%00=q"])
def test_a_nul_in_path_or_query_is_a_bad_request(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_a_nul_in_a_form_is_a_bad_request(client):
    client.force_login(User.objects.create_user("ada"))

    response = client.post("/register/", {"clone_url": "https://github.com/a/b\x00"})

    assert response.status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/nobody/nothing/"])
def test_pages_hold_no_inline_script_or_style(client, path):
    response = client.get(path)

    assert "script-src 'self';" in response["Content-Security-Policy"] + ";"
    assert "style=" not in response.text
    assert "<script>" not in response.text
    assert "<style" not in response.text


@pytest.mark.django_db
def test_a_page_that_does_not_exist_is_a_404_in_the_sites_own_looks(client):
    response = client.get("/nobody/nothing/")

    assert response.status_code == 404
    assert "There is nothing here" in response.text


def test_the_page_for_our_own_faults_needs_no_database(client, settings):
    """No database fixture: a query would fail this test."""
    settings.ROOT_URLCONF = "tests.yaydoc.urls_with_a_fault"
    client.raise_request_exception = False

    response = client.get("/fault")

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "style=" not in response.text


@pytest.mark.django_db
def test_an_unmigrated_database_is_not_ready(client, monkeypatch):
    monkeypatch.setattr("yaydoc.views.MigrationExecutor.migration_plan", lambda self, targets: ["one", "two"])

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"2 migrations missing\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_kept_by_a_cache(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/nobody/nothing.svg", "/nobody/nothing/"])
def test_an_answer_to_head_has_the_headers_and_no_body(get, path):
    head, whole = (get(path, method, host="localhost:8000") for method in ("HEAD", "GET"))

    assert (head.status, head.headers["Content-Length"]) == (whole.status, str(len(whole.body)))
    assert (head.body, whole.body == b"") == (b"", False)
