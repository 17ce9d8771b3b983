"""What a rightly signed delivery leads to."""

import threading

import pytest
from django.db import connection

from builds.models import Build, Delivery, State, Trigger
from builds.webhooks import deliveries
from repositories.models import Repository, Version
from tests.webhook_requests import COMMIT, REPOSITORY_ID, deliver, encode, github_headers, hmac_of, post, push

QUERIES = 21  # six only mark savepoints; nine are those of Build.objects.request
LATER = "6" * 40


def told(response):
    return response.status_code, response.json()["status"]


def outcomes():
    return list(Delivery.objects.order_by("id").values_list("outcome", flat=True))


@pytest.fixture
def fresh(repository, version):
    """The repository before its first checkout: the name of its default branch is unknown."""
    repository.default_branch = version.name = ""
    repository.save()
    version.save()
    return repository


def test_a_push_is_a_build_with_what_people_want_to_know(client, repository, version):
    response = deliver(client, repository, push())
    build = Build.objects.get()
    assert response.json() == {"status": "accepted", "build": build.page_url}
    assert (build.version, build.commit, build.trigger) == (version, COMMIT, Trigger.PUSH)
    assert (build.message, build.author, build.state) == ("Say hello", "Olivia", State.QUEUED)
    assert Delivery.objects.get().build == build


def test_a_push_costs_few_queries(client, repository, django_assert_num_queries):
    deliver(client, repository, push(after=LATER), delivery="guid-0")
    Build.objects.update(state=State.CANCELLED)
    with django_assert_num_queries(QUERIES):
        assert told(deliver(client, repository, push())) == (202, "accepted")


# -- the rule of what becomes a version


def test_a_pushed_tag_that_the_rule_wants_is_built_as_a_version(client, repository):
    assert told(deliver(client, repository, push(ref="refs/tags/v1.2"))) == (202, "accepted")

    build = Build.objects.get()
    assert (build.version.kind, build.version.slug, build.version.is_active) == ("tag", "v1.2", True)
    assert (build.commit, build.message, build.trigger) == (COMMIT, "Say hello", Trigger.PUSH)


def test_of_a_flood_of_tags_the_first_few_are_built_and_the_others_wait(client, repository, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_NEW", 2)
    answers = [
        told(deliver(client, repository, push(ref=f"refs/tags/v{number}"), delivery=f"guid-{number}"))[1]
        for number in (1, 2, 3, 1)
    ]
    assert answers == ["accepted", "accepted", "ignored: too many new versions at once", "already accepted"]
    assert list(repository.versions.filter(kind="tag", is_active=False).values_list("name", flat=True)) == ["v3"]
    assert told(deliver(client, repository, push(), delivery="guid-4")) == (202, "accepted")


def test_a_branch_is_a_version_where_the_rule_says_so(client, repository):
    assert told(deliver(client, repository, push(ref="refs/heads/1.x"))) == (202, "ignored: branch not tracked")
    Repository.objects.update(branch_patterns="*.x")
    assert told(deliver(client, repository, push(ref="refs/heads/1.x"))) == (202, "accepted")
    assert Build.objects.get().version.slug == "1.x"


def test_before_the_default_branch_is_known_no_other_branch_is_a_version(client, fresh):
    Repository.objects.update(branch_patterns="*")
    deliver(client, fresh, push())
    assert Build.objects.get().version.is_default
    assert Version.objects.count() == 1


def test_a_tag_of_the_name_of_a_branch_has_an_address_of_its_own_and_no_third_takes_that(client, repository):
    Version.objects.create(repository=repository, name="v1.2")
    assert told(deliver(client, repository, push(ref="refs/tags/v1.2"))) == (202, "accepted")
    tag = Build.objects.get().version
    assert (tag.slug, tag.title) == ("v1.2-tag", "v1.2 (tag)")

    third = push(ref="refs/tags/v1.2-tag")
    assert told(deliver(client, repository, third, delivery="guid-2")) == (202, "accepted")
    assert list(repository.versions.order_by("id").values_list("slug", flat=True)[2:]) == [
        "v1.2-tag",
        "v1.2-tag-tag",
    ]


def test_what_was_switched_off_by_hand_is_not_built_by_a_push(client, repository):
    Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.2", is_active=False)
    assert told(deliver(client, repository, push(ref="refs/tags/v1.2"))) == (202, "ignored: tag not tracked")


def test_a_deleted_branch_that_is_pushed_again_is_built_again(client, repository):
    Version.objects.create(repository=repository, name="topic")
    gone = push(ref="refs/heads/topic", after="0" * 40, deleted=True, head_commit=None)
    told_of = deliver(client, repository, gone, delivery="guid-1").json()["status"]
    again = deliver(client, repository, push(ref="refs/heads/topic"), delivery="guid-2")
    assert (told_of, told(again)) == ("branch deleted: it is no longer built", (202, "accepted"))
    assert Build.objects.get().version.is_active


# -- duplicates


def test_a_delivery_that_comes_again_builds_nothing(client, repository):
    first = deliver(client, repository, push())
    Build.objects.update(state=State.ERROR)  # or the commit alone would be known
    again = deliver(client, repository, push())
    assert told(again) == (202, "already accepted")
    assert again.json()["build"] == first.json()["build"]
    assert (Build.objects.count(), outcomes()) == (1, ["accepted"])


def test_the_same_delivery_id_at_another_repository_is_another_delivery(client, repository, owner):
    deliver(client, repository, push())
    Delivery.objects.update(repository=another(owner))
    assert told(deliver(client, repository, push(after=LATER))) == (202, "accepted")


def another(owner):
    return Repository.objects.create(
        owner="octo", name="other", slug="octo/other", clone_url="https://github.com/octo/other", registrant=owner
    )


def test_a_commit_that_is_told_of_twice_is_built_once(client, repository):
    assert told(deliver(client, repository, push(), delivery="guid-1")) == (202, "accepted")
    assert told(deliver(client, repository, push(), delivery="guid-2")) == (202, "accepted")
    assert Build.objects.count() == 1


def test_without_a_delivery_id_the_body_names_the_delivery(client, repository):
    assert told(deliver(client, repository, push(), delivery="")) == (202, "accepted")
    assert told(deliver(client, repository, push(), delivery="")) == (202, "already accepted")
    assert (Build.objects.count(), Delivery.objects.count()) == (1, 1)


def test_without_a_delivery_id_the_event_names_the_delivery_too(client, repository):
    for event in ("release", "star"):
        deliver(client, repository, {}, event, delivery="")
    assert outcomes() == ["ignored: event release", "ignored: event star"]


def test_going_back_to_an_older_commit_without_a_delivery_id_is_built(client, repository):
    for commit in (COMMIT, LATER, COMMIT):
        assert told(deliver(client, repository, push(after=commit), delivery="")) == (202, "accepted")
        Build.objects.queued().update(state=State.SUCCESS)
    assert list(Build.objects.order_by("id").values_list("commit", flat=True)) == [COMMIT, LATER, COMMIT]


def test_an_ignored_delivery_may_be_sent_again_when_the_settings_changed(client, repository):
    tag = push(ref="refs/tags/docs-1")
    assert told(deliver(client, repository, tag)) == (202, "ignored: tag not tracked")
    Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="docs-1")
    assert told(deliver(client, repository, tag)) == (202, "accepted")
    assert outcomes() == ["accepted"]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_comes_twice_at_once_is_taken_once(client, repository):
    answers = []

    def send():
        answers.append(told(deliver(client, repository, push())))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers) == [(202, "accepted")] + [(202, "already accepted")] * 3
    assert (Build.objects.count(), Delivery.objects.count()) == (1, 1)


# -- which branch or tag


def test_a_branch_with_a_slash_stays_itself(client, repository):
    version = Version.objects.create(repository=repository, name="a/b")
    deliver(client, repository, push(ref="refs/heads/a/b"))
    assert Build.objects.get().version == version


def test_a_tag_is_not_the_branch_of_its_name(client, repository):
    assert told(deliver(client, repository, push(ref="refs/tags/main"))) == (202, "ignored: tag not tracked")


def test_of_an_annotated_tag_the_commit_is_built(client, repository):
    Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="docs-1")
    deliver(client, repository, push(ref="refs/tags/v1", after="7" * 40))
    assert Build.objects.get().commit == COMMIT


def test_a_version_that_was_switched_off_is_not_built(client, repository):
    Version.objects.create(repository=repository, name="old", is_active=False)
    assert told(deliver(client, repository, push(ref="refs/heads/old"))) == (202, "ignored: branch not tracked")


def test_an_unknown_default_branch_is_taken_from_the_body(client, fresh, version):
    assert told(deliver(client, fresh, push(ref="refs/heads/x"))) == (202, "ignored: branch not tracked")
    assert told(deliver(client, fresh, push(), delivery="guid-2")) == (202, "accepted")
    assert (Build.objects.get().version, Build.objects.get().commit) == (version, COMMIT)


def test_where_nobody_tells_the_default_branch_its_newest_commit_is_built(client, fresh, version):
    deliver(client, fresh, push(repository={"id": REPOSITORY_ID}))
    assert (Build.objects.get().version, Build.objects.get().commit) == (version, "")


def test_where_nobody_tells_the_default_branch_an_ended_build_is_no_answer(client, fresh):
    for number in range(2):
        deliver(client, fresh, push(repository={"id": REPOSITORY_ID}), delivery=f"guid-{number}")
        Build.objects.update(state=State.FAILED)
    assert Build.objects.count() == 2


def test_the_default_branch_stays_when_it_is_deleted(client, repository, version):
    response = deliver(client, repository, push(after="0" * 40, deleted=True))
    assert told(response) == (202, "ignored: branch deleted")
    version.refresh_from_db()
    assert version.is_active


def test_builds_of_a_deleted_branch_are_given_up(client, repository, request_build):
    version = Version.objects.create(repository=repository, name="x")
    build = request_build(of=version)
    deliver(client, repository, push(ref="refs/heads/x", after="0" * 40, deleted=True))
    build.refresh_from_db()
    assert build.state == State.CANCELLED


def test_a_disabled_repository_builds_nothing_and_says_so(client, repository):
    Repository.objects.update(is_enabled=False)
    assert told(deliver(client, repository, push())) == (202, "ignored: repository is disabled")
    assert told(deliver(client, repository, {}, "ping", delivery="guid-2")) == (200, "pong")
    assert (Build.objects.count(), outcomes()) == (0, ["ignored: repository is disabled", "pong"])


# -- whose delivery


def test_the_first_delivery_tells_the_repositorys_id(client, repository):
    deliver(client, repository, push())
    repository.refresh_from_db()
    assert repository.forge_id == str(REPOSITORY_ID)


def test_another_repositorys_delivery_is_refused_though_rightly_signed(client, repository):
    deliver(client, repository, push())
    response = deliver(client, repository, push(after=LATER, repository={"id": 1}), delivery="guid-2")
    assert told(response) == (403, "repository id does not match")
    assert (Build.objects.count(), Delivery.objects.count()) == (1, 1)


def test_of_two_first_deliveries_one_tells_the_id(client, repository):
    seen_before = Repository.objects.get()
    deliver(client, repository, push())
    with pytest.raises(deliveries.Refused):
        deliveries.check_repository(seen_before, "1")


def test_the_address_to_clone_is_never_taken_from_a_body(client, repository):
    theirs = {"id": REPOSITORY_ID, "full_name": "evil/x", "clone_url": "https://evil.example/x.git"}
    deliver(client, repository, push(repository=theirs | {"default_branch": "evil"}))
    repository.refresh_from_db()
    assert repository.clone_url == "https://github.com/octo/docs.git"
    assert (repository.full_name, repository.default_branch) == ("octo/docs", "main")


def test_another_repositorys_secret_does_not_do(client, repository, owner):
    body = encode(push())
    headers = github_headers("push", body, another(owner).webhook_secret)
    assert told(post(client, repository, body, headers)) == (403, "signature invalid")


def test_a_renewed_secret_replaces_the_old_one(client, repository):
    old = github_headers("push", encode(push()), repository.webhook_secret)
    repository.renew_webhook_secret()
    assert told(post(client, repository, push(), old)) == (403, "signature invalid")
    assert told(deliver(client, repository, push())) == (202, "accepted")


def test_plain_git_needs_a_signature_and_three_fields_only(client, repository):
    Repository.objects.update(forge="git")
    body = encode({"ref": "refs/heads/main", "after": COMMIT, "repository": {"id": "docs"}})
    headers = {"X-Hub-Signature-256": f"sha256={hmac_of(body, repository.webhook_secret)}"}
    assert told(post(client, repository, body, headers)) == (202, "accepted")
    assert Build.objects.get().commit == COMMIT


# -- what is kept


def test_the_log_of_deliveries_is_bounded(client, repository, monkeypatch):
    monkeypatch.setattr(deliveries, "KEPT", 3)
    for number in range(5):
        deliver(client, repository, {}, f"event_{number}", delivery=f"guid-{number}")
    assert outcomes() == ["ignored: event event_2", "ignored: event event_3", "ignored: event event_4"]
