"""Which addresses may be connected to."""

import pytest

from repositories.addresses import AllowedHosts, is_public, literal_address


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "140.82.121.4", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"],
)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address) is True


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",  # shared by the customers of a carrier
        "127.0.0.1",
        "169.254.169.254",  # where clouds keep their secrets
        "172.16.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:0101:0101::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "127.8.8.8",
        "10.0.0.1",
        "192.0.0.1",
        "203.0.113.80",
        "64:ff9b::127.0.0.1",
        "2002:a00:1::1",
        "2001::1",
        "fe80::1%1",
        "2606:4700::1111%eth0",
    ],
)
def test_an_address_of_a_machine_a_network_or_a_special_range_is_not_public(address):
    assert is_public(address) is False


def test_what_is_no_address_is_refused_loudly():
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public("example.org")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("1.2.3.4.", "1.2.3.4"),
        ("[::1]", "::1"),
    ],
)
def test_an_address_is_known_in_every_form_that_a_resolver_takes(host, address):
    assert str(literal_address(host)) == address


@pytest.mark.parametrize("host", ["example.org", "1.2.3.4.5", "256.1.1.1", "0xg", "", "a", "1..2", "09", "²"])
def test_a_name_is_no_address(host):
    assert literal_address(host) is None


def test_public_addresses_are_allowed_unless_the_operator_leaves_them_out():
    assert AllowedHosts.parse(["public"]).allows_address("1.1.1.1") is True
    assert AllowedHosts.parse(["10.0.0.0/8"]).allows_address("1.1.1.1") is False


def test_a_private_network_that_the_operator_names_is_allowed_in_its_mapped_form_too():
    hosts = AllowedHosts.parse(["public", "10.0.0.0/8"])

    assert hosts.allows_address("10.1.2.3") is True
    assert hosts.allows_address("::ffff:10.1.2.3") is True
    assert hosts.allows_address("192.168.0.1") is False


def test_a_name_stands_for_port_443_and_any_other_port_must_be_written():
    hosts = AllowedHosts.parse(["Git.Example.org", "forge.lan:3000", "[fd00::1]:8443"])

    assert hosts.names_host("git.example.org", 443) is True
    assert hosts.names_host("git.example.org", 80) is False
    assert hosts.names_host("forge.lan.", 3000) is True
    assert hosts.names_host("forge.lan", 443) is False
    assert hosts.names_host("fd00::1", 8443) is True
