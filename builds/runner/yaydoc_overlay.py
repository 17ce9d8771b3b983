"""A Sphinx extension: what `.yaydoc.yml` says, where conf.py does not say otherwise."""

from typing import Any

from sphinx.util.logging import getLogger

logger = getLogger(__name__)
site: dict[str, Any] = {}


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
    for name in site.get("added", ()):
        app.setup_extension(name)
    for complaint in site.get("complaints", ()):
        logger.warning("%s", complaint)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
