"""Repositories without a conf.py: a README and other pages, as their readers know them from a forge."""

import re

import pytest

from builds import sandbox
from builds.configuration.reading import read_config
from builds.detection.plans import find_docs
from builds.rendering.render import render
from tests.builds.small_projects import environment_of_the_tests, source_of, write

README = """
<p align="center"><img src="img/logo.svg" width="90" alt="logo"></p>

See the [guide](docs/guide.md), [its part](docs/guide.md#the-part), [all docs](docs/), [licence](LICENSE),
[missing](nothing.md) and <a href="docs/guide.md">raw</a>.

> [!NOTE]
> An alert.

## Usage

| a | b |
|---|---|
| 1 | ~~2~~ |

- [x] done

https://example.org

```no-such-language
code
```
"""
FILES = {
    "README.md": README,
    "LICENSE": "MIT\n",
    "CHANGELOG.md": "# Changes\n",
    "img/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "docs/README.md": "# All docs\n",
    "docs/guide.md": "# Guide\n\nBack to the [start](../README.md).\n\n## The part\n\n![x](../img/logo.svg)\n",
    "docs/part-10.md": "no heading here\n",
    "docs/part-2.rst": "Second\n======\n\nWords `broken`_ and :foo:`bar`.\n",
    "tests/data/README.md": "# Of the tests\n",
}


@pytest.fixture
def rendered(execution):
    """Renders a checkout of these files: the folder with its pages."""

    def render_files(files):
        source = write(source_of(execution.build), files)
        sandbox.give(source)
        return render(execution, find_docs(source, read_config(source)), environment_of_the_tests())

    return render_files


def body_of(page):
    """The article of a page, without the theme around it."""
    return re.search(r'<article role="main".*?</article>', page.read_text(), re.DOTALL)[0]


def test_a_readme_is_the_front_page_and_all_its_links_lead_somewhere(rendered):
    output = rendered(FILES)

    page = body_of(output / "index.html")
    for link in ("docs/guide.html", "docs/guide.html#the-part", "docs/README.html"):
        assert f'href="{link}"' in page
    assert '<a href="docs/guide.html">raw</a>' in page
    assert "missing" in page
    assert "nothing.md" not in page
    assert 'href="https://github.com/octo/docs/blob/main/LICENSE"' in page
    assert '<img src="_files/img/logo.svg"' in page
    assert (output / "_files/img/logo.svg").is_file()
    assert 'src="../_images/logo.svg"' in body_of(output / "docs/guide.html")
    assert not (output / "tests").exists()


def test_markdown_is_read_as_forges_read_it(rendered):
    page = body_of(rendered(FILES) / "index.html")

    assert 'class="admonition note"' in page
    assert "<table" in page
    assert "<s>2</s>" in page
    assert 'type="checkbox"' in page
    assert '<a class="reference external" href="https://example.org">' in page


def test_every_page_is_in_the_contents_in_the_order_of_the_folders(rendered):
    text = (rendered(FILES) / "index.html").read_text()

    contents = text[text.index('class="sidebar-tree"') : text.index("</aside>")]
    titles = re.findall(r'href="[^"]+">([^<]+)</a>|caption-text">([^<]+)<', contents)
    assert [a or b for a, b in titles] == ["Changes", "Docs", "All docs", "Guide", "Second", "Part 10"]


def test_the_page_is_called_as_the_repository_where_the_readme_says_nothing(rendered):
    text = (rendered(FILES) / "index.html").read_text()

    assert "<title>docs</title>" in text  # of octo/docs


def test_an_index_is_made_where_no_page_is_fit_to_be_the_first(rendered):
    output = rendered({"manual/one.md": "# One\n", "manual/two.md": "# Two\n"})

    page = (output / "index.html").read_text()
    assert "<h1>docs" in page
    assert 'href="one.html">One<' in page
    assert 'href="two.html">Two<' in page


def test_yaydoc_yml_gives_title_theme_and_logo(rendered):
    output = rendered(
        {
            ".yaydoc.yml": "metadata:\n  projectname: Proper Name\n  author: Ada\n  version: '2'\n"
            "build:\n  source: manual\n  logo: logo.svg\n  theme:\n    name: classic\n"
            "    options:\n      sidebarwidth: 321\n",
            "manual/index.rst": "Start\n=====\n",
            "manual/logo.svg": FILES["img/logo.svg"],
            "README.md": "# Not of the manual\n",
        }
    )

    page = (output / "index.html").read_text()
    assert "Proper Name" in page
    assert "Ada" in page
    assert 'src="_static/logo.svg"' in page
    assert "321px" in (output / "_static/classic.css").read_text()
    assert not (output / "README.html").exists()


def test_a_readme_in_restructured_text_has_contents_too(rendered):
    output = rendered({"README.rst": "Tool\n====\n\nWords.\n", "docs/a.md": "# A page\n"})

    assert 'href="docs/a.html">A page<' in (output / "index.html").read_text()


@pytest.mark.parametrize("name", ["readme.md", "ReadMe.markdown", "README.MD"])
def test_a_readme_may_be_written_in_any_case(rendered, name):
    output = rendered({name: "# Tool\n\nWords.\n"})

    assert "Words." in body_of(output / "index.html")


def test_the_checkout_is_left_as_it_was_but_for_a_made_index(execution, rendered):
    source = source_of(execution.build)
    rendered(FILES)

    assert {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()} == set(FILES)


OF_A_FOLDER = {
    "docs/index.md": "---\ntitle: The manual\nlayout: home\n---\n\nWords: [code](../src/tool.py), [all](/src),"
    " [there](/docs/deep/page.md#what-is-it-for), [case](#The-End), [HTTPS](HTTPS://example.org/x),"
    " [out](../../../etc/passwd), [paper](../paper.pdf).\n\n![a](/img/a.svg?raw=true)\n\n"
    "```mermaid\ngraph TD; A-->B;\n```\n\n## The end\n",
    "docs/deep/page.md": '<h1 align="center">In <b>HTML</b></h1>\n\n<picture><source srcset="../../img/a.svg 2x,'
    ' x.png"><img src="/img/a.svg"></picture>\n\n## What is it _for_?\n\n## Second\n',
    "docs/deep/other.md": "# See [this](../../img/a.svg)\n\n`{not}` \n",
    "docs/CHANGELOG.md": "# 2.0\n\nNew.\n\n# 1.0\n\nOld.\n",
    "docs/old.rst": "Old\n===\n\n`A file <../src/tool.py>`_\n",
    "src/tool.py": "one\ntwo\n",
    "img/a.svg": FILES["img/logo.svg"],
    "paper.pdf": "%PDF",
}


def test_links_out_of_the_folder_of_the_pages_lead_to_the_forge_or_to_a_copy(rendered):
    output = rendered(OF_A_FOLDER)

    page = body_of(output / "index.html")
    at_forge = "https://github.com/octo/docs"
    for link in (
        f"{at_forge}/blob/main/src/tool.py",
        f"{at_forge}/tree/main/src",
        "deep/page.html#what-is-it-for",
        "#the-end",
        "HTTPS://example.org/x",
    ):
        assert f'href="{link}"' in page
    assert re.search(r'href="_downloads/\w+/paper.pdf"', page)
    assert "passwd" not in page
    assert (
        f'href="{at_forge}/blob/main/docs/index.md" title="View this page"' in (output / "index.html").read_text()
    )
    assert (output / re.search(r'src="(_images/a[^"]*)"', page)[1]).is_file()
    assert f'href="{at_forge}/blob/main/src/tool.py"' in body_of(output / "old.html")


def test_pages_are_named_where_front_matter_or_html_says_it_and_once_in_the_contents(rendered):
    output = rendered(OF_A_FOLDER)

    text = (output / "index.html").read_text()
    contents = text[text.index('class="sidebar-tree"') : text.index("</aside>")]
    entries = re.findall(r'href="[^"]+">(.+)</a></li>', contents)
    assert [re.sub("<[^>]*>", "", entry) for entry in entries] == ["Old", "Changelog", "See this", "In HTML"]
    assert "<h1>The manual" in text
    assert "layout" not in body_of(output / "index.html")
    assert "graph TD; A--&gt;B;" in text
    page = body_of(output / "deep/page.html")
    assert 'srcset="../_files/img/a.svg 2x, x.png"><img' in page
    assert "<h2>What is it" in page
    assert (output / "_files/img/a.svg").is_file()


def test_without_a_known_forge_files_and_sources_are_copied(execution, rendered):
    execution.build.repository.forge = "git"

    output = rendered(OF_A_FOLDER)

    assert re.search(r'href="_downloads/\w+/tool.py"', body_of(output / "index.html"))
    assert 'href="_sources/index.md.txt" title="View this page"' in (output / "index.html").read_text()


def test_links_that_no_file_system_can_follow_are_no_fault(execution, rendered):
    source_of(execution.build).joinpath("loop").symlink_to("loop")
    long = "x" * 300
    links = " ".join(f"[{name}]({link})" for name, link in {"a": long, "b": "b%00.md", "c": "loop"}.items())
    pictures = f"![d]({long}.png) ![e](/n%00.png?raw=true) ![f](loop)"

    output = rendered(
        {"README.md": f"# Tool\n\n{links}\n\n{pictures}\n\n<img src='{long}'> <a href='z%00'>z</a>\n"}
    )

    assert "<h1>Tool" in body_of(output / "index.html")


def test_a_readme_that_begins_with_a_line_loses_nothing(rendered):
    output = rendered({"README.md": "---\n\n# Tool\n\nWords.\n\n---\n"})

    assert "Words." in body_of(output / "index.html")


def test_a_picture_of_raw_html_is_new_when_only_it_changed(execution, rendered):
    rendered(FILES)

    output = rendered({**FILES, "img/logo.svg": "<svg>new</svg>"})

    assert (output / "_files/img/logo.svg").read_text() == "<svg>new</svg>"
