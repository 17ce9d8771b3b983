"""The badge's dialog in a real browser, driven by the keyboard, on a phone and on a wide screen."""

import pytest
from playwright.sync_api import expect

from repositories.models import BuildStatus, Repository, Version

WIDTHS = {"phone": {"width": 360, "height": 740}, "wide": {"width": 1280, "height": 900}}
LINK = "Other styles, versions and formats"
CONTROLS = ["Style", "Version", "Colours", "Label"]
LANGUAGES = ["Markdown", "HTML", "reStructuredText", "AsciiDoc"]


@pytest.fixture
def two_versions(repository):
    Repository.objects.update(build_status=BuildStatus.SUCCESS)
    Version.objects.create(repository=repository, name="2.0", kind=Version.Kind.TAG, build_status="failed")
    return repository


@pytest.fixture
def opened(page, site, two_versions, faults):
    """The dialog of the repository's page, opened by the keyboard."""

    def open_at(width):
        page.set_viewport_size(WIDTHS[width])
        page.goto(f"{site}/octo/docs/")
        page.get_by_role("link", name=LINK).focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Badge of octo/docs")
        expect(dialog).to_be_visible()
        return dialog

    yield open_at
    assert faults == []


def focused(page):
    """The accessible name of what has the focus."""
    return page.evaluate(
        """() => {
          const it = document.activeElement;
          const by = it.getAttribute("aria-labelledby");
          return it.getAttribute("aria-label") ?? it.labels?.[0]?.firstChild.textContent.trim()
            ?? (by ? document.getElementById(by).textContent : it.textContent.trim());
        }"""
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_tabulator_reaches_every_control_by_its_name_and_stays_inside(page, opened, width):
    opened(width)

    names = [focused(page)]
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(focused(page))

    lines = [name for language in LANGUAGES for name in (language, f"Copy the {language}")]
    assert names == [*CONTROLS, *lines, names[-1]]
    assert page.evaluate("document.activeElement.closest('dialog') || document.activeElement === document.body")


@pytest.mark.parametrize("width", WIDTHS)
def test_choice_by_the_keyboard_shows_at_once(page, site, opened, width):
    dialog = opened(width)
    picture = dialog.get_by_role("img")
    expect(picture).to_have_attribute("src", "/octo/docs.svg")

    page.keyboard.press("ArrowDown")  # flat → flat-square
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # latest → 2.0
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # bright → high contrast
    page.keyboard.press("Tab")
    page.keyboard.type("handbook")

    query = "?style=flat-square&label=handbook&version=2.0&palette=aa"
    expect(picture).to_have_attribute("src", f"/octo/docs.svg{query}")
    expect(dialog.locator("#badge-markdown")).to_have_text(
        f"[![Documentation status of 2.0]({site}/octo/docs.svg{query})](http://docs.localhost:8000/octo/docs/2.0/)"
    )
    expect(picture).to_have_attribute("alt", "handbook: failed")
    expect(dialog.get_by_label("Label")).to_be_focused()
    assert picture.evaluate("(it) => it.decode().then(() => it.naturalHeight)") == 20


def test_last_choice_counts_when_answers_come_late(page, opened):
    dialog = opened("wide")
    late = []
    page.route("**/badge/?style=plastic*", lambda route: late.append(route))

    with page.expect_request("**/badge/?style=plastic*"):
        dialog.get_by_label("Style").select_option("plastic")
    dialog.get_by_label("Style").select_option("social")
    expect(dialog.locator("#badge-rest")).to_contain_text("style=social")
    for route in late:
        route.continue_()
    page.wait_for_timeout(300)  # ms, in which the late answer would show

    assert late
    expect(dialog.locator("#badge-rest")).to_contain_text("style=social")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("way", ["Escape", "Close", "outside"])
def test_closing_gives_the_focus_back(page, opened, width, way):
    dialog = opened(width)

    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "Close":
        dialog.get_by_role("button", name="Close").press("Enter")
    else:
        page.mouse.click(2, 2)

    expect(dialog).to_have_count(0)
    if way != "outside":
        expect(page.get_by_role("link", name=LINK)).to_be_focused()
    page.get_by_role("link", name=LINK).press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_enter_in_a_field_leaves_the_dialog_open(page, opened):
    dialog = opened("wide")

    dialog.get_by_label("Label").fill("handbook")
    page.keyboard.press("Enter")

    expect(dialog.locator("#badge-rest")).to_contain_text("label=handbook")
    expect(dialog).to_be_visible()


def test_two_clicks_open_one_dialog(page, site, two_versions):
    page.goto(f"{site}/octo/docs/")

    page.get_by_role("link", name=LINK).dblclick()

    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("dialog")).to_have_count(1)


@pytest.mark.parametrize("width", WIDTHS)
def test_dialog_fits_the_screen(page, opened, width):
    dialog = opened(width)

    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTHS[width]["width"]
    assert box["y"] + box["height"] <= WIDTHS[width]["height"]
    assert dialog.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    dialog.get_by_role("button", name="Copy the AsciiDoc").scroll_into_view_if_needed()
    expect(dialog.get_by_role("button", name="Close")).to_be_in_viewport()


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_copied_from_the_dialog(page, site, opened, language):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    dialog = opened("wide")

    dialog.get_by_role("button", name=f"Copy the {language}").press("Enter")

    expect(dialog.get_by_role("button", name=f"Copy the {language}")).to_have_text("Copied")
    line = dialog.get_by_role("group", name=language).text_content()
    assert page.evaluate("navigator.clipboard.readText()") == line


def test_link_leads_to_the_page_where_no_part_of_it_can_be_fetched(page, site, two_versions):
    page.goto(f"{site}/octo/docs/")
    page.route(
        "**/badge/", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )

    page.get_by_role("link", name=LINK).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Badge")
    assert page.url == f"{site}/octo/docs/badge/"


def test_badge_is_chosen_without_script(browser, site, two_versions):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}/octo/docs/")

    page.get_by_role("link", name=LINK).click()
    page.get_by_label("Style").select_option("plastic")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("img", name="yaydoc: success")).to_have_attribute(
        "src", "/octo/docs.svg?style=plastic"
    )
    expect(page.get_by_label("Style")).to_have_value("plastic")
    expect(page.get_by_role("button", name="Close")).to_have_count(0)
    page.close()
