"""The admin: lists that stay quick, actions, and no secrets."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from builds.models import Build, Delivery, State, Watch
from repositories.models import Repository

LISTS = [
    "/admin/repositories/repository/",
    "/admin/repositories/version/",
    "/admin/builds/build/",
    "/admin/builds/delivery/",
    "/admin/builds/watch/",
]


@pytest.fixture
def ended(version):
    return Build.objects.create(
        repository=version.repository, version=version, number=1, state=State.SUCCESS, commit="a" * 40
    )


def act(client, path, action, *chosen):
    return client.post(path, {"action": action, "_selected_action": [one.pk for one in chosen]}, follow=True)


@pytest.mark.parametrize("path", LISTS)
def test_lists_can_be_searched(as_staff, ended, path):
    response = as_staff.get(path, {"q": "octo"})

    assert response.status_code == 200
    assert "octo/docs" in response.text or "0 " in response.text


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("count", [2, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    as_staff, version, path, count, django_assert_max_num_queries
):
    for number in range(1, count + 1):
        build = Build.objects.create(repository=version.repository, version=version, number=number)
        Build.objects.filter(pk=build.pk).update(state=State.SUCCESS)
        Delivery.objects.create(
            repository=version.repository, build=build, delivery_id=str(number), event="push", outcome="x"
        )
        version.repository.versions.create(name=f"v{number}", kind="tag")

    with django_assert_max_num_queries(10):
        as_staff.get(path)


def test_pages_of_the_admin_never_show_the_secret(as_staff, repository, ended):
    paths = [*LISTS, f"{LISTS[0]}{repository.pk}/change/", f"{LISTS[2]}{ended.pk}/change/"]

    for path in paths:
        assert repository.webhook_secret not in as_staff.get(path).text


def test_mail_is_switched_in_the_list(as_staff, repository):
    as_staff.post(
        LISTS[0],
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": repository.pk, "_save": "Save"},
    )

    assert not Repository.objects.get().mail_service


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("switch_mail_off", "mail_service", False),
        ("switch_mail_on", "mail_service", True),
        ("disable", "is_enabled", False),
        ("enable", "is_enabled", True),
    ],
)
def test_actions_switch_many_repositories_at_once(as_staff, repository, action, field, value):
    Repository.objects.update(**{field: not value})

    act(as_staff, LISTS[0], action, repository)

    assert getattr(Repository.objects.get(), field) is value


def test_build_again_requests_one_build_for_each_version(as_staff, ended, version):
    second = Build.objects.create(repository=version.repository, version=version, number=2, state=State.FAILED)
    Repository.objects.update(last_build_number=2)

    act(as_staff, LISTS[2], "build_again", ended, second)

    assert list(Build.objects.queued().values_list("number", flat=True)) == [3]


def test_cancel_ends_what_is_queued_and_asks_what_runs(as_staff, ended, version, repository):
    queued = Build.objects.create(repository=repository, version=version, number=2)
    running = Build.objects.create(
        repository=repository, version=version, number=3, state=State.RUNNING, lease_expires_at=timezone.now()
    )

    act(as_staff, LISTS[2], "cancel", ended, queued, running)

    states = {build.number: (build.state, build.cancel_requested) for build in Build.objects.all()}
    assert states == {1: ("success", False), 2: ("cancelled", False), 3: ("running", True)}


def test_state_cannot_be_edited(as_staff, ended):
    as_staff.post(f"{LISTS[2]}{ended.pk}/change/", {"state": "failed", "reason": "x"})

    assert Build.objects.get().state == State.SUCCESS


def test_the_admin_signs_in_by_the_sites_own_page(as_nobody):
    assert as_nobody.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_who_is_not_of_the_staff_is_kept_out(as_owner, repository):
    response = as_owner.get(LISTS[0], follow=True)

    assert "octo/docs" not in response.text


def test_who_may_only_look_is_offered_no_action(client, stranger, repository, ended):
    stranger.is_staff = True
    stranger.save()
    stranger.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(stranger)

    for path, action, chosen in (
        ("/admin/builds/build/", "build_again", ended),
        ("/admin/repositories/repository/", "disable", repository),
        ("/admin/repositories/repository/", "switch_mail_off", repository),
    ):
        act(client, path, action, chosen)

    repository.refresh_from_db()
    assert (repository.is_enabled, repository.mail_service) == (True, True)
    assert Build.objects.count() == 1


def test_look_now_makes_a_look_due_where_the_repository_is_built(as_staff, repository, settings):
    Watch.objects.update(next_look_at=timezone.now() + timedelta(hours=6))
    watch = Watch.objects.get()

    settings.WATCH = False
    assert "WATCH is off" in act(as_staff, LISTS[4], "look_now", watch).text
    assert not Watch.objects.due().exists()

    settings.WATCH = True
    assert "Due now: 1." in act(as_staff, LISTS[4], "look_now", watch).text
    assert list(Watch.objects.due()) == [watch]

    Watch.objects.update(next_look_at=timezone.now() + timedelta(hours=6))
    Repository.objects.update(is_enabled=False)
    assert "Left alone, as nothing builds them: 1." in act(as_staff, LISTS[4], "look_now", watch).text
    Repository.objects.update(is_enabled=True)
    assert not Watch.objects.due().exists()


def test_a_watch_is_not_deleted_by_itself(as_staff, repository):
    response = as_staff.post(f"{LISTS[4]}{Watch.objects.get().pk}/delete/", {"post": "yes"})

    assert response.status_code == 403
    assert Watch.objects.exists()
