"""A real SMTP server."""

import asyncio
import email
import email.policy
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller

HANG = 5  # seconds, longer than any client of the tests waits


@dataclass
class Sink:
    """What the server took, and what it answers.

    `script` holds replies to DATA, used up before it says `data_reply`. Instead of a reply: "drop" the connection,
    "take and drop" it, "hang" for as long as the client waits.
    """

    taken: list = field(default_factory=list)  # parsed messages
    raw: list = field(default_factory=list)  # the same, as bytes
    data_seen: int = 0
    rcpt_reply: str = "250 OK"
    data_reply: str = "250 OK"
    script: list = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not self.rcpt_reply.startswith("250"):
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.data_seen += 1
        reply = self.script.pop(0) if self.script else self.data_reply
        if reply.startswith(("250", "take")):
            self.raw.append(envelope.content)
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if reply == "hang":
            await asyncio.sleep(HANG)
        if reply.endswith("drop"):
            server.transport.abort()
            return "421 gone"
        return reply

    @property
    def subjects(self):
        return [message["Subject"] for message in self.taken]


class AnyPortController(Controller):
    def _trigger_server(self):
        """The controller's first connection, which it would make to the port that was asked for: 0."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server():
    """A server on a port of this machine, as its sink."""
    sink = Sink()
    controller = AnyPortController(sink, hostname="127.0.0.1", port=0)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
