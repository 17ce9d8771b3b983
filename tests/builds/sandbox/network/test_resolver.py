"""Looking up names: once each, however many ask at the same time."""

import socket
import threading
import time

import pytest

from builds.sandbox.network.resolver import Resolver


@pytest.fixture
def asked(monkeypatch):
    names = []

    def look_up(name, port, **options):
        names.append(name)
        time.sleep(0.05)
        if name == "gone.example":
            raise socket.gaierror("not known")
        return [(None, None, None, "", ("192.0.2.1", 0)), (None, None, None, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def test_many_who_ask_at_once_are_one_look_up(asked):
    resolver, answers = Resolver(), []
    threads = [
        threading.Thread(target=lambda: answers.append(resolver.addresses("index.example"))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["192.0.2.1"]] * 20
    assert asked == ["index.example"]


def test_a_name_that_was_not_found_is_looked_up_again(asked):
    resolver = Resolver()
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            resolver.addresses("gone.example")
    assert asked == ["gone.example", "gone.example"]
