"""Composes a mail: headers, and the same facts as text and as HTML."""

from email.header import Header
from email.message import Message
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import utf8_charset_qp
from django.template.loader import render_to_string

from notifications.mails.content import Surroundings, content_of, surroundings_of
from notifications.mails.headers import headers_of
from notifications.models import Mail

LONGEST_LINE = 998  # characters, without CRLF. Source: RFC 5322, 2.1.1


class OneLine(Header):
    """An ASCII header that stays on one line: folded, a long address would leave the name's own line empty."""

    def encode(self, splitchars: str = ";, \t", maxlinelen: int | None = None, linesep: str = "\n") -> str:
        return super().encode(splitchars, LONGEST_LINE, linesep)


class TidyMessage(EmailMultiAlternatives):
    """What Django makes of a message, with every byte below 128, and headers folded with their names in mind.

    Quoted-printable instead of 8bit: no server on the way has to change it, which would break its DKIM signature
    (RFC 6376, 5.3). Of a header's name Django forgets the length, so that a long subject has nothing on its first
    line, which some readers (Python's own among them) show as a blank in front of it.
    """

    encoding = utf8_charset_qp

    def message(self, *args: Any, **options: Any) -> Message:  # type: ignore[override]
        message: Message = super().message(*args, **options)
        for name, value in {"Subject": str(self.subject), **self.extra_headers}.items():
            if not value.isascii():
                message.replace_header(name, Header(value, "utf-8", header_name=name).encode(linesep=""))
            elif name != "Subject":
                message.replace_header(name, OneLine(value, "us-ascii", header_name=name))  # type: ignore[arg-type]
        return message


def compose(mail: Mail, around: Surroundings | None = None) -> EmailMultiAlternatives:
    """`around` is looked up unless it is given."""
    return written(
        "notifications/mail_of_build" if mail.build else "notifications/mail",
        content_of(mail, around or surroundings_of(mail)),
        subject=mail.subject,
        recipient=mail.recipient,
        headers=headers_of(mail),
    )


def written(
    template: str, content: dict[str, Any], *, subject: str, recipient: str, headers: dict[str, str]
) -> EmailMultiAlternatives:
    """A message of two parts, from `<template>.txt` and `<template>.html`."""
    content = {"subject": subject, **content}
    text = render_to_string(f"{template}.txt", content).strip() + "\n"
    message = TidyMessage(subject=subject, body=text, to=[recipient], headers=headers)
    message.attach_alternative(render_to_string(f"{template}.html", content), "text/html")
    return message
