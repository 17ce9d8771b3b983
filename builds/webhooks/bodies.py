"""The body of a webhook request: read within a limit, and parsed as strict JSON."""

import json
import math
import re
from typing import BinaryIO, NoReturn
from urllib.parse import parse_qs

from django.http import HttpRequest

LIMIT = 25 * 1024 * 1024  # bytes; what GitHub sends at most (Source: GitHub, "Webhook events and payloads")
CHUNK = 64 * 1024  # bytes
MAX_DEPTH = 64  # of nested objects and arrays; real ones have about six
MAX_DIGITS = 20  # of a whole number; ids fit in 64 bits
FORM = "application/x-www-form-urlencoded"

# A string (also one that never ends), or a bracket. Possessive, so that no text takes more than one look.
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z|\\\Z)|[\[\]{}]', re.DOTALL)
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89abABcdefCDEF]")
SURROGATE = re.compile("[\ud800-\udfff]")


class BodyRefused(Exception):
    """The request gets `status` and the text: the sender's fault."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def check_headers(request: HttpRequest) -> None:
    """Raises BodyRefused for what the headers say already, before a byte of the body is read."""
    if request.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        raise BodyRefused(415, "content encoding not supported")
    if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise BodyRefused(400, "unsupported charset")
    length = request.headers.get("Content-Length") or "0"
    if not re.fullmatch(r"[0-9]+", length):
        raise BodyRefused(400, "content length is not a number")
    if len(length) > 12 or int(length) > LIMIT:
        raise BodyRefused(413, "payload too large")


def read_body(request: HttpRequest) -> bytes:
    """The raw body, which signatures cover. Raises BodyRefused when it is too large or breaks off.

    Not `request.body`: that refuses everything above DATA_UPLOAD_MAX_MEMORY_SIZE, and takes a body without
    Content-Length, sent in chunks, for an empty one.
    """
    source: HttpRequest | BinaryIO = request
    if "Content-Length" not in request.headers and request.META.get("wsgi.input_terminated"):
        source = request.META["wsgi.input"]
    body = bytearray()
    try:
        while chunk := source.read(CHUNK):
            body += chunk
            if len(body) > LIMIT:
                raise BodyRefused(413, "payload too large")
    except OSError as error:
        raise BodyRefused(400, "body breaks off") from error
    return bytes(body)


def parse_body(content_type: str, body: bytes) -> dict[str, object]:
    """The JSON object of a body, or of the field `payload` of a form. Raises BodyRefused."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BodyRefused(400, "body is not UTF-8") from error
    if content_type == FORM:
        return parse_json(payload_of(text), name="payload")
    return parse_json(text, name="body")


def payload_of(form: str) -> str:
    try:
        fields = parse_qs(form, keep_blank_values=True, max_num_fields=20, errors="strict")
    except UnicodeDecodeError as error:
        raise BodyRefused(400, "payload is not UTF-8") from error
    except ValueError as error:
        raise BodyRefused(400, "form has too many fields") from error
    payloads = fields.get("payload", [])
    if len(payloads) != 1:
        raise BodyRefused(400, "form must have one payload")
    return payloads[0]


def parse_json(text: str, *, name: str) -> dict[str, object]:
    """`text` as an object without duplicate keys, NaN, endless numbers or half characters. Raises BodyRefused."""
    check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=unique,
            parse_constant=refuse_constant,
            parse_int=bounded_int,
            parse_float=finite_float,
        )
    except ValueError as error:
        raise BodyRefused(400, f"{name} is not JSON") from error
    if not isinstance(value, dict):
        raise BodyRefused(400, "a JSON object is expected")
    if SURROGATE_ESCAPE.search(text):
        return whole_object(value)
    return value


def check_depth(text: str) -> None:
    """Before the parser, which recurses: on some Pythons until the stack ends."""
    depth = 0
    for token in TOKEN.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise BodyRefused(400, "JSON is nested too deep")
        if first in "]}":
            depth -= 1


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Parsers differ in which of two equal keys they take, so a body with both has two meanings."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BodyRefused(400, "JSON has a duplicate key")
    return value


def refuse_constant(name: str) -> NoReturn:
    raise BodyRefused(400, f"{name} is not JSON")


def bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise BodyRefused(400, "JSON has a number that is too large")
    return int(digits)


def finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BodyRefused(400, "JSON has a number that is too large")
    return number


def whole_object(value: dict[str, object]) -> dict[str, object]:
    return {SURROGATE.sub("\ufffd", key): without_surrogates(item) for key, item in value.items()}


def without_surrogates(value: object) -> object:
    """`value` with U+FFFD for every half of a character: no database and no encoder takes those."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return whole_object(value)
    return value
