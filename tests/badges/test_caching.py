"""Ten thousand requests: one query each, and each distinct picture is rendered once in a process."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.template.backends.django import Template

from badges.picture import STYLES, Content, kept, picture
from badges.status import PALETTES
from repositories.models import BuildStatus, Repository

REQUESTS = 10_000
LABELS = ["yaydoc", "docs", "naïve café", "", "<b>"]


@pytest.fixture
def renders(monkeypatch):
    """The contents that were rendered, counted where Django renders."""
    kept.cache_clear()
    found = []
    original = Template.render

    def render(self, context=None, request=None):
        found.append(context["content"])
        sleep(0)  # lets other threads go on here
        return original(self, context, request)

    monkeypatch.setattr(Template, "render", render)
    return found


def test_ten_thousand_requests_take_a_query_each_and_a_rendering_for_each_picture(client, owner, renders):
    statuses = [*BuildStatus, "hidden", "unregistered"]
    Repository.objects.bulk_create(
        Repository(
            owner="octo",
            name=f"docs-{status}",
            slug=f"octo/docs-{status}",
            registrant=owner,
            is_private=status == "hidden",
            build_status=status if status in BuildStatus else BuildStatus.SUCCESS,
        )
        for status in statuses[:-1]
    )
    choose = random.Random(1)
    bodies = set()
    queries = []

    def count(execute, *args):
        queries.append(1)
        return execute(*args)

    with connection.execute_wrapper(count):
        for _ in range(REQUESTS):
            wishes = {
                "style": choose.choice(list(STYLES)),
                "label": choose.choice(LABELS),
                "palette": choose.choice(list(PALETTES)),
            }
            answer = client.get(f"/octo/docs-{choose.choice(statuses)}.svg?{urlencode(wishes)}")
            bodies.add(answer.content)

    assert len(queries) == REQUESTS
    # Hidden and unregistered ones look the same.
    distinct = len(STYLES) * len(LABELS) * len(PALETTES) * (len(statuses) - 1)
    assert len(renders) == len(set(renders)) == len(bodies) == distinct == 200


def test_threads_that_miss_the_same_picture_at_once_render_it_once(renders):
    contents = [Content(str(number), "success", "#97CA00") for number in range(20)]
    threads = 8
    together = Barrier(threads)

    def ask(_thread):
        found = []
        for content in contents:
            together.wait(timeout=10)  # seconds
            found.append(picture(content))
        return found

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(ask, range(threads)))

    assert len(renders) == len(contents)
    assert all(answer == answers[0] for answer in answers)
