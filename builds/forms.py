"""The forms under the tab Builds of a repository's settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from builds.models import Automation, BuildLimits, Quiet, Schedule
from builds.models.limits import LEAST_MEMORY, SHORTEST


def number(label: str, unit: str, *, least: int, default: int, most: int) -> forms.IntegerField:
    """A limit that may be left to the operator."""
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=min(least, most),
        max_value=most,
        help_text=f"{unit}, at most {most:,}. Empty: {default:,}.",
        widget=forms.NumberInput(attrs={"placeholder": default}),
    )


class BuildLimitsForm(forms.ModelForm[BuildLimits]):
    """What a build of the repository may take."""

    class Meta:
        model = BuildLimits
        fields = ["timeout", "memory"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timeout"] = number(
            "Time",
            "Seconds, of a whole build",
            least=SHORTEST,
            default=settings.BUILD_TIMEOUT,
            most=settings.BUILD_TIMEOUT_MOST,
        )
        self.fields["memory"] = number(
            "Memory",
            "MiB, of all processes together",
            least=LEAST_MEMORY,
            default=settings.BUILD_MEMORY,
            most=settings.BUILD_MEMORY_MOST,
        )

    def save(self, commit: bool = True) -> BuildLimits:
        """Store what was changed, and nothing else."""
        if not self.changed_data:
            return self.instance
        values = {name: self.cleaned_data[name] for name in self.changed_data}
        return BuildLimits.objects.update_or_create(values, repository=self.instance.repository)[0]


class AutomationForm(forms.ModelForm[Automation]):
    """When the repository is built without anybody's asking."""

    class Meta:
        model = Automation
        fields = ["schedule", "quiet_minutes"]
        labels = {"schedule": "Build the default branch", "quiet_minutes": "Quiet time after a push"}
        help_texts = {
            "schedule": "Whatever happens, at a minute of the repository's own: for what changes without a push,"
            " such as packages and other projects' pages.",
            "quiet_minutes": "From the start of a build by a push to the next. What is pushed meanwhile waits,"
            " and is built together. A build by hand does not wait.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.scheduled_for:
            self.fields["schedule"].help_text += f" Next: {self.instance.scheduled_for:%A, %-d %B, %H:%M} UTC."

    def save(self, commit: bool = True) -> Automation:
        """Store both wishes, and nothing else."""
        schedule = Schedule(self.cleaned_data["schedule"])
        self.instance.choose(schedule, Quiet(self.cleaned_data["quiet_minutes"]), now=timezone.now())
        return self.instance
