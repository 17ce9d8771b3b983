"""The environment variables that a build may count on.

Source: Read the Docs, "Environment variable reference": a conf.py that asks for these finds them here too.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from builds.models import Build
from repositories.models import Version

OUTPUT = "_readthedocs"  # below the checkout: some name it so, instead of by the variable

KINDS = {
    Version.Kind.BRANCH: "branch",
    Version.Kind.TAG: "tag",
    Version.Kind.PULL_REQUEST: "external",
}


def promised(build: Build, root: Path, folder: Path | None) -> dict[str, str]:
    """What a build is told of itself, of its checkout and of its environment, if any; nothing of it is secret."""
    version, repository = build.version, build.repository
    is_pull_request = version.kind == Version.Kind.PULL_REQUEST
    return {
        "YAYDOC": "True",
        "YAYDOC_VERSION": version.slug,
        "READTHEDOCS": "True",
        "READTHEDOCS_PRODUCTION_DOMAIN": urlsplit(settings.SITE_URL).hostname or "",
        "READTHEDOCS_PROJECT": repository.name.lower(),
        "READTHEDOCS_LANGUAGE": "en",
        "READTHEDOCS_VERSION": version.name if is_pull_request else version.slug,
        "READTHEDOCS_VERSION_NAME": version.slug if version.is_default else version.name,
        "READTHEDOCS_VERSION_TYPE": KINDS[Version.Kind(version.kind)],
        **({"READTHEDOCS_VIRTUALENV_PATH": str(folder)} if folder else {}),
        "READTHEDOCS_REPOSITORY_PATH": str(root),
        "READTHEDOCS_OUTPUT": f"{root}/{OUTPUT}/",
        "READTHEDOCS_CANONICAL_URL": version.docs_url,
        "READTHEDOCS_GIT_CLONE_URL": repository.clone_url,
        "READTHEDOCS_GIT_IDENTIFIER": version.name,
        "READTHEDOCS_GIT_COMMIT_HASH": build.commit,
    }


def variables_digest(variables: Mapping[str, str]) -> str:
    """Changes with any of them; "" for none. By our secret key, as builds can read it: nobody can try values."""
    if not variables:
        return ""
    said = json.dumps(variables, sort_keys=True)
    return salted_hmac("builds.variables", said, algorithm="sha256").hexdigest()[:32]
