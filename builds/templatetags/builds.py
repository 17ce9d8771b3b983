"""How builds are written on pages: durations, times and states."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds

LABELS = {
    "unknown": "not built",
    "running": "building",
}
TRIGGERS = {
    "push": "by a push",
    "registration": "by registering",
    "person": "by hand",
    "watch": "by looking at the branches",
    "schedule": "by the schedule",
}


@register.filter
def duration(seconds: float | str | None) -> str:
    """`0.04 s`, `1.2 s`, `12 s`, `3 min 05 s`, `1 h 02 min`; empty where there is none."""
    if not isinstance(seconds, float | int):
        return ""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"


@register.filter
def megabytes(size: int) -> str:
    """`0.3 MB` of bytes, as the log has it."""
    return f"{size / 1e6:.1f} MB"


@register.filter
def trigger(value: str) -> str:
    """Who asked for a build, in words."""
    return TRIGGERS.get(value, value)


@register.filter
def ago(moment: datetime | str | None) -> SafeString | str:
    """A `<time>` that says how long ago; the exact time is its title."""
    if not isinstance(moment, datetime):
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S UTC"),
        distance(timezone.now(), moment),
    )


def distance(now: datetime, moment: datetime) -> str:
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR} h ago"
    if seconds < 30 * DAY:
        return f"{seconds // DAY} d ago"
    return f"on {moment:%Y-%m-%d}"


@register.filter
def reused(stages: list[dict[str, Any]]) -> str:
    """Which stages were served by what was kept: `checkout, environment`; "" where none could have been."""
    told = {entry["name"]: entry["reused"] for entry in stages if entry.get("reused") is not None}
    return ", ".join(name for name, is_reused in told.items() if is_reused) or ("nothing" if told else "")


@register.filter
def was_repeated(stages: list[dict[str, Any]]) -> bool:
    """Whether the build began again from nothing: its stages came twice."""
    names = [entry["name"] for entry in stages]
    return len(set(names)) < len(names)


@register.inclusion_tag("builds/state.html")
def state(value: str, pill: bool = True, short: bool = False) -> dict[str, Any]:
    """A state or status with its drawing; the word is there for who can't see colours, even when `short`."""
    return {"value": value, "label": LABELS.get(value, value), "pill": pill, "short": short}
