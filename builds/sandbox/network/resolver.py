"""Looks host names up once: an installer opens dozens of connections to the same two hosts at the same time."""

import socket
import threading
from collections import defaultdict

MOST = 1_000  # names


class Resolver:
    """The system's answers, kept for the time of one command; of equal questions at a time one is asked."""

    def __init__(self) -> None:
        self._answers: dict[str, list[str]] = {}
        self._asking: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def addresses(self, name: str) -> list[str]:
        """Every address of a name, in the system's order. Raises OSError, UnicodeError."""
        with self._lock:
            asking = self._asking[name]
        with asking:
            known = self._answers.get(name)
            if known is None:
                found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
                known = list(dict.fromkeys(str(item[4][0]) for item in found))
                self._keep(name, known)
            return known

    def _keep(self, name: str, answer: list[str]) -> None:
        with self._lock:
            if len(self._answers) >= MOST:
                self._answers.clear()
            self._answers[name] = answer
