"""Convolutions by channels as sums of shifted pictures, and the gradients of all: what the framework makes of these takes up to forty
times as long on a processor. Kernels are odd, zeros are around.

Pictures are N × H × W × channels.
"""

import functools

import jax
import jax.numpy as jnp


def _padded(x, by):
    # Made once, not asked for at each pixel that is read.
    return jax.lax.optimization_barrier(jnp.pad(x, ((0, 0), (by, by), (by, by), (0, 0))))


def _taps(x, kernel, stride):
    """What each weight of a kernel meets, row by row."""
    x = _padded(x, kernel // 2)
    height, width = ((n - kernel) // stride + 1 for n in x.shape[1:3])
    at = lambda k, n: slice(k, k + (n - 1) * stride + 1, stride)
    return [x[:, at(i, height), at(j, width)] for i in range(kernel) for j in range(kernel)]


def _shifted(x, w, stride):
    kernel, _, channels = w.shape
    taps = _taps(x, kernel, stride)
    return sum(weight * tap for weight, tap in zip(w.reshape(kernel * kernel, channels), taps))


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def depthwise(x, w, stride):
    """Each channel by its own kernel, `w` kernel × kernel × channels."""
    return _shifted(x, w, stride)


def _depthwise_forward(x, w, stride):
    return _shifted(x, w, stride), (x, w)


def _depthwise_backward(stride, kept, g):
    x, w = kept
    # What went into pixels that a stride leaves out got nothing back.
    between = [(0, n - (m - 1) * stride - 1, stride - 1) for n, m in zip(x.shape[1:3], g.shape[1:3])]
    wide = jax.lax.pad(g, jnp.zeros((), g.dtype), ((0, 0, 0), *between, (0, 0, 0))) if stride > 1 else g
    return _shifted(wide, w[::-1, ::-1], 1), _of_weights(x, g, w.shape[0], stride)


depthwise.defvjp(_depthwise_forward, _depthwise_backward)


def _of_weights(x, g, kernel, stride):
    """The gradient of depthwise weights."""
    channels = g.shape[-1]
    if jax.default_backend() != "cpu":
        taps = _taps(x, kernel, stride)
        return jnp.stack([jnp.sum(tap * g, (0, 1, 2)) for tap in taps]).reshape(kernel, kernel, channels)
    # A row of all pictures at a time stays in a core's memory, and sums over pictures are of whole rows.
    count, height, width, _ = g.shape
    x = _padded(x, kernel // 2)

    def row(sums, at):
        rows = jax.lax.dynamic_slice_in_dim(x, at * stride, kernel, 1)
        back = jax.lax.dynamic_slice_in_dim(g, at, 1, 1)[:, 0]
        columns = lambda j: slice(j, j + (width - 1) * stride + 1, stride)
        each = lambda i, j: sum(rows[n, i, columns(j)] * back[n] for n in range(count))
        return [sums[i * kernel + j] + each(i, j) for i in range(kernel) for j in range(kernel)], None

    nothing = [jnp.zeros((width, channels), g.dtype)] * kernel**2
    sums, _ = jax.lax.scan(row, nothing, jnp.arange(height))
    return jnp.stack([jnp.sum(of, 0) for of in sums]).reshape(kernel, kernel, channels)


def _convolved(x, w, stride):
    around = [(w.shape[0] // 2,) * 2] * 2
    return jax.lax.conv_general_dilated(x, w, (stride, stride), around, dimension_numbers=("NHWC", "HWIO", "NHWC"))


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def dense(x, w, stride):
    """All channels by all, `w` kernel × kernel × in × out."""
    return _convolved(x, w, stride)


def _dense_forward(x, w, stride):
    return _convolved(x, w, stride), (x, w)


def _dense_backward(stride, kept, g):
    x, w = kept
    of_weights = jax.vjp(lambda w: _convolved(x, w, stride), w)[1](g)[0]
    # Each pixel's share of all that it went into, from the product with the whole kernel.
    kernel, _, channels, _ = w.shape
    shares = jnp.tensordot(g, w.reshape(kernel * kernel * channels, -1), ((3,), (1,)))
    shares = jnp.split(shares, kernel * kernel, -1)
    met = jax.vjp(lambda x: _taps(x, kernel, stride), x)[1](shares)[0]
    return met, of_weights


dense.defvjp(_dense_forward, _dense_backward)
