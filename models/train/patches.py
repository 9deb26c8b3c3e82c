"""Patches from `shine-skin patches`: what the stream holds, and a pool of the last ones on the device."""

import subprocess

import jax
import jax.numpy as jnp
import numpy as np

# Density of one step of the stream, as src/patches/mod.rs has it.
STEP = 1.0 / 8192.0


class Stream:
    """The patches of a seed from a number on."""

    def __init__(self, binary, models, photos, side, seed, first=0, more=()):
        folders = [part for folder in photos for part in ("--photos", folder)]
        self.command = [binary, "patches", "--models", models, *folders, "--side", str(side), "--seed", str(seed)]
        self.command += ["--first", str(first), "--count", str(1 << 40)] + list(more)
        self.side = side
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, bufsize=0)

    def read(self, count):
        """The next patches, bytes as they are in the stream: count × side² × 8."""
        size = self.side * self.side * 8
        batch = np.empty((count, size), np.uint8)
        view, got = memoryview(batch).cast("B"), 0
        while got < count * size:
            n = self.process.stdout.readinto(view[got:])
            if not n:
                raise RuntimeError(f"the stream ended: {' '.join(self.command)}")
            got += n
        return batch

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def unpack(batch, side, classes):
    """Densities, what each pixel is and where that is known, the last two by channel."""
    count, area = batch.shape[0], side * side
    pairs = batch[:, : area * 6].reshape(count, side, side, 3, 2)
    seen = jax.lax.bitcast_convert_type(pairs, jnp.int16).astype(jnp.float32) * STEP
    bits = jnp.arange(classes, dtype=jnp.uint8)
    of = lambda plane: (plane.reshape(count, side, side, 1) >> bits) & 1
    truth = of(batch[:, area * 6 : area * 7])
    known = 1 - of(batch[:, area * 7 :])
    return seen, truth.astype(jnp.float32), known.astype(jnp.float32)
