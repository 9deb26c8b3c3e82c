"""The network: what each half millimetre of a face shows.

In: N × H × W × 3, densities of red, green, blue less the skin's, two pixels a millimetre; H and W multiples of 8.
Out: N × H × W × 5 logits, one for each of CLASSES. The weights are a dict of arrays: kernels H × W × in × out, of depthwise
ones H × W × channels, and biases.
"""

import jax
import jax.numpy as jnp
import numpy as np

from convolution import dense, depthwise

CLASSES = ["inflamed", "comedone", "pigmented", "line", "cover"]

# Channels at the full scale, a half, a quarter and an eighth of it.
FULL, HALF, QUARTER, EIGHTH = 8, 24, 48, 96

# Each layer: name, kind, kernel, channels in and out, stride. A block is a depthwise layer and a dense one by 1 × 1 that is
# added to what went in.
LAYERS = [("full", "dense", 3, 3, FULL, 1), ("half.down", "dense", 3, FULL, HALF, 2)]


def _block(name, kernel, channels):
    LAYERS.append((f"{name}.wide", "depthwise", kernel, channels, channels, 1))
    LAYERS.append((f"{name}.mix", "dense", 1, channels, channels, 1))


def _down(name, low, high):
    LAYERS.append((f"{name}.down.wide", "depthwise", 3, low, low, 2))
    LAYERS.append((f"{name}.down.mix", "dense", 1, low, high, 1))


_block("half.0", 3, HALF)
_down("quarter", HALF, QUARTER)
for _k in range(2):
    _block(f"quarter.{_k}", 5, QUARTER)
_down("eighth", QUARTER, EIGHTH)
for _k in range(3):
    _block(f"eighth.{_k}", 5, EIGHTH)
LAYERS.append(("quarter.up", "dense", 1, EIGHTH, QUARTER, 1))
LAYERS.append(("quarter.side", "dense", 1, QUARTER, QUARTER, 1))
_block("quarter.2", 5, QUARTER)
LAYERS.append(("half.up", "dense", 1, QUARTER, HALF, 1))
LAYERS.append(("half.side", "dense", 1, HALF, HALF, 1))
_block("half.1", 3, HALF)
LAYERS.append(("full.up", "dense", 1, HALF, FULL, 1))
LAYERS.append(("out.wide", "depthwise", 3, 2 * FULL, 2 * FULL, 1))
LAYERS.append(("out.mix", "dense", 1, 2 * FULL, 2 * FULL, 1))
LAYERS.append(("out.classes", "dense", 1, 2 * FULL, len(CLASSES), 1))


def init(seed):
    """Weights by chance (He 2015); what is added to something begins small, so that the sum begins as what it was."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, kind, kernel, low, high, _ in LAYERS:
        fan = kernel * kernel * (1 if kind == "depthwise" else low)
        shape = (kernel, kernel, low) if kind == "depthwise" else (kernel, kernel, low, high)
        spread = np.sqrt((1.0 if kind == "depthwise" else 2.0) / fan)
        if name.endswith(".mix") and ".down." not in name and not name.startswith("out"):
            spread *= 0.2
        weights[f"{name}.w"] = (spread * rng.standard_normal(shape)).astype(np.float32)
        weights[f"{name}.b"] = np.zeros(high, np.float32)
    # Hardly a pixel is anything: it begins with that.
    weights["out.classes.b"] -= 3.0
    return weights


def layer(weights, name, x):
    """One convolution, zeros around."""
    _, kind, kernel, _, _, stride = next(layer for layer in LAYERS if layer[0] == name)
    w = weights[f"{name}.w"].astype(x.dtype)
    if kind == "depthwise":
        y = depthwise(x, w, stride)
    elif kernel == 1:
        y = jnp.tensordot(x, w[0, 0], 1)
    else:
        y = dense(x, w, stride)
    return y + weights[f"{name}.b"].astype(x.dtype)


def block(weights, name, x):
    return jax.nn.relu(x + layer(weights, f"{name}.mix", layer(weights, f"{name}.wide", x)))


def down(weights, name, x):
    return jax.nn.relu(layer(weights, f"{name}.down.mix", layer(weights, f"{name}.down.wide", x)))


def twice(x):
    """Twice as large, straight between the middles of pixels."""
    def along(x, axis):
        first, last = jax.lax.slice_in_dim(x, 0, 1, axis=axis), jax.lax.slice_in_dim(x, -1, None, axis=axis)
        before = jnp.concatenate([first, jax.lax.slice_in_dim(x, 0, -1, axis=axis)], axis)
        after = jnp.concatenate([jax.lax.slice_in_dim(x, 1, None, axis=axis), last], axis)
        pairs = jnp.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis + 1)
        return pairs.reshape([n * 2 if a == axis else n for a, n in enumerate(x.shape)])

    return along(along(x, 1), 2)


def apply(weights, x):
    """Logits of a batch."""
    full = jax.nn.relu(layer(weights, "full", x))
    half = block(weights, "half.0", jax.nn.relu(layer(weights, "half.down", full)))
    quarter = down(weights, "quarter", half)
    for k in range(2):
        quarter = block(weights, f"quarter.{k}", quarter)
    eighth = down(weights, "eighth", quarter)
    for k in range(3):
        eighth = block(weights, f"eighth.{k}", eighth)
    quarter = jax.nn.relu(layer(weights, "quarter.side", quarter) + twice(layer(weights, "quarter.up", eighth)))
    quarter = block(weights, "quarter.2", quarter)
    half = jax.nn.relu(layer(weights, "half.side", half) + twice(layer(weights, "half.up", quarter)))
    up = twice(jax.nn.relu(layer(weights, "full.up", block(weights, "half.1", half))))
    both = jnp.concatenate([full, up], -1)
    both = jax.nn.relu(layer(weights, "out.mix", layer(weights, "out.wide", both)))
    return layer(weights, "out.classes", both)


def products(height, width):
    """Multiplications for one picture."""
    scale = {"full": 1, "half": 2, "quarter": 4, "eighth": 8, "out": 1}
    total = 0
    for name, kind, kernel, low, high, stride in LAYERS:
        # What goes up is mixed before it grows.
        at = scale[name.split(".")[0]] * (2 if name.endswith(".up") else 1)
        each = kernel * kernel * (low if kind == "depthwise" else low * high)
        total += each * (height // at) * (width // at)
    return total
