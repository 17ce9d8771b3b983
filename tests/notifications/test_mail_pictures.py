"""The manual's pictures of mails are of the mails as they are now; `make pictures` draws them anew."""

import re
from pathlib import Path

import pytest

from notifications.mails import samples
from tests import mail_pictures

MANUAL = Path(mail_pictures.DIRECTORY.parent.parent, "mail.md").read_text()


@pytest.mark.parametrize("kind", mail_pictures.KINDS)
def test_a_picture_is_of_the_mail_as_it_is_now(settings, kind):
    settings.SITE_URL = mail_pictures.SITE_URL
    html = samples.message(kind).alternatives[0][0]
    assert mail_pictures.made_of()[kind] == mail_pictures.digest(html), "stale: run make pictures"


def test_each_picture_stands_in_the_manual_with_words_for_who_cannot_see_it():
    shown = dict(re.findall(r"!\[([^\]]+)\]\(images/mails/([\w-]+)\.png\)", MANUAL))
    kept = {path.stem for path in mail_pictures.DIRECTORY.glob("*.png")}

    assert set(shown.values()) == kept == {*mail_pictures.KINDS, "failure-dark"} == set(mail_pictures.made_of())
    assert min(map(len, shown)) > 30


def test_a_link_or_a_token_is_no_part_of_a_picture():
    assert mail_pictures.digest('<a href="/a/1">x</a>') == mail_pictures.digest('<a href="/b">x</a>')
    assert mail_pictures.digest("<p>1</p>") != mail_pictures.digest("<p>2</p>")
