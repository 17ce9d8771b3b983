"""The manual's pictures of mails: what they are made of, and how they are kept small."""

import base64
import hashlib
import json
import re
import struct
import zlib
from pathlib import Path

from notifications.mails import samples

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "images" / "mails"
MADE_OF = DIRECTORY / "made-of.json"  # name: digest of the HTML that was drawn
SITE_URL = "https://yaydoc.example.org"
HIGHEST = 1_100  # pixels; of a long digest the beginning
SAME_AS_ANOTHER = {"email-confirmation-signup"}
KINDS = sorted(set(samples.KINDS) - SAME_AS_ANOTHER)

# The 256 commonest colours of a picture as they are, and for each pixel the nearest of them.
INDEXED = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const palette = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, 256);
  const parts = (pixel) => [pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255];  // red, green, blue
  const distance = (a, b) => parts(a).reduce((sum, part, i) => sum + (part - parts(b)[i]) ** 2, 0);
  const places = new Map(palette.map((pixel, place) => [pixel, place]));
  for (const pixel of counts.keys()) {
    if (places.has(pixel)) continue;
    const nearest = palette.reduce((best, other) => distance(pixel, other) < distance(pixel, best) ? other : best);
    places.set(pixel, places.get(nearest));
  }
  let text = "";
  for (const pixel of pixels) text += String.fromCharCode(places.get(pixel));
  return [image.width, image.height, palette.map(parts).flat(), btoa(text)];
}"""


def digest(html):
    """Of what is seen of a mail: where its links lead, and which tokens they carry, is not."""
    return hashlib.sha256(re.sub(r'href="[^"]*"', "", html).encode()).hexdigest()


def made_of():
    return json.loads(MADE_OF.read_text()) if MADE_OF.exists() else {}


def keep(page, name, html, png):
    """Write a screenshot as `<name>.png`, and what it is made of."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    (DIRECTORY / f"{name}.png").write_bytes(with_a_palette(page, png))
    MADE_OF.write_text(json.dumps({**made_of(), name: digest(html)}, indent=1, sort_keys=True) + "\n")


def with_a_palette(page, png):
    """The same picture in at most 256 colours, which needs less than half the bytes."""
    width, height, colours, indices = page.evaluate(INDEXED, base64.b64encode(png).decode())
    pixels = base64.b64decode(indices)
    lines = b"".join(b"\0" + pixels[start : start + width] for start in range(0, len(pixels), width))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(colours)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def size_of(png):
    """Width and height, from the head of a PNG."""
    return struct.unpack(">II", png[16:24])
