"""The version switcher on real pages of Sphinx and MkDocs, from the docs host, in a real Chromium."""

import subprocess
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import expect

from pages.models import Publication
from pages.releases import store
from repositories.models import Repository, Version
from yaydoc.wsgi import application

SECTIONS = "".join(f"Section {number}\n----------\n\n{'Some words. ' * 60}\n\n" for number in range(12))
RST = f"Guide\n=====\n\n{SECTIONS}"
CONF = "project = 'Small'\nhtml_theme = '{theme}'\n"
MKDOCS = "site_name: Small\nuse_directory_urls: false\ntheme: {name: mkdocs, highlightjs: false}\n"
EVIL = '"><script>alert(1)</script>'
BOXES = """() => [...document.body.querySelectorAll("*")].map((one) => {
  const box = one.getBoundingClientRect();
  return [one.tagName, box.x, box.y, box.width, box.height, getComputedStyle(one).font].join(" ");
})"""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def docs(transactional_db, settings, tmp_path):
    """The address of the docs host."""
    settings.DATA_DIR = tmp_path / "data"
    with make_server("127.0.0.1", 0, application, Server, Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.DOCS_URL = f"http://docs.localhost:{server.server_port}"
        settings.DOCS_HOST = f"docs.localhost:{server.server_port}"
        yield settings.DOCS_URL
        server.shutdown()


def run(*arguments):
    subprocess.run([sys.executable, "-m", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Renders a small project once: by a theme of Sphinx, or by MkDocs."""
    made = {}

    def render(theme):
        if theme in made:
            return made[theme]
        root = tmp_path_factory.mktemp(theme)
        output = made[theme] = root / "output"
        (root / "docs").mkdir()
        if theme == "mkdocs":
            (root / "mkdocs.yml").write_text(MKDOCS)
            for name in ("index", "guide"):
                (root / "docs" / f"{name}.md").write_text(RST.replace("Guide\n=====", "# Guide"))
            run("mkdocs", "build", "-q", "-f", str(root / "mkdocs.yml"), "-d", str(output))
            return output
        (root / "docs/conf.py").write_text(CONF.format(theme=theme))
        (root / "docs/index.rst").write_text("Small\n=====\n\n.. toctree::\n\n   guide\n")
        (root / "docs/guide.rst").write_text(RST)
        run("sphinx", "-q", "-b", "html", str(root / "docs"), str(output))
        return output

    return render


@pytest.fixture
def faults(faults, page):
    """Without what the themes themselves lack, such as an icon; nothing of ours may be missing."""
    page.on("response", lambda answer: "/-/" in answer.url and answer.status >= 400 and faults.append(answer.url))
    yield faults
    assert [fault for fault in faults if "404 (Not Found)" not in fault] == []


# The page's end can be scrolled from under the note.
END_IS_FREE = """() => {
    scrollTo({top: document.documentElement.scrollHeight, behavior: "instant"});
    const note = document.querySelector("yaydoc-versions").shadowRoot.querySelector("[role=status]");
    return document.body.getBoundingClientRect().bottom <= note.getBoundingClientRect().top;
}"""


@pytest.fixture
def publish(repository):
    def publish(output, slug, **fields):
        version, _ = Version.objects.get_or_create(repository=repository, slug=slug, defaults=fields)
        Publication.objects.publish(store(version, build_number=1, commit="a" * 40, output=output))

    return publish


@pytest.fixture
def versions(publish, rendered, tmp_path):
    """Latest, three releases, a branch with an awkward name, and a preview; one release lacks the guide."""

    def versions(theme):
        output = rendered(theme)
        publish(output, "latest")
        for name in ("1.0", "2.0"):
            publish(output, name, name=name, kind=Version.Kind.TAG)
        bare = tmp_path / "bare"
        bare.mkdir()
        (bare / "index.html").write_text("<!doctype html><title>Bare</title><p>Bare")
        publish(bare, "0.9", name="0.9", kind=Version.Kind.TAG)
        publish(bare, "evil", name=EVIL)
        publish(output, "pr-12", name="12", kind=Version.Kind.PULL_REQUEST)
        Repository.objects.update(builds_pull_requests=True)

    return versions


@pytest.mark.parametrize("theme", ["alabaster", "furo", "mkdocs"])
def test_layout_and_scripts_of_a_page_stay_as_they_are(page, docs, versions, theme, faults):
    versions(theme)
    for size in ({"width": 1280, "height": 800}, {"width": 360, "height": 700}):
        page.set_viewport_size(size)
        page.goto(f"{docs}/octo/docs/2.0/guide.html", wait_until="networkidle")
        expect(page.get_by_role("button", name="Version: 2.0")).to_be_visible()
        scrolled = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        with_switcher = page.evaluate(BOXES)
        assert page.locator("script[src='/-/versions.js']").count() == 0

        page.route("**/-/versions.js", lambda route: route.fulfill(body="document.currentScript.remove()"))
        page.goto(f"{docs}/octo/docs/2.0/guide.html", wait_until="networkidle")

        assert page.evaluate(BOXES) == with_switcher
        assert scrolled == page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        page.unroute("**/-/versions.js")
    assert page.context.cookies() == []


def test_version_is_changed_by_keyboard_and_the_page_is_kept_where_there_is_one(page, docs, versions, faults):
    versions("alabaster")
    page.goto(f"{docs}/octo/docs/latest/guide.html#section-3")
    toggle = page.get_by_role("button", name="Version: latest")
    toggle.focus()
    page.keyboard.press("Enter")
    links = page.get_by_role("navigation", name="Versions of this documentation").get_by_role("link")
    expect(links).to_have_text(["latestmain", "stable2.0", "2.0", "1.0", "0.9", EVIL, "HTML"])
    expect(links.first).to_have_attribute("aria-current", "true")

    page.keyboard.press("Escape")
    expect(toggle).to_be_focused()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(links).to_have_count(0)
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{docs}/octo/docs/1.0/guide.html#section-3")

    page.get_by_role("button", name="Version: 1.0").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="HTML").click()
    assert download.value.suggested_filename == "docs-1.0.zip"
    page.get_by_role("link", name="0.9").click()
    page.wait_for_url("**/octo/docs/0.9/#section-3")


def test_banner_stands_on_old_versions_and_previews_until_it_is_closed(page, docs, versions, faults):
    versions("alabaster")
    banner = page.get_by_role("status")
    for slug in ("latest", "2.0", "evil"):
        page.goto(f"{docs}/octo/docs/{slug}/")
        expect(page.get_by_role("button", name="Version:")).to_be_visible()
        expect(banner).to_have_count(0)
    page.goto(f"{docs}/octo/docs/pr-12/guide.html")
    expect(banner).to_have_text("This is a preview of pull request 12. Go to the documentation")
    page.goto(f"{docs}/octo/docs/1.0/guide.html")
    expect(banner).to_have_text("You are reading an old version: 1.0. Go to 2.0")
    assert page.evaluate(END_IS_FREE)

    page.get_by_role("button", name="Hide this note").click()
    page.reload()
    expect(page.get_by_role("button", name="Version: 1.0")).to_be_visible()
    expect(banner).to_have_count(0)
    page.goto(f"{docs}/octo/docs/pr-12/guide.html")
    banner.get_by_role("link").click()
    page.wait_for_url(f"{docs}/octo/docs/latest/guide.html")


def test_nothing_is_shown_on_paper_in_frames_where_it_is_off_and_without_another_version(
    page, browser, docs, versions, publish, rendered, faults
):
    def hosts_in_a_new_browser():
        with browser.new_context() as context:  # the list is kept for a minute
            other = context.new_page()
            other.goto(f"{docs}/octo/docs/latest/", wait_until="networkidle")
            return other.locator("yaydoc-versions").count()

    publish(rendered("alabaster"), "latest")
    alone = hosts_in_a_new_browser()
    versions("alabaster")
    page.goto(f"{docs}/octo/docs/1.0/", wait_until="networkidle")
    page.evaluate("const f = document.createElement('iframe'); f.src = location.href; document.body.append(f)")
    page.wait_for_load_state("networkidle")
    among_others, framed = hosts_in_a_new_browser(), page.frames[1].locator("yaydoc-versions").count()
    page.emulate_media(media="print")
    expect(page.get_by_text("You are reading an old version: 1.0.")).to_be_hidden()
    Repository.objects.update(has_version_switcher=False)

    assert (alone, among_others, framed, hosts_in_a_new_browser()) == (0, 1, 0, 0)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_switcher_can_be_read_on_light_and_dark_pages_and_does_not_stick_out(
    page, docs, versions, width, scheme, request
):
    versions("furo")
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{docs}/octo/docs/1.0/guide.html", wait_until="networkidle")
    page.get_by_role("button", name="Version: 1.0").click()

    corner = page.locator("yaydoc-versions nav")
    assert ("dark" in corner.get_attribute("class")) is (scheme == "dark")
    for part in (corner, *corner.locator("> *").all()):
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
