"""Which packages hold the extensions and themes that a conf.py names."""

import re

# Extensions and themes, as a conf.py names them, whose package has another name than with "-" for "." and "_".
PACKAGES = {
    "IPython.sphinxext": "ipython",
    "ablog": "ablog",
    "autodocsumm": "autodocsumm",
    "breathe": "breathe",
    "furo": "furo",
    "guzzle_sphinx_theme": "guzzle_sphinx_theme",
    "jupyter_sphinx": "jupyter-sphinx",
    "matplotlib.sphinxext": "matplotlib",
    "myst_nb": "myst-nb",
    "myst_parser": "myst-parser",
    "nbsphinx": "nbsphinx",
    "nbsphinx_link": "nbsphinx-link",
    "notfound": "sphinx-notfound-page",
    "numpydoc": "numpydoc",
    "openstackdocstheme": "openstackdocstheme",
    "pallets_sphinx_themes": "Pallets-Sphinx-Themes",
    "pydata_sphinx_theme": "pydata-sphinx-theme",
    "recommonmark": "recommonmark",
    "releases": "releases",
    "reno.sphinxext": "reno",
    "autoapi": "sphinx-autoapi",
    "hoverxref": "sphinx-hoverxref",
    "sphinxarg": "sphinx-argparse",
    "sphinxext.opengraph": "sphinxext-opengraph",
    "sphinxext.rediraffe": "sphinxext-rediraffe",
}
OF_SPHINX = re.compile(r"sphinx(?:_[a-z0-9_]+|contrib\.[a-z0-9_]+)|[a-z0-9_]+_sphinx_theme")
QUOTED = re.compile(r"""["']([A-Za-z_][\w.]{1,60})["']""")
WITH_SPHINX = frozenset(
    f"sphinxcontrib.{name}" for name in ("applehelp", "devhelp", "htmlhelp", "jsmath", "qthelp", "serializinghtml")
)


def undeclared(conf: str, said: str) -> tuple[str, ...]:
    """Packages of well-known extensions and themes that a conf.py names and no requirement mentions."""
    said = re.sub(r"[._]", "-", said.lower())
    found = []
    for name in dict.fromkeys(QUOTED.findall(conf)):
        parts = name.split(".")
        modules = [known for known in (".".join(parts[:2]), parts[0]) if known in PACKAGES]
        if modules:
            package = PACKAGES[modules[0]]
        elif OF_SPHINX.fullmatch(".".join(parts[:2])) and name not in WITH_SPHINX:
            package = ".".join(parts[:2]).replace(".", "-").replace("_", "-")
        else:
            continue
        if re.sub(r"[._]", "-", package.lower()) not in said and package not in found:
            found.append(package)
    return tuple(found)
