"""A sheet of patches, half of them as people's skin is and half painted, mixed: whoever can tell which is which at a glance sees what
the generator gets wrong.

usage: sheet.py --binary SHINE_SKIN --models DIR --photos DIR [--photos DIR …] [--seed N] OUT.png

Writes OUT.png, and which of its patches are painted to OUT.txt, row by row. Both hold what the photos show, whose terms go with them.
"""

import argparse
import pathlib
import struct
import zlib

import numpy as np

from patches import STEP, Stream

# Patches along a side of the sheet, pixels along a side of one, and how many times as large it is shown.
ACROSS, SIDE, LARGER = 8, 48, 3
# Linear light of a skin chosen by eye: a patch is told in densities less its own skin's, and has to be shown on some.
SKIN = np.array([0.55, 0.32, 0.21])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--photos", action="append", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("out", type=pathlib.Path)
    return parser.parse_args()


def read(options, count, more):
    """Patches as colours of sRGB; `more` are options of the stream."""
    stream = Stream(options.binary, options.models, options.photos, SIDE, options.seed, more=more)
    batch = stream.read(count)
    stream.close()
    area = SIDE * SIDE
    density = batch[:, : area * 6].copy().view("<i2").reshape(count, SIDE, SIDE, 3) * STEP
    light = np.clip(SKIN * np.exp(-density), 0, 1)
    colour = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (colour * 255).round().astype(np.uint8)


def png(picture):
    """The bytes of a picture of 8 bits, H × W × 3 (ISO 15948)."""
    height, width, _ = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def main():
    options = arguments()
    half = ACROSS * ACROSS // 2
    patches = np.concatenate([read(options, half, ["--plain"]), read(options, half, [])])
    order = np.random.default_rng(options.seed).permutation(2 * half)
    large = patches[order].repeat(LARGER, 1).repeat(LARGER, 2)
    framed = np.pad(large, ((0, 0), (0, 4), (0, 4), (0, 0)), constant_values=255)
    size = SIDE * LARGER + 4
    sheet = framed.reshape(ACROSS, ACROSS, size, size, 3).swapaxes(1, 2).reshape(ACROSS * size, ACROSS * size, 3)
    options.out.write_bytes(png(sheet))
    rows = (order >= half).reshape(ACROSS, ACROSS)
    options.out.with_suffix(".txt").write_text("".join(" ".join("painted" if p else "plain" for p in row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
