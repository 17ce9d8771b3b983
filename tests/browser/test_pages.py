"""Each page at two widths, in light and dark: nothing sticks out, and all text can be read."""

import pytest
from playwright.sync_api import expect

from builds.models import Build, BuildWarning, Delivery, PullRequest, State
from notifications.hooks import writing
from notifications.models import Hook, HookCall, OutgoingState
from pages.models import Publication, Release
from repositories.models import Version

WIDTHS = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PATHS = {
    "dashboard": "/",
    "register": "/register/",
    "registered": "/octo/docs/registered/",
    "repository": "/octo/docs/",
    "badge": "/octo/docs/badge/",
    "settings of the repository": "/octo/docs/settings/",
    "builds of the repository": "/octo/docs/settings/builds/",
    "versions of the repository": "/octo/docs/settings/versions/",
    "notifications of the repository": "/octo/docs/settings/notifications/",
    "integrations of the repository": "/octo/docs/settings/integrations/",
    "outgoing webhook": "/octo/docs/settings/integrations/hooks/1/",
    "failed build": "/octo/docs/builds/1/",
    "running build": "/octo/docs/builds/2/",
    "settings": "/settings/",
    "feed": "/settings/feed/",
    "e-mail": "/accounts/email/",
    "password": "/accounts/password/change/",
    "missing": "/nobody/nothing/",
}
PATHS_WITHOUT_SIGN_IN = {
    "landing": "/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "reset": "/accounts/password/reset/",
}

# The worst contrast of any visible text with what lies behind it (WCAG 2.2, 1.4.3), and where.
WORST_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = (c) => c / 255 <= .04045 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4;
  const luminance = (rgb) => rgb.map(linear)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  let worst = [21, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.closest("noscript, [disabled]")) continue;
    const behind = [];
    for (let e = element; e; e = e.parentElement) behind.unshift(getComputedStyle(e).backgroundColor);
    const back = luminance(paint(["white", ...behind]));
    const front = luminance(paint(["white", ...behind, getComputedStyle(element).color]));
    const contrast = (Math.max(front, back) + .05) / (Math.min(front, back) + .05);
    if (contrast < worst[0]) worst = [contrast, element.outerHTML.slice(0, 120)];
  }
  return worst;
}"""


@pytest.fixture
def content(version, running):
    """A failed build with warnings, one that ran into a fault of ours, a running one, two releases, a pull request
    that waits, and a delivery."""
    Build.objects.filter(pk=running.pk).update(number=2)
    failed = Build.objects.create(
        repository=version.repository,
        version=version,
        number=1,
        state=State.FAILED,
        commit="b" * 40,
        message="A commit message that is long enough to need more than one line on a phone, surely",
        reason="docs/conf.py could not be read: No module named 'theme_of_the_company' (line 14).",
        hint="Add it to docs/requirements.txt.",
        duration=12.5,
        warning_count=9,
        new_warning_count=1,
        peak_memory=300_000_000,
    )
    for number in range(8):
        text, file = "a_text_that_does_not_end_" * 20, f"docs/{'deeper/' * 20}page-{number}.rst"
        BuildWarning.objects.create(
            build=failed, level="error", kind="ref.ref", file=file, line=7, text=text, is_new=not number
        )
    Build.objects.create(
        repository=version.repository, version=version, number=3, state=State.ERROR, duration=300, is_clean=True
    )
    type(version.repository).objects.update(last_build_number=3, builds_pull_requests=True)
    proposal = Version.objects.create(
        repository=version.repository, kind=Version.Kind.PULL_REQUEST, name="12", slug="pr-12"
    )
    PullRequest.objects.create(
        version=proposal, title="A_title_without_any_place_to_break_it_" * 3, author="nora", head_commit="d" * 40
    )
    for number in (1, 2):
        release = Release.objects.create(version=version, build_number=number, commit="c" * 40, files=1, size=1)
        Publication.objects.publish(release)
    for number in range(12):
        name = f"v{number}.0-with-a-name-that-has-no-place-to-break-it-{'x' * 40}"
        Version.objects.create(
            repository=version.repository,
            kind=Version.Kind.TAG,
            name=name,
            is_active=number > 3,
            is_hidden=number == 9,
        )
    hook = Hook.objects.create(pk=1, repository=version.repository, url=f"https://example.org/{'a' * 99}")
    writing.record_test(hook)
    HookCall.objects.update(state=OutgoingState.EXPIRED, reason="The receiver answered 503.", status_code=503)
    hook.turn_off("No call has succeeded for 3 days.")
    Delivery.objects.create(
        repository=version.repository, build=failed, delivery_id="1", event="push", outcome="build requested"
    )


def check(page, width, scheme, address):
    page.set_viewport_size(WIDTHS[width])
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]["width"]
    contrast, where = page.evaluate(WORST_CONTRAST)
    assert contrast >= 4.5, where
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_who_is_signed_in_fit_and_can_be_read(signed_in, site, content, faults, width, scheme):
    for path in PATHS.values():
        check(signed_in, width, scheme, site + path)
    assert [fault for fault in faults if "404" not in fault] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_who_is_not_signed_in_fit_and_can_be_read(page, db, site, faults, width, scheme):
    for path in PATHS_WITHOUT_SIGN_IN.values():
        check(page, width, scheme, site + path)
    assert faults == []


def test_the_way_from_sign_in_to_a_registered_repository(page, site, owner, faults):
    page.goto(f"{site}/register/")
    page.get_by_label("User name or e-mail").fill("olivia")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Git URL").press_sequentially("https://github.com/acme/handbook.git")
    assert page.get_by_label("Name").get_attribute("placeholder") == "acme/handbook"
    page.get_by_role("button", name="Register and build").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("acme/handbook is registered")
    expect(page.locator("#webhook-secret")).to_be_visible()
    page.get_by_role("link", name="Follow the first build").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Build #1")
    assert faults == []


def test_snippets_are_copied(signed_in, site, repository):
    page = signed_in
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page.goto(f"{site}/octo/docs/registered/")

    page.get_by_role("button", name="Copy the Markdown").click()

    expect(page.get_by_role("button", name="Copy the Markdown")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"[![Documentation status]({repository.badge_url})]({repository.docs_url})"


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(signed_in, site, repository):
    page = signed_in
    page.goto(f"{site}/octo/docs/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_menu_opens_and_closes_by_the_keyboard(signed_in, site, repository):
    page = signed_in
    page.goto(f"{site}/")
    summary = page.locator("details.menu > summary")

    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_clean_build_is_asked_for_from_a_menu_that_fits_on_a_phone(signed_in, site, repository):
    page = signed_in
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site}/octo/docs/")

    page.get_by_label("Other ways to build").press("Enter")
    box = page.get_by_role("button", name="Clean build").bounding_box()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    expect(page.get_by_role("heading", name="Build #1")).to_be_visible()
    assert Build.objects.get().is_clean


def test_mail_is_switched_by_the_keyboard(signed_in, site, repository):
    page = signed_in
    page.goto(f"{site}/settings/")

    page.get_by_role("switch", name="octo/docs").press("Space")
    page.locator("button[name=save_mail]").press("Enter")

    expect(page.get_by_text("Your settings are stored.")).to_be_visible()
    expect(page.get_by_role("switch", name="octo/docs")).not_to_be_checked()
    repository.refresh_from_db()
    assert not repository.mail_service


def test_a_form_that_comes_back_shows_its_first_error(signed_in, site, repository):
    page = signed_in
    page.goto(f"{site}/octo/docs/settings/builds/")
    page.get_by_label("Name").fill("PATH")

    page.get_by_role("button", name="Store the variable").click()

    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_text("PATH is set by each build itself.")).to_be_in_viewport()
