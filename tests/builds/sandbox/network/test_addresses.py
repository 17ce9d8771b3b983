"""Which hosts a build may reach."""

import ipaddress
import socket

import pytest

from builds.sandbox import Reach
from builds.sandbox.network.addresses import Policy, Refused

PUBLIC_ADDRESS = "93.184.215.14"


@pytest.fixture
def names_of(monkeypatch):
    """A name server of the test's own: name -> addresses, or a list of such answers, one for each look-up."""
    known, asked = {}, []

    def look_up(name, port, **_):
        asked.append(name)
        try:
            found = [str(ipaddress.ip_address(name))]
        except ValueError:
            found = known.get(name)
        if not found:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    known["asked"] = asked
    return known


def test_public_reach_goes_to_public_hosts_on_the_webs_ports_only(names_of):
    names_of["docs.example.org"] = [PUBLIC_ADDRESS]
    policy = Policy(Reach.PUBLIC, ())

    assert policy.addresses("docs.example.org", 443) == [(PUBLIC_ADDRESS, 443)]
    assert policy.addresses("Docs.Example.Org.", 80) == [(PUBLIC_ADDRESS, 80)]
    with pytest.raises(Refused, match=r"docs\.example\.org:25 is not among the hosts"):
        policy.addresses("docs.example.org", 25)


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "internal.example", "0x7f.1"]
)
def test_a_name_that_turns_out_private_is_refused(names_of, name):
    names_of |= {"localhost": ["127.0.0.1"], "internal.example": ["10.0.0.5"], "0x7f.1": ["127.0.0.1"]}

    with pytest.raises(Refused, match="has a private address"):
        Policy(Reach.PUBLIC, ()).addresses(name, 443)


def test_a_name_is_refused_when_one_of_its_addresses_is_private(names_of):
    names_of["both.example"] = [PUBLIC_ADDRESS, "127.0.0.1"]

    with pytest.raises(Refused):
        Policy(Reach.PUBLIC, ()).addresses("both.example", 443)


def test_what_was_checked_is_what_is_connected_to_whatever_the_name_server_says_next(names_of):
    names_of["rebinding.example"] = [PUBLIC_ADDRESS]

    targets = Policy(Reach.PUBLIC, ()).addresses("rebinding.example", 443)

    assert targets == [(PUBLIC_ADDRESS, 443)]
    assert names_of["asked"] == ["rebinding.example"]


def test_index_reach_goes_to_package_indexes_and_git_hosts_only(names_of, settings):
    settings.PACKAGE_INDEX_HOSTS = ["index.internal:3141", "pypi.org"]
    names_of |= {"index.internal": ["10.0.0.9"], "pypi.org": ["203.0.113.80"], "github.com": [PUBLIC_ADDRESS]}
    policy = Policy(Reach.INDEXES, ())

    assert policy.addresses("index.internal", 3141) == [("10.0.0.9", 3141)]
    assert policy.addresses("pypi.org", 443) == [("203.0.113.80", 443)]
    assert policy.addresses("github.com", 443) == [(PUBLIC_ADDRESS, 443)]
    for name in ("example.org", "evil-pypi.org", "pypi.org.example.org"):
        with pytest.raises(Refused, match="not among the hosts"):
            policy.addresses(name, 443)


def test_a_git_host_that_turns_out_private_is_refused(names_of):
    names_of["github.com"] = ["10.0.0.1"]

    with pytest.raises(Refused, match="private"):
        Policy(Reach.INDEXES, ()).addresses("github.com", 443)


def test_a_host_that_a_command_names_is_reached_only_at_public_addresses(names_of):
    names_of |= {"git.example.org": [PUBLIC_ADDRESS], "git.internal": ["10.0.0.1"]}
    policy = Policy(Reach.NOTHING, ("git.example.org", "git.internal"))

    assert policy.addresses("git.example.org", 443) == [(PUBLIC_ADDRESS, 443)]
    with pytest.raises(Refused, match=r"git\.internal has a private address"):
        policy.addresses("git.internal", 443)


def test_a_host_or_network_that_the_operator_named_may_be_private(names_of, settings):
    settings.CLONE_HOSTS = ["public", "git.internal", "192.168.0.0/16"]
    names_of |= {"git.internal": ["10.0.0.1"], "other.internal": ["192.168.7.7"]}

    assert Policy(Reach.NOTHING, ("git.internal:8443",)).addresses("git.internal", 8443) == [("10.0.0.1", 8443)]
    assert Policy(Reach.INDEXES, ()).addresses("other.internal", 443) == [("192.168.7.7", 443)]
    with pytest.raises(Refused):
        Policy(Reach.NOTHING, ()).addresses("git.internal", 443)


def test_a_name_that_is_not_found_is_refused_with_that_reason(names_of):
    with pytest.raises(Refused, match=r"nowhere\.example was not found"):
        Policy(Reach.PUBLIC, ()).addresses("nowhere.example", 443)
