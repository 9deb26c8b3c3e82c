"""Trains the network on painted patches.

usage: train.py --binary SHINE_SKIN --models DIR --photos DIR [--photos DIR …] --out DIR [--steps N …]

Every number follows from the seed: how many patches a step sees and which of them. OUT holds the checkpoint (training goes
on from it), the log, a line a look at the held photos, the curves and, at the end, weights.npz.
"""

import argparse
import json
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np

import net
from curves import draw
from patches import Stream, unpack

# How much a pixel that is something counts: of each class few are.
POSITIVE = jnp.array([4.0, 4.0, 3.0, 2.0, 1.0])
# Steps between two looks at the log's numbers, done on the device as one.
CHUNK = 32


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--photos", action="append", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--weights", type=pathlib.Path, help="begin with these, not with chance")
    parser.add_argument("--steps", type=int, default=30000)
    parser.add_argument("--stop", type=int, help="stop after so many of them; the next run goes on")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--pool", type=int, default=8192, help="patches kept to be seen again")
    parser.add_argument("--reuse", type=int, default=8, help="how often each is seen, as a mean")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--held", type=int, default=512, help="patches of the photos kept apart")
    parser.add_argument("--every", type=int, default=30, help="chunks between two looks at them")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end by then, the rate falling in time")
    parser.add_argument("--half", action="store_true", help="activations of 16 bits, for accelerators that have them")
    return parser.parse_args()


def losses(weights, seen, truth, known):
    logits = net.apply(weights, seen).astype(jnp.float32)
    each = jnp.maximum(logits, 0) - logits * truth + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    weight = known * (1 + (POSITIVE - 1) * truth)
    return jnp.sum(each * weight, (0, 1, 2)) / seen.shape[0] / seen.shape[1] / seen.shape[2], logits


def changed(key, seen, truth, known):
    """The same patches mirrored, a little stronger or weaker, with a little error of the skin's own densities."""
    flip, gain, shift = jax.random.split(key, 3)
    count = seen.shape[0]
    mirror = jax.random.bernoulli(flip, 0.5, (count, 1, 1, 1))
    seen, truth, known = (jnp.where(mirror, a[:, :, ::-1], a) for a in (seen, truth, known))
    gain = jnp.exp(0.1 * jax.random.normal(gain, (count, 1, 1, 1)))
    return seen * gain + 0.06 * jax.random.normal(shift, (count, 1, 1, 3)), truth, known


def chunk(options):
    """Steps on the device: takes and gives the state, and the mean loss by class."""

    def step(state, pool, filled, progress):
        weights, first, second, mean, number, key = state
        key, pick, change = jax.random.split(key, 3)
        batch = pool[jax.random.randint(pick, (options.batch,), 0, filled)]
        seen, truth, known = changed(change, *unpack(batch, options.side, len(net.CLASSES)))
        # Made once, not within all that reads it: a step takes a tenth less on a processor.
        seen, truth, known = jax.lax.optimization_barrier((seen, truth, known))
        seen = seen.astype(jnp.bfloat16 if options.half else jnp.float32)

        def total(weights):
            by_class, _ = losses(weights, seen, truth, known)
            return jnp.sum(by_class), by_class

        grads, by_class = jax.grad(total, has_aux=True)(weights)
        size = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grads)))
        clip = jnp.minimum(1.0, 1.0 / (size + 1e-6))
        number = number + 1
        rate = options.rate * jnp.minimum(1.0, number / 300) * (0.01 + 0.99 * 0.5 * (1 + jnp.cos(jnp.pi * progress)))

        # Adam (Kingma and Ba 2015), kernels drawn to zero (Loshchilov and Hutter 2019).
        def update(w, m, v, g):
            m, v = 0.9 * m + 0.1 * clip * g, 0.99 * v + 0.01 * (clip * g) ** 2
            move = m / (1 - 0.9**number) / (jnp.sqrt(v / (1 - 0.99**number)) + 1e-8)
            return w - rate * (move + (1e-4 * w if w.ndim > 1 else 0.0)), m, v

        moved = jax.tree.map(update, weights, first, second, grads)
        weights, first, second = (jax.tree.map(lambda t: t[k], moved, is_leaf=lambda t: isinstance(t, tuple)) for k in range(3))
        # The mean of the last thousand steps is steadier than the last one; at the beginning, of fewer.
        keep = jnp.minimum(0.999, 1 - 1 / (1 + number / 10))
        mean = jax.tree.map(lambda a, w: keep * a + (1 - keep) * w, mean, weights)
        return (weights, first, second, mean, number, key), by_class

    if jax.default_backend() == "cpu":
        once = jax.jit(step)

        # Within a loop of the compiler's own a processor takes twice as long for each.
        def run(state, pool, filled, progress):
            each = []
            for _ in range(CHUNK):
                state, by_class = once(state, pool, filled, progress)
                each.append(by_class)
            return state, jnp.mean(jnp.stack(each), 0)

        return run

    @jax.jit
    def run(state, pool, filled, progress):
        state, each = jax.lax.scan(lambda s, _: step(s, pool, filled, progress), state, None, CHUNK)
        return state, jnp.mean(each, 0)

    return run


def precision(options):
    """The loss and the average precision of pixels by class, over many patches."""
    bins = 400

    @jax.jit
    def look(weights, batch):
        seen, truth, known = unpack(batch, options.side, len(net.CLASSES))
        by_class, logits = losses(weights, seen, truth, known)
        at = jnp.clip((logits + 10) * (bins / 20), 0, bins - 1).astype(jnp.int32)
        count = lambda c, weight: jnp.zeros(bins).at[at[..., c].ravel()].add(weight[..., c].ravel())
        right = jnp.stack([count(c, truth * known) for c in range(len(net.CLASSES))])
        wrong = jnp.stack([count(c, (1 - truth) * known) for c in range(len(net.CLASSES))])
        return by_class, right, wrong

    def over(weights, held):
        loss, right, wrong = 0.0, 0.0, 0.0
        for part in np.array_split(held, max(1, len(held) // 64)):
            l, r, w = look(weights, part)
            loss, right, wrong = loss + np.array(l) * len(part) / len(held), right + np.array(r), wrong + np.array(w)
        right, wrong = right[:, ::-1].cumsum(1), wrong[:, ::-1].cumsum(1)
        recall = right / np.maximum(right[:, -1:], 1)
        share = right / np.maximum(right + wrong, 1)
        return loss, (np.diff(recall, axis=1, prepend=0) * share).sum(1)

    return over


def save(path, state, done):
    """Writes a checkpoint whole or not at all."""
    arrays = {f"{k}/{name}": np.array(v) for k, part in enumerate(state[:4]) for name, v in part.items()}
    arrays |= {"number": np.array(state[4]), "key": np.array(state[5]), "done": np.array(done)}
    with open(path.with_suffix(".part"), "wb") as file:
        np.savez(file, **arrays)
    path.with_suffix(".part").rename(path)


def restore(path):
    with np.load(path) as file:
        parts = [{n[2:]: jnp.array(file[n]) for n in file.files if n.startswith(f"{k}/")} for k in range(4)]
        return (*parts, jnp.array(file["number"]), jnp.array(file["key"])), int(file["done"])


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint, log = options.out / "checkpoint.npz", options.out / "log.jsonl"
    chunks = -(-options.steps // CHUNK)
    fresh = max(1, CHUNK * options.batch // options.reuse)
    start = time.monotonic()
    if checkpoint.exists():
        state, done = restore(checkpoint)
        print(f"goes on after {done * CHUNK} steps")
    else:
        begin = np.load(options.weights) if options.weights else net.init(options.seed)
        weights = {name: jnp.array(value) for name, value in begin.items()}
        zeros = jax.tree.map(jnp.zeros_like, weights)
        state, done = (weights, zeros, zeros, weights, jnp.array(0), jax.random.PRNGKey(options.seed)), 0
        log.write_text("")
    held = Stream(options.binary, options.models, options.photos, options.side, options.seed + 1, more=["--held"])
    judged = held.read(options.held)
    held.close()
    # What the pool held before: a run that goes on sees what it would have seen.
    options.pool = max(options.pool // fresh, 1) * fresh
    first = max(0, done * fresh - options.pool)
    stream = Stream(options.binary, options.models, options.photos, options.side, options.seed, first)
    pool = jnp.zeros((options.pool, options.side**2 * 8), jnp.uint8)
    put = jax.jit(lambda pool, part, at: jax.lax.dynamic_update_slice(pool, part, (at, 0)), donate_argnums=0)
    for n in range(first // fresh, done):
        pool = put(pool, stream.read(fresh), n * fresh % options.pool)
    run, over = chunk(options), precision(options)
    saved = time.monotonic()
    recent = []
    end = min(chunks, -(-(options.stop or options.steps) // CHUNK))
    while done < end:
        spent = time.monotonic() - start
        if spent > options.seconds:
            break
        progress = max(done / chunks, spent / options.seconds)
        pool = put(pool, stream.read(fresh), done * fresh % options.pool)
        filled = min((done + 1) * fresh, options.pool)
        state, by_class = run(state, pool, filled, progress)
        done += 1
        recent.append(by_class)
        last = done == end or time.monotonic() - start > options.seconds
        if done % options.every == 0 or last:
            loss, found = over(state[3], judged)
            line = {"step": done * CHUNK, "fresh": done * fresh, "seconds": round(time.monotonic() - start, 1)}
            line["loss"] = [round(float(v), 5) for v in np.mean([np.array(r) for r in recent], 0)]
            line["held"] = [round(float(v), 5) for v in loss]
            line["precision"] = [round(float(v), 4) for v in found]
            recent = []
            with open(log, "a") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
        if time.monotonic() - saved > 60:
            save(checkpoint, state, done)
            saved = time.monotonic()
    stream.close()
    save(checkpoint, state, done)
    np.savez(options.out / "weights.npz", **{name: np.array(v) for name, v in state[3].items()})
    draw(log, options.out / "curves.svg", net.CLASSES)


if __name__ == "__main__":
    main()
