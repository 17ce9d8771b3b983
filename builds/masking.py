"""Keep secrets out of what people read: those that we know, and what looks like one."""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "[secret]"
SENSITIVE = r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION)_?KEY"

# What is masked whole: tokens that tell themselves by how they begin.
# Sources: GitHub, "Secret scanning patterns", and the issuers' own documentation of their prefixes.
TOKENS = re.compile(
    r"\b(?:gh[opsur]_\w{30,255}|github_pat_\w{22,255}|gl(?:pat|dt|ptt|rt|cbt|ft)-[\w-]{20,255}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|xox[abeoprs]-[\w-]{10,255}|[rs]k_(?:live|test)_\w{16,255}|sk-[\w-]{20,255}"
    r"|AIza[\w-]{35}|pypi-AgE[\w-]{20,500}|npm_\w{36}"
    # Possessive, and never over the next possible beginning: a log that is full of those takes one look.
    r"|eyJ(?:\w|-(?!eyJ)){8,2000}+\.eyJ[\w-]{8,4000}+\.[\w-]{8,1000})"
)
# What is masked behind what names it: a password in a URL, a value of the environment, a keyword, a header.
BEHIND = (
    re.compile(r"(?P<name>://)[^\s/@:'\"]{0,255}:[^\s/@'\"]{1,1000}(?=@)"),
    re.compile(
        rf"(?P<name>\b(?:[A-Z0-9]{{1,40}}_){{0,8}}(?:{SENSITIVE})(?:_[A-Z0-9]{{1,40}}){{0,4}}['\"]?\s?[=:]\s?['\"]?)"
        r"[^\s'\",;\[\]]{4,4000}"
    ),
    re.compile(
        r"(?P<name>\b(?:[a-z0-9]{1,40}_){0,8}(?:password|passwd|passphrase|secret|token|api_?key|access_key)"
        r"\s?=\s?['\"])[^'\"]{4,4000}"
    ),
    re.compile(r"(?P<name>\bauthorization['\"]?\s?[:=]\s?['\"]?(?:basic|bearer|token)\s)[^\s'\",]{4,4000}", re.I),
)


def forms_of(secret: str) -> set[str]:
    """How a secret may appear in a log: as it is, in a URL, in Base64, quoted by Python, in JSON, in HTML."""
    quoted = {repr(secret)[1:-1], json.dumps(secret)[1:-1], html.escape(secret)}
    return quoted | {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}


def replacements(secrets: Iterable[str]) -> dict[str, str]:
    """Every form of every secret to what is shown in its place."""
    return {form: MASK for secret in secrets if secret for form in forms_of(secret)}


def has_lookalikes(text: str) -> bool:
    """Never False where a line of `text` alone has one."""
    return any(pattern.search(text) for pattern in (TOKENS, *BEHIND))


def without_lookalikes(text: str) -> str:
    """`text` with what looks like a secret masked, its name kept: `API_TOKEN=[secret]`."""
    text = TOKENS.sub(MASK, text)
    for pattern in BEHIND:
        text = pattern.sub(lambda found: found["name"] + MASK, text)
    return text


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """A text of few lines, such as a reason, without the secrets known and without what looks like one."""
    for form, instead in sorted(replacements(secrets).items(), key=lambda item: -len(item[0])):
        text = text.replace(form, instead)
    return without_lookalikes(text)
