"""Bodies for schemathesis: photos, photos that are broken, and what is none."""

import base64
import pathlib

import schemathesis
from hypothesis import strategies as st

PHOTO = (pathlib.Path(__file__).parents[2] / "www/page/sample/astronaut.png").read_bytes()
# The start of a JPEG, of a WebP, and of a PNG that claims to be enormous.
HEADS = [
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
    b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    PHOTO[:16] + (1 << 30).to_bytes(4, "big") * 2 + PHOTO[24:33],
]


def flipped(at):
    broken = bytearray(PHOTO)
    broken[at] ^= 1 << at % 8
    return bytes(broken)


photos = st.one_of(
    st.just(PHOTO),
    st.integers(0, len(PHOTO)).map(lambda end: PHOTO[:end]),
    st.integers(0, len(PHOTO) - 1).map(flipped),
    st.sampled_from(HEADS).flatmap(lambda head: st.binary(max_size=512).map(lambda rest: head + rest)),
    st.binary(max_size=2048),
)

for kind in ("image/jpeg", "image/png", "image/webp"):
    schemathesis.openapi.media_type(kind, photos)


@schemathesis.hook
def map_body(context, body):
    """Half of the JSON bodies hold a photo."""
    for key in ("image", "image_data"):
        if isinstance(body, dict) and isinstance(body.get(key), str) and len(body[key]) % 2 == 0:
            prefix = "data:image/png;base64," if len(body[key]) % 4 == 0 else ""
            body[key] = prefix + base64.b64encode(PHOTO).decode()
    return body
