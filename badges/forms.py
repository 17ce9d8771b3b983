"""What can be chosen of a badge before its lines are copied."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms

from badges.picture import LABEL_LENGTH, STYLES
from badges.status import PALETTES
from badges.wishes import LABEL, PALETTE, STYLE
from repositories.models import Version

DEFAULTS = {"style": STYLE, "label": "", "version": Version.LATEST, "palette": PALETTE}
PALETTE_NAMES = {"default": "Bright", "aa": "High contrast"}


class BadgeForm(forms.Form):
    """It is asked with GET, so that a choice has an address; what is missing is the default."""

    style = forms.ChoiceField(choices=[(style, style) for style in STYLES])
    version = forms.ChoiceField()
    palette = forms.ChoiceField(label="Colours", choices=[(key, PALETTE_NAMES[key]) for key in PALETTES])
    label = forms.CharField(
        required=False,
        max_length=LABEL_LENGTH,
        widget=forms.TextInput(attrs={"placeholder": LABEL, "autocomplete": "off"}),
    )

    def __init__(self, asked: Any, *, versions: Iterable[Version]) -> None:
        super().__init__({**DEFAULTS, **{key: asked[key] for key in DEFAULTS if key in asked}}, auto_id="badge-%s")
        self.versions = {version.slug: version for version in versions}
        self.fields["version"].choices = [(slug, version.title) for slug, version in self.versions.items()]  # type: ignore[attr-defined]

    @property
    def query(self) -> str:
        """With its question mark. What is as by default is left out; so is all of an invalid choice."""
        chosen = self.cleaned_data if self.is_valid() else {}
        wishes = {key: chosen[key] for key in DEFAULTS if key in chosen and chosen[key] != DEFAULTS[key]}
        return f"?{urlencode(wishes)}" if wishes else ""

    @property
    def chosen_version(self) -> Version | None:
        """None: the default one."""
        version = self.versions.get(self.cleaned_data["version"]) if self.is_valid() else None
        return None if version is None or version.is_default else version
