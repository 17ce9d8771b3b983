"""Ten thousand requests: one query each, and each distinct picture is rendered once in a process."""

import random
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.template.backends.django import Template

from badges.picture import STYLES, kept
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
