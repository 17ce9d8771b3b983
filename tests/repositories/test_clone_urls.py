"""Which addresses a repository may be cloned from."""

import socket

import pytest

from repositories.clone_urls import check_clone_url
from repositories.web_urls import InvalidURL
from tests.repositories.bad_clone_urls import BAD_CLONE_URLS


@pytest.fixture(autouse=True)
def no_connections(monkeypatch):
    """Nothing is resolved and nothing is connected to when a repository is registered."""

    def refuse(*arguments, **options):
        pytest.fail("a connection was tried")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def refusal(url):
    with pytest.raises(InvalidURL) as caught:
        check_clone_url(url)
    return str(caught.value)


@pytest.mark.parametrize(("url", "part"), [c[1:] for c in BAD_CLONE_URLS], ids=[c[0] for c in BAD_CLONE_URLS])
def test_an_address_that_must_not_be_cloned_from_is_refused_with_a_sentence(url, part):
    assert part in refusal(url)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("  HTTPS://GitHub.com:443/a/b.git/ ", "https://github.com/a/b.git"),
        ("https://github.com./a/b", "https://github.com/a/b"),
        ("https://git.sr.ht/~user/some_project", "https://git.sr.ht/~user/some_project"),
        ("https://bücher.example/a/b", "https://xn--bcher-kva.example/a/b"),
        ("https://1.1.1.1/a/b", "https://1.1.1.1/a/b"),
        ("https://[2606:4700:4700::1111]/a/b", "https://[2606:4700:4700::1111]/a/b"),
    ],
)
def test_a_public_address_is_stored_in_its_normal_form(url, normal):
    assert check_clone_url(url) == normal


def test_the_ssh_form_is_told_what_to_write_instead():
    assert "https://host/owner/name" in refusal("git@github.com:a/b.git")


def test_a_host_that_the_operator_names_is_allowed_with_the_port_that_is_named(settings):
    settings.CLONE_HOSTS = ["public", "forge", "forge.lan:3000", "[fd00::1]:8443"]

    assert check_clone_url("https://forge/a/b") == "https://forge/a/b"
    assert check_clone_url("https://forge.lan:3000/a/b") == "https://forge.lan:3000/a/b"
    assert check_clone_url("https://[fd00::1]:8443/a/b") == "https://[fd00::1]:8443/a/b"
    assert "only port 443" not in refusal("https://forge.lan/a/b")
    assert "host is not allowed" in refusal("https://forge:8443/a/b")


def test_a_network_that_the_operator_names_allows_its_addresses_and_names_that_may_lead_there(settings):
    settings.CLONE_HOSTS = ["10.0.0.0/8"]

    assert check_clone_url("https://10.1.2.3/a/b") == "https://10.1.2.3/a/b"
    assert check_clone_url("https://gitlab/a/b") == "https://gitlab/a/b"
    assert "host is not allowed" in refusal("https://192.168.0.1/a/b")
    assert "only port 443" in refusal("https://10.1.2.3:22/a/b")


def test_public_hosts_are_refused_where_the_operator_leaves_them_out(settings):
    settings.CLONE_HOSTS = ["forge.example.org"]

    assert check_clone_url("https://forge.example.org/a/b") == "https://forge.example.org/a/b"
    assert "host is not allowed" in refusal("https://github.com/a/b")


def test_plain_http_is_allowed_only_where_the_operator_lists_it(settings):
    settings.CLONE_PROTOCOLS = ["https", "http"]

    assert check_clone_url("http://github.com:80/a/b") == "http://github.com/a/b"
    assert "only port 80" in refusal("http://github.com:443/a/b")
    assert "only https:// and http:// URLs" in refusal("file:///srv/x")


def test_repositories_of_this_machine_are_allowed_only_where_the_operator_lists_file(settings):
    settings.CLONE_PROTOCOLS = ["https", "file"]

    assert check_clone_url("file:///srv/git/../my%20repos/x.git/") == "file:///srv/my%20repos/x.git"
    assert "absolute path" in refusal("file://host/srv/x")
    assert "invalid character" in refusal("file:///srv/x%0a")


def test_this_checkout_is_always_allowed_so_that_yaydoc_can_build_its_own_docs(settings):
    assert settings.CLONE_PROTOCOLS == ["https"]
    assert check_clone_url(f"file://{settings.BASE_DIR}") == f"file://{settings.BASE_DIR}"
    assert "only https://" in refusal(f"file://{settings.BASE_DIR}/..")
    assert "only https://" in refusal(f"file://{settings.BASE_DIR}/docs")
