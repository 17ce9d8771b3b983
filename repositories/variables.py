"""Which environment variables a repository may have, and the form that stores one."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from repositories.forge_tokens import TokenInput
from repositories.forms import AS_TYPED
from repositories.models import EnvironmentVariable, Repository

MOST = 50  # of a repository
LONGEST_NAME = 100
LONGEST_VALUE = 4_000  # characters; logs are masked line by line, and a line is shown in pieces of 8,192
SHORTEST_SECRET = 8  # characters; of a shorter one each "1" or "yes" in a log would be masked
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Where packages come from may be told: with a token, that is what no file should say.
INDEXES = re.compile(r"(?:UV|PIP)_(?:DEFAULT_|EXTRA_)?INDEX(?:_URL|_[A-Z0-9_]+_(?:USERNAME|PASSWORD))?")
# What each build sets itself; a test compares it with what one has.
OF_BUILDS = re.compile(
    r"YAYDOC.*|READTHEDOCS.*|GIT_.*|UV|UV_.*|PIP_.*|VIRTUAL_ENV|PATH|PWD|OLDPWD|HOME|TMPDIR|USER|LOGNAME|SHELL|SHLVL|_"
    r"|LANG|LC_.*|NO_COLOR|(?:HTTP|HTTPS|ALL|NO)_PROXY|SSL_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|DOCUTILSCONFIG|(?:NO|DISABLE)_MKDOCS_2_WARNING"
)
# By what the loader, the C library, interpreters and shells run or read other files than was asked for.
# Sources: ld.so(8), locale and resolver pages of the manual, bash(1), "Command line and environment" of Python.
OF_PROGRAMS = re.compile(
    r"LD_.*|GLIBC_.*|MALLOC_.*|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|OPENSSL_.*"
    r"|PYTHON.*|ENV|BASH_.*|BASHOPTS|SHELLOPTS|IFS|PS4|CDPATH|PROMPT_COMMAND|NODE_OPTIONS|PERL5?(?:LIB|OPT)"
)


def check_name(name: str) -> None:
    """Raises ValidationError with a sentence for what cannot be, or may not be set."""
    if not NAME.fullmatch(name):
        raise ValidationError("A name has letters of English, digits and _, and does not begin with a digit.")
    upper = name.upper()  # some programs read variables in small letters, too
    if INDEXES.fullmatch(upper):
        return
    if OF_BUILDS.fullmatch(upper):
        raise ValidationError(f"{name} is set by each build itself.")
    if OF_PROGRAMS.fullmatch(upper):
        raise ValidationError(f"{name} would change how programs start, and is not passed on.")


def check_value(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("A value is one line. What has several, such as a key, fits as Base64.")


class VariableForm(forms.Form):
    """One variable, new or in place of that of the same name."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        validators=[check_name],
        widget=forms.TextInput(attrs={**AS_TYPED, "placeholder": "API_TOKEN"}),
    )
    value = forms.CharField(
        max_length=LONGEST_VALUE, required=False, validators=[check_value], widget=TokenInput()
    )
    is_secret = forms.BooleanField(
        label="Secret",
        required=False,
        initial=True,
        help_text="Never shown again, masked in logs, and not given to pull requests. At least "
        f"{SHORTEST_SECRET} characters: what is shorter cannot be masked.",
    )

    def __init__(self, *args: Any, repository: Repository, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repository = repository

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("is_secret") and "value" in cleaned and len(cleaned["value"]) < SHORTEST_SECRET:
            self.add_error("value", f"A secret has {SHORTEST_SECRET} characters or more: less cannot be masked.")
        others = self.repository.variables.exclude(name=cleaned.get("name", ""))
        if others.count() >= MOST:
            raise ValidationError(f"A repository may have at most {MOST} variables.")
        return cleaned

    def save(self) -> EnvironmentVariable:
        cleaned = self.cleaned_data
        variable, _ = EnvironmentVariable.objects.update_or_create(
            {"value": cleaned["value"], "is_secret": cleaned["is_secret"]},
            repository=self.repository,
            name=cleaned["name"],
        )
        return variable
