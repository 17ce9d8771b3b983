"""For the templates of mails: looks, wrapped text, addresses."""

import textwrap
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from yaydoc import mail_looks

register = template.Library()

LABEL = 15  # columns of the labels of facts and links
COLUMNS = 76  # RFC 2045 and RFC 5322 allow 78; a quoted answer adds two


@register.simple_tag
def looks(name: str, tone: str = "") -> SafeString:
    """The attributes of an element: `class`, for the dark side, and `style`."""
    return format_html('class="{}" style="{}"', mail_looks.class_of(name, tone), mail_looks.style_of(name, tone))


@register.simple_tag
def dark_sheet() -> SafeString:
    return mark_safe(mail_looks.dark_sheet())  # noqa: S308 - made of our own table only


@register.simple_tag
def site_url() -> str:
    return str(settings.SITE_URL)


@register.simple_tag
def site_host() -> str:
    return urlsplit(settings.SITE_URL).netloc


@register.filter
def wrapped(text: str, indent: str = "") -> str:
    """Plain text in lines of at most COLUMNS; its own line ends stay, and what has no blanks is not cut."""
    return "\n".join(_filled(line, indent, indent) for line in str(text).splitlines())


@register.filter
def labelled(text: str, label: str) -> str:
    """One line of text behind its label, wrapped beside it."""
    return _filled(str(text), f"{label}: ".ljust(LABEL), " " * LABEL)


def _filled(line: str, first: str, others: str) -> str:
    wrap = textwrap.TextWrapper(
        COLUMNS, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    return wrap.fill(line)
