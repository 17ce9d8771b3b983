"""What the manual says of outgoing webhooks: its example and its payload are true."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from notifications.hooks import writing
from notifications.hooks.delivery import deliver
from notifications.hooks.signing import new_secret

DOCS = Path(settings.BASE_DIR) / "docs"
MANUAL = (DOCS / "outgoing-webhooks.md").read_text()


def block(language):
    return re.search(rf"```{language}\n(.*?)```", MANUAL, re.DOTALL)[1]


@pytest.mark.django_db
def test_the_manuals_example_believes_yaydoc_and_nobody_else(hook, receiving):
    example = {}
    exec(block("python"), example)
    call = writing.record_test(hook)
    deliver(call.pk)
    [taken] = receiving.taken

    assert example["verified"](hook.secret, taken.headers, taken.body) == json.loads(call.body)
    for secret, headers, body in (
        (new_secret(), taken.headers, taken.body),
        (hook.secret, taken.headers, taken.body + b" "),
        (hook.secret, {**taken.headers, "webhook-timestamp": "1"}, taken.body),
    ):
        with pytest.raises(ValueError, match=r"secret|old"):
            example["verified"](secret, headers, body)


def test_the_manuals_payload_is_of_the_schema():
    schema = json.loads((DOCS / "outgoing-webhooks.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(block("json")))
