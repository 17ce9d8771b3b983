"""A real SMTP server."""

import email
import email.policy
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller


@dataclass
class Sink:
    """What the server took, and what it answers. `script` holds replies to DATA, used up before it says 250."""

    taken: list = field(default_factory=list)  # parsed messages
    data_seen: int = 0
    rcpt_reply: str = "250 OK"
    script: list = field(default_factory=list)  # replies, or "drop"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not self.rcpt_reply.startswith("250"):
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.data_seen += 1
        reply = self.script.pop(0) if self.script else "250 OK"
        if reply == "drop":
            server.transport.abort()
            return "421 gone"
        if reply.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return reply

    @property
    def subjects(self):
        return [message["Subject"] for message in self.taken]


class AnyPortController(Controller):
    def _trigger_server(self):
        """The controller's first connection, which it would make to the port that was asked for: 0."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
