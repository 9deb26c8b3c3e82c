"""single.py IN.onnx OUT.onnx: the same network with its weights in single precision.

The published files hold weights in half precision, each with a Cast after it; a runtime folds those when it loads a model, so
that nothing should differ but the load. That is what the file is for: to look.
"""

import sys

import onnx
from onnx import numpy_helper

source, target = sys.argv[1:]
model = onnx.load(source)
halves = {tensor.name: tensor for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT16}
casts = [node for node in model.graph.node if node.op_type == "Cast" and node.input[0] in halves]
for cast in casts:
    array = numpy_helper.to_array(halves[cast.input[0]]).astype("float32")
    model.graph.initializer.append(numpy_helper.from_array(array, cast.output[0]))
    model.graph.node.remove(cast)
for tensor in halves.values():
    model.graph.initializer.remove(tensor)
onnx.checker.check_model(model)
onnx.save(model, target)
