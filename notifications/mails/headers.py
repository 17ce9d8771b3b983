"""The headers of a mail: which thread and list it belongs to, and how to be rid of it."""

import hashlib
import re
from urllib.parse import urlsplit

from django.conf import settings

from builds.models import Build
from notifications.mails.links import unsubscribe_url
from notifications.mails.rules import FAILURES
from notifications.mails.sentences import branch_of
from notifications.models import Mail
from repositories.models import Repository

LONGEST_LIST_ID = 255  # octets. Source: RFC 2919, 3
LONGEST_BRANCH = 255


def host() -> str:
    return str(urlsplit(settings.SITE_URL).hostname)


def headers_of(mail: Mail) -> dict[str, str]:
    repository, build = mail.repository, mail.build
    own, thread = message_id(mail), thread_id(mail)
    return {
        "Message-ID": own,
        **({"In-Reply-To": thread, "References": thread} if thread not in {"", own} else {}),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
        "List-Id": list_id(repository),
        "List-Unsubscribe": f"<{unsubscribe_url(repository)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "X-Yaydoc-Repository": repository.full_name,
        **(headers_of_build(build) if build else {}),
        "X-Yaydoc-Event": mail.event,
    }


def headers_of_build(build: Build) -> dict[str, str]:
    return {
        "X-Yaydoc-Branch": branch_of(build.version, LONGEST_BRANCH),
        "X-Yaydoc-Build": str(build.number),
        "X-Yaydoc-Status": build.state,
    }


def message_id(mail: Mail) -> str:
    """The same for (build, event, recipient) however often it is sent: a receiver can drop a repetition."""
    if mail.build is None:
        return _id_of(mail, mail.pk, mail.event)
    return _id_of(mail, mail.build.number, "failed" if mail.event in FAILURES else mail.event)


def thread_id(mail: Mail) -> str:
    """The Message-ID that an incident's mails answer to, that of the first; "" outside of one.

    Where that one was not sent the thread holds together all the same: mail programs put an empty place where a
    message is missing (RFC 5256, 3, THREAD=REFERENCES, step 1), and to Gmail it is enough that all refer to the
    same one ("Threading changes in Gmail conversation view", Google Workspace Updates, March 2019).
    """
    root = mail.facts.get("root")
    return _id_of(mail, root, "failed") if root is not None else ""


def _id_of(mail: Mail, number: int, what: str) -> str:
    """A build has one result, so that (number, "failed") is known before anybody knows which kind of failure."""
    recipient = hashlib.sha256(mail.recipient.lower().encode()).hexdigest()[:8]
    return f"<yaydoc.{mail.repository_id}.{number}.{what}.{recipient}@{host()}>"


def list_id(repository: Repository) -> str:
    """`"owner/name" <name.owner.host>`, another one for each repository.

    Source: RFC 2919, 2: labels with dots between them, none empty. A dot that would make an empty one, or would
    leave open where the owner begins, becomes a plus, which no name has.
    """
    name = repository.name
    if re.search(r"^\.|\.\.|\.$", name):
        name = name.replace(".", "+")
    identifier = f"{name}.{repository.owner.replace('.', '+')}.{host()}".lower()
    if len(identifier) > LONGEST_LIST_ID:
        identifier = f"{repository.pk}.repositories.{host()}"  # nobody can own a name under "repositories"
    return f'"{repository.full_name}" <{identifier}>'
