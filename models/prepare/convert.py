"""TFLite to ONNX, for the few operators that face models use, the same bytes every time.

Activations are NHWC in TFLite and NCHW in ONNX: four-dimensional tensors are
transposed once on the way in and once before each reshape on the way out. Weights that
the file holds in half precision stay so: an initialiser of float16 and a Cast, which
a runtime folds when it loads the model.
"""

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
NAMES = {value: name for name, value in vars(tflite.BuiltinOperator).items() if not name.startswith("_")}


class Unsupported(Exception):
    """An operator, or an option of one, that this converter does not know."""


def options(operator, kind):
    """The typed options of a TFLite operator."""
    table = operator.BuiltinOptions()
    typed = kind()
    typed.Init(table.Bytes, table.Pos)
    return typed


def same_padding(size, kernel, stride):
    """TensorFlow's SAME: the odd pixel goes to the end."""
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Converter:
    """Walks one subgraph in file order (TFLite stores it sorted) and emits ONNX nodes."""

    def __init__(self, data):
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.nodes = []
        self.initializers = []
        self.names = {}  # TFLite tensor index -> ONNX value name, activations in NCHW
        self.halves = {}  # TFLite tensor index of a dequantised weight -> float16 array

    def tensor(self, index):
        return self.graph.Tensors(index)

    def shape(self, index):
        return [int(n) for n in self.tensor(index).ShapeAsNumpy()]

    def constant(self, index):
        """The array stored for a tensor, or None for an activation."""
        if index in self.halves:
            return self.halves[index]
        tensor = self.tensor(index)
        data = self.model.Buffers(tensor.Buffer()).DataAsNumpy()
        if isinstance(data, int) or len(data) == 0:
            return None
        kinds = {
            tflite.TensorType.FLOAT32: np.float32,
            tflite.TensorType.FLOAT16: np.float16,
            tflite.TensorType.INT32: np.int32,
        }
        if tensor.Type() not in kinds:
            raise Unsupported(f"weights of type {tensor.Type()}")
        return np.frombuffer(data.tobytes(), kinds[tensor.Type()]).reshape(self.shape(index))

    def emit(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def weight(self, array, name):
        """An initialiser; half precision is cast back to single for the operators."""
        array = np.ascontiguousarray(array)
        if array.dtype == np.float16:
            self.initializers.append(numpy_helper.from_array(array, name + ".half"))
            return self.emit("Cast", [name + ".half"], name, to=TensorProto.FLOAT)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def activation(self, value, kind, output):
        """The activation fused into an operator; `value` must be written to `output`."""
        if kind == tflite.ActivationFunctionType.RELU:
            return self.emit("Relu", [value], output)
        if kind == tflite.ActivationFunctionType.RELU6:
            low = self.weight(np.float32(0), output + ".low")
            high = self.weight(np.float32(6), output + ".high")
            return self.emit("Clip", [value, low, high], output)
        raise Unsupported(f"activation {kind}")

    def fused(self, op, inputs, output, kind, **attributes):
        if kind == tflite.ActivationFunctionType.NONE:
            return self.emit(op, inputs, output, **attributes)
        return self.activation(self.emit(op, inputs, output + ".linear", **attributes), kind, output)

    def pads(self, padding, size, kernel, stride):
        if padding == tflite.Padding.VALID:
            return [0, 0, 0, 0]
        top, bottom = same_padding(size[0], kernel[0], stride[0])
        left, right = same_padding(size[1], kernel[1], stride[1])
        return [top, left, bottom, right]

    def convolution(self, operator, depthwise):
        kind = tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions
        opts = options(operator, kind)
        data, weight, bias = (operator.Inputs(i) for i in range(3))
        out = operator.Outputs(0)
        name = f"t{out}"
        kernel = self.constant(weight)
        # Dense: O,H,W,I -> O,I,H,W. Depthwise: 1,H,W,C -> C,1,H,W.
        kernel = kernel.transpose(3, 0, 1, 2) if depthwise else kernel.transpose(0, 3, 1, 2)
        size = kernel.shape[2:]
        stride = [opts.StrideH(), opts.StrideW()]
        if opts.DilationHFactor() != 1 or opts.DilationWFactor() != 1:
            raise Unsupported("dilation")
        self.names[out] = self.fused(
            "Conv",
            [self.names[data], self.weight(kernel, name + ".w"), self.weight(self.constant(bias), name + ".b")],
            name,
            opts.FusedActivationFunction(),
            group=kernel.shape[0] if depthwise else 1,
            kernel_shape=list(size),
            pads=self.pads(opts.Padding(), self.shape(data)[1:3], size, stride),
            strides=stride,
        )

    def nhwc(self, index, name):
        """The tensor in TFLite's own order, for operators that look across axes."""
        if len(self.shape(index)) == 4:
            return self.emit("Transpose", [self.names[index]], name, perm=[0, 2, 3, 1])
        return self.names[index]

    def operator(self, operator):
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        op = NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        out = operator.Outputs(0)
        name = f"t{out}"
        first = operator.Inputs(0)
        if op == "DEQUANTIZE":
            self.halves[out] = self.constant(first)
        elif op == "CONV_2D":
            self.convolution(operator, depthwise=False)
        elif op == "DEPTHWISE_CONV_2D":
            self.convolution(operator, depthwise=True)
        elif op == "PRELU":
            slope = self.constant(operator.Inputs(1)).reshape(-1, 1, 1)
            self.names[out] = self.emit("PRelu", [self.names[first], self.weight(slope, name + ".slope")], name)
        elif op == "RELU":
            self.names[out] = self.emit("Relu", [self.names[first]], name)
        elif op == "ADD":
            kind = options(operator, tflite.AddOptions).FusedActivationFunction()
            inputs = [self.names[operator.Inputs(i)] for i in range(2)]
            self.names[out] = self.fused("Add", inputs, name, kind)
        elif op == "PAD":
            # Rows of (before, after) for N, H, W, C; ONNX wants all befores, then all afters.
            rows = self.constant(operator.Inputs(1))[[0, 3, 1, 2]]
            pads = self.weight(rows.T.reshape(-1).astype(np.int64), name + ".pads")
            self.names[out] = self.emit("Pad", [self.names[first], pads], name, mode="constant")
        elif op == "MAX_POOL_2D":
            opts = options(operator, tflite.Pool2DOptions)
            size = [opts.FilterHeight(), opts.FilterWidth()]
            stride = [opts.StrideH(), opts.StrideW()]
            self.names[out] = self.emit(
                "MaxPool",
                [self.names[first]],
                name,
                kernel_shape=size,
                strides=stride,
                pads=self.pads(opts.Padding(), self.shape(first)[1:3], size, stride),
            )
        elif op == "RESHAPE":
            shape = self.weight(np.array(self.shape(out), np.int64), name + ".shape")
            if len(self.shape(out)) == 4:
                raise Unsupported("a reshape to four dimensions")
            self.names[out] = self.emit("Reshape", [self.nhwc(first, name + ".nhwc"), shape], name)
        elif op == "CONCATENATION":
            axis = options(operator, tflite.ConcatenationOptions).Axis()
            if len(self.shape(out)) == 4:
                axis = [0, 2, 3, 1][axis]
            inputs = [self.names[operator.Inputs(i)] for i in range(operator.InputsLength())]
            self.names[out] = self.emit("Concat", inputs, name, axis=axis)
        else:
            raise Unsupported(f"operator {op} at {self.tensor(out).Name().decode()}")

    def convert(self, name, outputs):
        """The ONNX model as bytes; `outputs` maps the name to give to the flat shape to give it."""
        source = self.graph.Inputs(0)
        self.names[source] = self.emit("Transpose", ["input"], "input.nchw", perm=[0, 3, 1, 2])
        for i in range(self.graph.OperatorsLength()):
            self.operator(self.graph.Operators(i))
        results = []
        for (title, shape), i in zip(outputs.items(), range(self.graph.OutputsLength()), strict=True):
            index = self.graph.Outputs(i)
            flat = self.weight(np.array(shape, np.int64), title + ".shape")
            self.emit("Reshape", [self.nhwc(index, title + ".nhwc"), flat], title)
            results.append(helper.make_tensor_value_info(title, TensorProto.FLOAT, shape))
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, self.shape(source))],
            results,
            self.initializers,
        )
        model = helper.make_model(
            graph, producer_name="shine-skin", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8
        )
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)
