"""How our HTML mails look: one table, written into each element, since not every mail program reads a style sheet.

The dark colours are in a sheet, which the programs read that know of a dark mode. Those that turn colours round by
themselves (Gmail's apps, Outlook) find colours that bear it: no text is on a picture, or near pure black or white.
"""

import re

# name: light, dark. The same as the site's, see static/yaydoc/style.css.
PALETTE = {
    "bg": ("#fafaf8", "#0e1215"),
    "surface": ("#ffffff", "#151a1e"),
    "sunken": ("#f3f3ef", "#1b2126"),
    "line": ("#e5e5df", "#262d33"),
    "text": ("#191c1f", "#e6eaed"),
    "muted": ("#5d646b", "#98a3ac"),
    "link": ("#0b5cad", "#7cb8f5"),
    "ink": ("#17324a", "#dfe8ef"),
    "on-ink": ("#ffffff", "#10202d"),
    "log-bg": ("#11171c", "#0a0e11"),
    "log-text": ("#d5dde3", "#d5dde3"),
    "success": ("#24702a", "#83cf82"),
    "success-bg": ("#e7f4e4", "#16291a"),
    "failed": ("#b3261e", "#f59389"),
    "failed-bg": ("#fcebe8", "#341a18"),
    "error": ("#855300", "#e9b95b"),
    "error-bg": ("#fcf1da", "#30240d"),
    "running": ("#00639c", "#75c0f0"),
    "running-bg": ("#e4f1fa", "#10293a"),
}
LIGHT, DARK = 0, 1
TONES = {"good": "success", "bad": "failed", "odd": "error", "plain": "running"}  # of a mail, to colours

FONT = "font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace"
TEXT = f"{FONT};font-size:16px;line-height:1.5"
BREAK = "overflow-wrap:anywhere;word-break:break-word"

# Of a look, {name} is a colour of the palette, {tone} and {tone-bg} those of the mail's tone.
LOOKS = {
    "page": f"margin:0;padding:0;background-color:{{bg}};color:{{text}};{TEXT}",
    "frame": f"padding:20px 12px 28px;background-color:{{bg}};color:{{text}};{TEXT}",
    "brand": f"padding:0 4px 12px;color:{{muted}};font-size:14px;{FONT};{BREAK}",
    "wordmark": "color:{text};font-weight:700;text-decoration:none",
    "card": (
        "padding:26px 24px 22px;background-color:{surface};color:{text};border:1px solid {line};"
        f"border-top:4px solid {{tone}};border-radius:10px;text-align:left;{FONT};{BREAK}"
    ),
    "pill": (
        "display:inline-block;margin:0 0 12px;padding:2px 11px;border-radius:99px;background-color:{tone-bg};"
        "color:{tone};font-size:13px;font-weight:600;line-height:1.6"
    ),
    "headline": f"margin:0 0 10px;color:{{text}};font-size:24px;line-height:1.25;font-weight:650;{BREAK}",
    "paragraph": f"margin:0 0 16px;font-size:16px;{BREAK}",
    "notice": (
        "margin:0 0 18px;padding:13px 16px;background-color:{tone-bg};color:{text};border-left:4px solid {tone};"
        f"border-radius:6px;font-size:15px;{BREAK}"
    ),
    "reason": "margin:0;font-weight:600",
    "hint": "margin:8px 0 0",
    "action": "margin:0 0 20px",
    "button-cell": "background-color:{ink};border-radius:7px;line-height:1.3",
    "button": (
        "display:block;padding:11px 20px;color:{on-ink};font-size:15px;font-weight:600;line-height:1.3;"
        f"text-decoration:none;{FONT}"
    ),
    "facts": "margin:0 0 18px;border-collapse:collapse;font-size:15px",
    "label": (
        "padding:3px 18px 3px 0;color:{muted};font-weight:400;text-align:left;vertical-align:top;"
        "white-space:nowrap"
    ),
    "value": f"padding:3px 0;color:{{text}};vertical-align:top;{BREAK}",
    "link": "color:{link}",
    "link-of-row": "display:inline-block;margin:0 20px 0 0;color:{link}",
    "subtitle": "margin:0 0 7px;color:{muted};font-size:14px;font-weight:400",
    "log": (
        "margin:0 0 18px;padding:14px 16px;background-color:{log-bg};color:{log-text};border-radius:8px;"
        f"{MONO};font-size:13px;line-height:1.5;white-space:pre-wrap;{BREAK}"
    ),
    "list": (
        "width:100%;margin:0 0 18px;border-collapse:collapse;font-size:14px;overflow-wrap:normal;word-break:normal"
    ),
    "head": "color:{muted};font-weight:400;text-align:left",
    "row": "border-bottom:1px solid {line}",
    "branch": BREAK,
    "result": "color:{tone};font-weight:600",
    "links": "margin:0;padding:12px 0 0;border-top:1px solid {line};font-size:15px;line-height:1.9",
    "foot": f"padding:16px 8px 0;color:{{muted}};font-size:13px;line-height:1.5;text-align:center;{FONT};{BREAK}",
    "quiet": "color:{muted};text-decoration:underline",
}


def class_of(name: str, tone: str = "") -> str:
    return f"{name}-{tone or 'plain'}" if "{tone" in LOOKS[name] else name


def style_of(name: str, tone: str = "", scheme: int = LIGHT) -> str:
    """The declarations of a look. Raises KeyError for one, or a tone, that isn't known."""
    base = TONES[tone or "plain"]

    def colour(found: re.Match[str]) -> str:
        return PALETTE[found[1].replace("tone", base)][scheme]

    return re.sub(r"\{([a-z-]+)\}", colour, LOOKS[name])


def dark_sheet() -> str:
    """The rules of the dark side: of each look those declarations that have another colour there."""
    rules = []
    for name, look in LOOKS.items():
        for tone in TONES if "{tone" in look else ("",):
            pairs = zip(style_of(name, tone, LIGHT).split(";"), style_of(name, tone, DARK).split(";"), strict=True)
            changed = "".join(f"{dark}!important;" for light, dark in pairs if light != dark)
            if changed:
                rules.append(f".{class_of(name, tone)}{{{changed.rstrip(';')}}}")
    return "\n".join(rules)
