"""A classifier of faces from a folder of photos, one folder a label: small, quick, and an example of a model of one's own.

usage: classify.py --binary SHINE_SKIN --models DIR --description FILE [--seed N] FOLDER OUT.onnx

The description says what the network takes and its labels, which are the names of FOLDER's folders. It is given just what the
analysis will give it (`shine-skin models inputs`). Every fourth photo is kept apart, and how many of those are told is printed.
"""

import argparse
import json
import pathlib
import subprocess

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import helper, numpy_helper

CHANNELS = 8
STEPS = 400


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--description", required=True, type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    return parser.parse_args()


def read(options, shape, label):
    """What the network is given of the photos of a label, N × 3 × H × W; photos without a face are left out."""
    command = [options.binary, "models", "inputs", "--description", options.description, "--models", options.models]
    out = subprocess.run([*command, options.folder / label], check=True, stdout=subprocess.PIPE).stdout
    inputs = np.frombuffer(out, "<f4").reshape(-1, *shape[1:])
    return inputs if shape[1] == 3 else np.moveaxis(inputs, -1, 1)


def apply(weights, x):
    """Logits of N × 3 × H × W."""
    axes = ("NCHW", "OIHW", "NCHW")
    y = jax.lax.conv_general_dilated(x, weights["conv.w"], (2, 2), "VALID", dimension_numbers=axes)
    y = jax.nn.relu(y + weights["conv.b"][:, None, None])
    return y.mean((2, 3)) @ weights["dense.w"].T + weights["dense.b"]


def train(inputs, truth, count, seed):
    rng = np.random.default_rng(seed)
    weights = {
        "conv.w": rng.normal(0, 0.3, (CHANNELS, 3, 3, 3)),
        "conv.b": np.zeros(CHANNELS),
        "dense.w": rng.normal(0, 0.3, (count, CHANNELS)),
        "dense.b": np.zeros(count),
    }
    weights = {name: jnp.array(value, jnp.float32) for name, value in weights.items()}

    def loss(weights):
        return -jnp.mean(jax.nn.log_softmax(apply(weights, inputs))[jnp.arange(len(truth)), truth])

    @jax.jit
    def step(weights, speed):
        grads = jax.grad(loss)(weights)
        speed = jax.tree.map(lambda s, g: 0.9 * s - 0.03 * g, speed, grads)
        return jax.tree.map(jnp.add, weights, speed), speed

    speed = jax.tree.map(jnp.zeros_like, weights)
    for _ in range(STEPS):
        weights, speed = step(weights, speed)
    return weights


def export(weights, shape, out):
    # Where the description has the colours last, they come first here.
    nodes = [] if shape[1] == 3 else [helper.make_node("Transpose", ["photo"], ["planes"], perm=[0, 3, 1, 2])]
    nodes += [
        helper.make_node("Conv", ["planes" if nodes else "photo", "conv.w", "conv.b"], ["conv"], strides=[2, 2]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Gemm", ["flat", "dense.w", "dense.b"], ["logits"], transB=1),
    ]
    value = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    weights = [numpy_helper.from_array(np.array(array), name) for name, array in weights.items()]
    outputs = [value("logits", [1, weights[-1].dims[0]])]
    graph = helper.make_graph(nodes, "classifier", [value("photo", shape)], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())


def main():
    options = arguments()
    description = json.loads(options.description.read_text())
    shape, labels = description["input"]["shape"], description["output"]["classes"]["labels"]
    sets = [read(options, shape, label) for label in labels]
    inputs = jnp.array(np.concatenate(sets))
    truth = jnp.array(np.concatenate([np.full(len(one), k) for k, one in enumerate(sets)]))
    held = jnp.arange(len(truth)) % 4 == 3
    weights = train(inputs[~held], truth[~held], len(labels), options.seed)
    right = int((apply(weights, inputs[held]).argmax(1) == truth[held]).sum())
    print(f"{right} of {int(held.sum())} photos that were kept apart are told")
    export(weights, shape, options.out)


if __name__ == "__main__":
    main()
