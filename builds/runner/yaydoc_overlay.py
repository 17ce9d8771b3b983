"""A Sphinx extension: what `.yaydoc.yml` says, where conf.py does not say otherwise."""

from typing import Any

from sphinx.util.logging import getLogger
from yaydoc_themes import theme_of

logger = getLogger(__name__)
site: dict[str, Any] = {}


def name_theme(told: dict[str, Any]) -> None:
    """By its own name, where its package was named."""
    if "html_theme" in told:
        told["html_theme"], folders = theme_of(told["html_theme"])
        told["html_theme_path"] = [*told.get("html_theme_path", []), *folders]


def setup(app: Any) -> dict[str, Any]:
    told = app.config._raw_config
    for name, value in site["settings"].items():
        if name == "autodoc_mock_imports":
            told[name] = [*told.get(name, []), *value]
        elif name not in told and name != "html_theme_options":
            told[name] = value
    if told.get("html_theme") == site["settings"].get("html_theme"):
        options = site["settings"].get("html_theme_options", {})
        told["html_theme_options"] = {**options, **told.get("html_theme_options", {})}
        name_theme(told)
    for name in site.get("added", ()):
        app.setup_extension(name)
    for complaint in site.get("complaints", ()):
        logger.warning("%s", complaint)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
