"""Bodies and headers that nobody should send, each with the answer that it gets."""

import gzip
from urllib.parse import quote

from tests.webhook_requests import COMMIT, REPOSITORY_ID, encode, push

OWN = {"id": REPOSITORY_ID}
DEEP = '{"a":' * 5000 + "1" + "}" * 5000


def ref(name):
    return push(ref=f"refs/heads/{name}")


def says(message):
    return push(head_commit={"id": COMMIT, "message": message})


# what it is: (body, status code, words of the answer), signed rightly and sent as JSON
BODIES = {
    "nothing": (b"", 400, "body is not JSON"),
    "spaces": (b"  \n", 400, "body is not JSON"),
    "half an object": (b"{", 400, "body is not JSON"),
    "two objects": (b"{}{}", 400, "body is not JSON"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', 400, "body is not JSON"),
    "a list": (b"[]", 400, "a JSON object is expected"),
    "a string": (b'"x"', 400, "a JSON object is expected"),
    "null": (b"null", 400, "a JSON object is expected"),
    "a hundred thousand brackets": (b"[" * 100_000, 400, "JSON is nested too deep"),
    "five thousand objects in each other": (DEEP.encode(), 400, "JSON is nested too deep"),
    "brackets in a string that never ends": (b'{"a":"' + b"[" * 100_000, 400, "body is not JSON"),
    "escaped quotes without end": (b'{"a":"' + b'\\"' * 200_000, 400, "body is not JSON"),
    "a key twice": (b'{"ref":"refs/heads/main","ref":"refs/heads/x"}', 400, "JSON has a duplicate key"),
    "not a number": (b'{"a":NaN}', 400, "NaN is not JSON"),
    "infinity": (b'{"a":-Infinity}', 400, "-Infinity is not JSON"),
    "a float beyond all bounds": (b'{"a":1e999}', 400, "JSON has a number that is too large"),
    "a number of 5000 digits": (b'{"a":' + b"9" * 5000 + b"}", 400, "JSON has a number that is too large"),
    "bytes that are not UTF-8": (b'{"a":"\xff"}', 400, "body is not UTF-8"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), 400, "body is not UTF-8"),
    "three megabytes without a repository": (
        b'{"a":"' + b"x" * 3_000_000 + b'"}',
        400,
        "required: repository, ref",
    ),
    "three megabytes": (push(padding="x" * 3_000_000), 202, "accepted"),
    "no ref": (push(ref=None), 400, "required: ref"),
    "a ref of another type": (push(ref=["refs/heads/main"]), 400, "ref: a string is expected"),
    "no repository": (push(repository=None), 400, "required: repository"),
    "a repository of another type": (push(repository="octo/docs"), 400, "required: repository"),
    "a repository id of another type": (push(repository={"id": True}), 400, "required: repository"),
    "no commit": (push(after=None), 400, "after: not a commit id"),
    "a commit that is an option": (push(after="--upload-pack=touch /tmp/x"), 400, "after: not a commit id"),
    "a short commit": (push(after=COMMIT[:39]), 400, "after: not a commit id"),
    "a commit with a line feed": (push(after=COMMIT + "\n"), 400, "after: not a commit id"),
    "a deletion": (
        push(after="0" * 40, deleted=True, repository=None, head_commit=None),
        202,
        "ignored: branch deleted",
    ),
    "a deletion that names a commit": (push(deleted=True), 202, "ignored: branch deleted"),
    "a deletion by zeros only": (push(after="0" * 40), 202, "ignored: branch deleted"),
    "an option as branch": (ref("--upload-pack=touch /tmp/x"), 400, "ref: invalid name"),
    "a branch that climbs": (ref("../../etc/passwd"), 400, "ref: invalid name"),
    "a branch that git refuses": (ref("a.lock"), 400, "ref: invalid name"),
    "a branch of nothing": (ref(""), 400, "ref: invalid name"),
    "a branch with a NUL": (ref("a\0b"), 400, "ref: invalid name"),
    "a name without its prefix": (push(ref="main"), 400, "ref: invalid name"),
    "markup as branch, which git allows": (ref("<script>alert(1)</script>"), 202, "ignored: branch not tracked"),
    "a branch of 10,000 characters": (ref("b" * 10_000), 202, "ignored: branch not tracked"),
    "half a character as branch": (ref("\ud800"), 202, "ignored: branch not tracked"),
    "a note": (push(ref="refs/notes/x"), 202, "ignored: not a branch or tag"),
    "the branch that others publish to": (ref("gh-pages"), 202, "ignored: publishing branch"),
    "a branch that nobody tracks": (ref("a/b"), 202, "ignored: branch not tracked"),
    "a tag that nobody tracks": (push(ref="refs/tags/docs-1"), 202, "ignored: tag not tracked"),
    "another repository": (push(repository={"id": 1}), 202, "accepted"),  # the first one is learned
    "half a character in the message": (says("a \ud800 b"), 202, "accepted"),
    "a header in the message": (says("Subject\r\nBcc: evil@example.com"), 202, "accepted"),
    "a message of another type": (says({"a": 1}), 202, "accepted"),
    "a head of another type": (push(head_commit=[1]), 202, "accepted"),
    "commits of other types": (push(head_commit=None, commits=[1, None, {"id": COMMIT}]), 202, "accepted"),
    "an author of another type": (push(head_commit={"id": COMMIT, "author": "x"}), 202, "accepted"),
    "somebody else's name as author": (
        push(commits=[{"author": {"name": "the operator"}}], sender={"login": "the operator"}),
        202,
        "accepted",
    ),
    "a wish to be skipped": (says("Fix a typo [skip ci]"), 202, "ignored: skip marker"),
    "a wish to be skipped, the other way": (says("[CI skip]"), 202, "ignored: skip marker"),
    "a date that is none": (
        push(head_commit={"id": COMMIT, "timestamp": "9999-99-99T99:99:99Z"}),
        202,
        "accepted",
    ),
}

# what it is: (event, body, status code, words of the answer)
EVENTS = {
    "ping": ("ping", {"zen": "Keep it logically awesome."}, 200, "pong"),
    "an event that nobody knows": ("made_up_event", {}, 202, "ignored: event made_up_event"),
    "Bitbucket's empty push": ("repo:push", {"push": {"changes": []}}, 202, "ignored: event repo:push"),
    "a fork that is gone": (
        "pull_request",
        {"action": "opened", "number": 1, "pull_request": {"head": {"repo": None, "sha": COMMIT}}},
        202,
        "ignored: fork was deleted",
    ),
    "a fork": (
        "pull_request",
        {
            "action": "opened",
            "number": 1,
            "pull_request": {"head": {"repo": {"fork": True, "clone_url": "https://github.com/evil/x"}}},
        },
        202,
        "ignored: pull requests are not built",
    ),
    "a pull request that is none": (
        "pull_request",
        {"action": "opened", "number": 1, "pull_request": 1},
        202,
        "ignored: fork was deleted",
    ),
    "a pull request that is labelled": (
        "pull_request",
        {"action": "labeled"},
        202,
        "ignored: pull request labeled",
    ),
    "a pull request to which nothing happened": ("pull_request", {"number": 1}, 400, "required: action"),
    "a pull request without a number": (
        "pull_request",
        {"action": "closed"},
        400,
        "number: a positive number is expected",
    ),
    "a pull request with a name": (
        "pull_request",
        {"action": "opened", "number": "main"},
        400,
        "number: a positive number is expected",
    ),
    "a pull request of a number beyond all bounds": (
        "pull_request",
        {"action": "opened", "number": 2**31},
        400,
        "number: a positive number is expected",
    ),
    "a pull request of the number true": (
        "pull_request",
        {"action": "opened", "number": True},
        400,
        "number: a positive number is expected",
    ),
    "a pull request at an option": (
        "pull_request",
        {"action": "opened", "number": 1, "pull_request": {"head": {"repo": OWN, "sha": "--upload-pack=x"}}},
        400,
        "sha: not a commit id",
    ),
    "a deletion of neither branch nor tag": (
        "delete",
        {"ref_type": "repository", "ref": "x"},
        400,
        "ref_type: branch or tag is expected",
    ),
    "a deletion of an option": ("delete", {"ref_type": "tag", "ref": "-d"}, 400, "ref: invalid name"),
    "an event of 1,000 letters": ("e" * 1000, {}, 202, f"ignored: event {'e' * 100}"),
}

# what it is: (form, status code, words of the answer), signed over the form as it is sent
FORMS = {
    "a form": (b"payload=" + quote(encode(push())).encode(), 202, "accepted"),
    "a broken payload": (b"payload=%7Bbroken", 400, "payload is not JSON"),
    "a payload that is not UTF-8": (b"payload=%ff", 400, "payload is not UTF-8"),
    "no payload": (b"other=1", 400, "form must have one payload"),
    "an empty form": (b"&", 400, "form must have one payload"),
    "two payloads": (b"payload=%7B%7D&payload=%7B%7D", 400, "form must have one payload"),
    "a thousand fields": (b"a=1&" * 1000, 400, "form has too many fields"),
}

# what it is: (headers beside right ones, status code, words of the answer)
HEADERS = {
    "an empty signature": ({"X-Hub-Signature-256": ""}, 403, "signature missing"),
    "a wrong signature": ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 403, "signature invalid"),
    "a signature of another kind": ({"X-Hub-Signature-256": "md5=x"}, 403, "signature invalid"),
    "a signature that is not ASCII": ({"X-Hub-Signature-256": "sha256=ééé"}, 403, "signature invalid"),
    "GitLab's token": ({"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": ""}, 403, "provider mismatch"),
    "Gitea's headers": ({"X-Gitea-Event": "push"}, 403, "provider mismatch"),
    "an unknown charset": ({"Content-Type": "application/json; charset=bogus"}, 400, "unsupported charset"),
    "a charset of the past": ({"Content-Type": "application/json; charset=latin-1"}, 400, "unsupported charset"),
    "compression": ({"Content-Encoding": "gzip"}, 415, "content encoding not supported"),
    "a length beyond the limit": ({"Content-Length": "26214401"}, 413, "payload too large"),
    "an absurd length": ({"Content-Length": "99999999999"}, 413, "payload too large"),
    "a length of thousands of digits": ({"Content-Length": "9" * 5000}, 413, "payload too large"),
}

BOMB = gzip.compress(b"\0" * 1_000_000)
