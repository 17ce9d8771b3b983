"""A Sphinx extension: what `.yaydoc.yml` says, where conf.py does not say otherwise."""

from typing import Any

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
    if site.get("github"):
        app.setup_extension("yaydoc_github")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
