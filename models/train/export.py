"""Weights to ONNX, in half precision, and the check that it computes what was trained.

usage: export.py WEIGHTS.npz OUT.onnx HEIGHT WIDTH

In: 1 × HEIGHT × WIDTH × 3 densities. Out: 1 × HEIGHT × WIDTH × 5 probabilities. The same weights make the same bytes.
"""

import pathlib
import sys

import jax
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import net

OPSET = 13
# Largest absolute difference of a probability to the training framework's that is accepted.
TOLERANCE = 1e-4


class Graph:
    """Nodes and weights as they come."""

    def __init__(self, weights):
        self.weights, self.nodes, self.initializers = weights, [], []

    def emit(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def half(self, array, name):
        """Weights of half precision that a runtime turns to single when it loads them."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float16), f"{name}.half"))
        return self.emit("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def layer(self, name, x):
        _, kind, kernel, low, _, stride = next(layer for layer in net.LAYERS if layer[0] == name)
        w = self.weights[f"{name}.w"]
        w = w.transpose(2, 0, 1)[:, None] if kind == "depthwise" else w.transpose(3, 2, 0, 1)
        inputs = [x, self.half(w, f"{name}.w"), self.half(self.weights[f"{name}.b"], f"{name}.b")]
        attributes = {"kernel_shape": [kernel] * 2, "pads": [kernel // 2] * 4, "strides": [stride] * 2}
        return self.emit("Conv", inputs, name, group=low if kind == "depthwise" else 1, **attributes)

    def relu(self, x):
        return self.emit("Relu", [x], f"{x}.relu")

    def add(self, a, b):
        return self.relu(self.emit("Add", [a, b], f"{b}.sum"))

    def block(self, name, x):
        return self.add(x, self.layer(f"{name}.mix", self.layer(f"{name}.wide", x)))

    def down(self, name, x):
        return self.relu(self.layer(f"{name}.down.mix", self.layer(f"{name}.down.wide", x)))

    def twice(self, x):
        return self.emit("Resize", [x, "", "scales"], f"{x}.twice", mode="linear", coordinate_transformation_mode="half_pixel")


def graph(weights, height, width):
    """The model, as net.apply has it."""
    g = Graph(weights)
    full = g.relu(g.layer("full", g.emit("Transpose", ["seen"], "channels", perm=[0, 3, 1, 2])))
    half = g.block("half.0", g.relu(g.layer("half.down", full)))
    quarter = g.down("quarter", half)
    for k in range(2):
        quarter = g.block(f"quarter.{k}", quarter)
    eighth = g.down("eighth", quarter)
    for k in range(3):
        eighth = g.block(f"eighth.{k}", eighth)
    # A sum is taken into the convolution that comes last.
    quarter = g.add(g.twice(g.layer("quarter.up", eighth)), g.layer("quarter.side", quarter))
    half = g.add(g.twice(g.layer("half.up", g.block("quarter.2", quarter))), g.layer("half.side", half))
    up = g.twice(g.relu(g.layer("full.up", g.block("half.1", half))))
    both = g.emit("Concat", [full, up], "both", axis=1)
    both = g.relu(g.layer("out.mix", g.layer("out.wide", both)))
    g.emit("Transpose", [g.emit("Sigmoid", [g.layer("out.classes", both)], "shares")], "classes", perm=[0, 2, 3, 1])
    g.initializers.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"))
    value = lambda name, channels: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, height, width, channels])
    body = helper.make_graph(
        g.nodes, "skin-net", [value("seen", 3)], [value("classes", len(net.CLASSES))], g.initializers
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="shine-skin")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def difference(weights, seed=1, side=64):
    """The largest one to the training framework, over noise and a spot, at a small size."""
    rng = np.random.default_rng(seed)
    seen = (0.3 * rng.standard_normal((1, side, side, 3))).astype(np.float32)
    seen[:, 20:26, 20:26, 1] += 0.5
    halved = {name: w.astype(np.float16).astype(np.float32) for name, w in weights.items()}
    expected = np.array(jax.nn.sigmoid(net.apply(halved, seen)))
    session = onnxruntime.InferenceSession(graph(weights, side, side).SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"seen": seen})[0]
    return float(np.abs(found - expected).max())


def main():
    source, out, height, width = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    with np.load(source) as file:
        weights = {name: file[name] for name in file.files}
    off = difference(weights)
    print(f"{off:.2e} from the training framework at most; {net.products(height, width) / 1e6:.0f} million products")
    if not off <= TOLERANCE:
        sys.exit(f"that is more than {TOLERANCE}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(graph(weights, height, width).SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
