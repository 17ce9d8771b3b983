"""The badge in foreign pages: it looks the same however it is put in, and in light and dark."""

from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from badges.picture import STYLES, Content, picture
from repositories.models import BuildStatus, Repository


@pytest.fixture(scope="module")
def elsewhere():
    """The address of another site, and a list whose last item is what it shows."""
    bodies = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(bodies[-1].encode())

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", bodies
        server.shutdown()


@pytest.fixture
def readme(page, site, repository, faults, elsewhere):
    """Shows some HTML as a page of another site, which has no policy of its own."""
    Repository.objects.update(build_status=BuildStatus.SUCCESS)
    address, bodies = elsewhere

    def show(body, scheme="light"):
        icon, schemes = "<link rel=icon href=data:,>", "<meta name=color-scheme content='light dark'>"
        bodies.append(f"<!doctype html>{icon}{schemes}<style>svg, img {{ display: block }}</style>{body}")
        page.emulate_media(color_scheme=scheme)
        page.goto(address, wait_until="load")
        return page

    yield show
    assert faults == []


# The mean difference of two pictures' colour values (0 to 255) over the width and height that both have. Text is
# smoothed a little differently from one layer to another; a missing shape or overlay makes more than 5.
DIFFERENCE = """async (pictures) => {
  const [one, other] = await Promise.all(pictures.map(async (data) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${data}`;
    await picture.decode();
    return picture;
  }));
  const width = Math.min(one.width, other.width), height = Math.min(one.height, other.height);
  const values = [one, other].map((picture) => {
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return canvas.getImageData(0, 0, width, height).data;
  });
  return values[0].reduce((sum, value, at) => sum + Math.abs(value - values[1][at]), 0) / values[0].length;
}"""
ALIKE = 2


def difference(page, *pictures):
    return page.evaluate(DIFFERENCE, [b64encode(picture).decode() for picture in pictures])


def look(page, selector="#one"):
    return page.locator(selector).screenshot()


@pytest.mark.parametrize("style", STYLES)
def test_badge_looks_the_same_however_it_is_put_in(readme, site, style):
    address = f"{site}/octo/docs.svg?style={style}"
    page = readme(f"<img id=one src='{address}'>")
    width, height = page.evaluate("[one.naturalWidth, one.naturalHeight]")
    expected = look(page)

    page = readme(f"<object id=one data='{address}'></object>")
    as_object = look(page)
    box = f"width:{width}px;height:{height}px"
    page = readme(f"<div id=one style='{box};background:url({address})'></div>")
    as_background = look(page)

    assert height in {18, 20, 28}
    assert difference(page, as_object, expected) < ALIKE
    assert difference(page, as_background, expected) < ALIKE


def test_pictures_in_one_page_leave_each_other_alone(readme):
    contents = [
        Content("yaydoc", message, "#97CA00", style) for style in STYLES for message in ("success", "failed")
    ]
    bodies = [picture(content).body.decode() for content in contents]
    alone = []
    for body in bodies:
        alone.append(look(readme(body), "svg"))

    page = readme("".join(f"<p>{body}</p>" for body in bodies + bodies))
    together = [page.locator("svg").nth(number).screenshot() for number in range(2 * len(bodies))]

    differences = [difference(page, *pair) for pair in zip(together, alone + alone, strict=True)]
    assert max(differences) < ALIKE, differences


@pytest.mark.parametrize("style", STYLES)
def test_badge_looks_the_same_in_light_and_dark(readme, site, style):
    image = f"<img id=one src='{site}/octo/docs.svg?style={style}'>"

    page = readme(image, "light")
    light = look(page)
    page = readme(image, "dark")

    # Between the halves of a social one there is nothing but what lies behind.
    assert difference(page, light, look(page)) < (15 if style == "social" else ALIKE)


def test_difference_is_seen(readme, site):
    """The measure that the other tests take: another message, and another style, are no likeness."""
    pictures = [
        look(readme(picture(Content("yaydoc", "success", "#97CA00", style)).body.decode(), "light"), "svg")
        for style in ("flat", "plastic", "flat-square")
    ]
    other = look(readme(picture(Content("yaydoc", "failed", "#E05d44")).body.decode()), "svg")

    page = readme("")
    assert difference(page, pictures[0], pictures[0]) == 0
    assert min(difference(page, pictures[0], each) for each in [*pictures[1:], other]) > 2 * ALIKE


def test_script_of_another_page_may_read_the_badge_and_its_status(readme, site):
    page = readme("")

    answer = page.evaluate(
        """async (address) => {
          const answer = await fetch(address);
          return [answer.status, answer.headers.get("X-Yaydoc-Status"), (await answer.text()).slice(0, 4)];
        }""",
        f"{site}/octo/docs.svg",
    )

    assert answer == [200, "success", "<svg"]


def test_name_of_the_picture_is_what_it_says(readme, site):
    page = readme(picture(Content("yaydoc", "success", "#97CA00", "for-the-badge")).body.decode())

    assert page.get_by_role("img", name="yaydoc: success").count() == 1
