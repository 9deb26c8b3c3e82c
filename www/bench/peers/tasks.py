"""tasks.py PACKAGES MEDIAPIPE.whl OUT: what MediaPipe Tasks loads, made of what registries hold.

Google publishes the bundles of Tasks in its own storage alone. The networks in them have older versions in npm's
@mediapipe/face_detection and @mediapipe/face_mesh. Tasks wants two things that these lack: metadata that say how an image
becomes numbers, and a landmark network whose first two outputs are 478 points and whether there is a face. The older one has
the mesh, the lips, the eyes and the irises apart; what face_mesh does with them outside the network is done here by a few
operators after it, with the table that lies in face_mesh's wasm. The same inputs give the same bytes.

Writes face_detector.tflite and face_landmarker.task.
"""

import math
import pathlib
import struct
import sys
import tarfile
import zipfile

import flatbuffers

packages, wheel, out = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, f"{wheel}/mediapipe/tasks/metadata")
import metadata_schema_py_generated as metadata
import schema_py_generated as schema

DETECTION = ("mediapipe-face_detection-0.4.1657300184.tgz", "package/face_detection_short_range.tflite")
MESH = "mediapipe-face_mesh-0.4.1657299874.tgz"
ASSETS = (MESH, "package/face_mesh_solution_packed_assets.data")
RUNTIME = (MESH, "package/face_mesh_solution_simd_wasm_bin.wasm")
# Where the network with attention lies among the assets, as the package's loader says.
ATTENTION = slice(0, 2495952)


def member(package, name):
    with tarfile.open(packages / package) as archive:
        return archive.extractfile(name).read()


def make(kind, **fields):
    made = kind()
    vars(made).update(fields)
    return made


def packed(root, identifier):
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(root.Pack(builder), identifier)
    return bytes(builder.Output())


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(message):
    """Number and value of each field of a protobuf message that holds varints and messages alone."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        if key & 7 == 2:
            value, at = message[at : at + value], at + value
        yield key >> 3, value


def refinements(runtime):
    """For each output with points: which points of the mesh it gives, and of which it takes the mean depth."""
    # The options of LandmarksRefinementCalculator, a message in field 381914658.
    key = struct.pack("5B", 0x92, 0xE2, 0xF1, 0xB0, 0x0B)
    at = runtime.index(key, runtime.index(b"\x12\x1dLandmarksRefinementCalculator")) + len(key)
    size, at = varint(runtime, at)
    for _, refinement in fields(runtime[at : at + size]):
        points = [value for number, value in fields(refinement) if number == 1]
        depth = [rule for number, value in fields(refinement) if number == 2 for rule in fields(value)]
        yield points, [value for number, rule in depth if number == 3 for _, value in fields(rule)]


class Network:
    def __init__(self, data):
        self.model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
        self.graph = self.model.subgraphs[0]

    def tensor(self, shape, kind, buffer):
        name = f"joined_{len(self.graph.tensors)}"
        self.graph.tensors.append(make(schema.TensorT, shape=shape, type=kind, buffer=buffer, name=name))
        return len(self.graph.tensors) - 1

    def integers(self, values):
        self.model.buffers.append(make(schema.BufferT, data=list(struct.pack(f"<{len(values)}i", *values))))
        return self.tensor([len(values)], schema.TensorType.INT32, len(self.model.buffers) - 1)

    def operator(self, name, inputs, shape, kind=None, **options):
        """Appends an operator; answers with the tensor that it writes."""
        code = getattr(schema.BuiltinOperator, name)
        codes = self.model.operatorCodes
        codes.append(make(schema.OperatorCodeT, builtinCode=code, deprecatedBuiltinCode=code, version=1))
        kind = kind or name.title() + "Options"
        operator = make(
            schema.OperatorT,
            opcodeIndex=len(codes) - 1,
            inputs=inputs,
            outputs=[len(self.graph.tensors)],
            builtinOptionsType=getattr(schema.BuiltinOptions, kind),
            builtinOptions=make(getattr(schema, kind + "T"), **options),
        )
        self.graph.operators.append(operator)
        return self.tensor(shape, schema.TensorType.FLOAT32, 0)

    def join_points(self, table):
        *parts, flag = [int(i) for i in self.graph.outputs]
        flat, begins = [], [0]
        for part in parts:
            size = math.prod(int(n) for n in self.graph.tensors[part].shape)
            flat.append(self.operator("RESHAPE", [part], [size], newShape=[size]))
            begins.append(begins[-1] + size)
        # Where each of the 478 × 3 numbers stands among all outputs.
        source = [*range(3 * 468), *[0] * 30]
        for begin, (points, averaged) in list(zip(begins, table))[1:]:
            if averaged:
                depths = self.integers([3 * i + 2 for i in averaged])
                depths = self.operator("GATHER", [flat[0], depths], [len(averaged)], axis=0)
                flat.append(self.operator("MEAN", [depths, self.integers([0])], [1], "ReducerOptions", keepDims=True))
            for i, point in enumerate(points):
                source[3 * point], source[3 * point + 1] = begin + 2 * i, begin + 2 * i + 1
                if averaged:
                    source[3 * point + 2] = begins[-1] + len(flat) - len(parts) - 1
        values = self.operator("CONCATENATION", flat, [begins[-1] + len(flat) - len(parts)], axis=0)
        values = self.operator("GATHER", [values, self.integers(source)], [len(source)], axis=0)
        shape = [1, 1, 1, len(source)]
        self.graph.outputs = [self.operator("RESHAPE", [values], shape, newShape=shape), flag]
        self.model.signatureDefs = None

    def describe(self, mean, deviation):
        image = make(
            metadata.TensorMetadataT,
            name="image",
            content=make(
                metadata.ContentT,
                contentPropertiesType=metadata.ContentProperties.ImageProperties,
                contentProperties=make(metadata.ImagePropertiesT, colorSpace=metadata.ColorSpaceType.RGB),
            ),
            processUnits=[
                make(
                    metadata.ProcessUnitT,
                    optionsType=metadata.ProcessUnitOptions.NormalizationOptions,
                    options=make(metadata.NormalizationOptionsT, mean=[mean], std=[deviation]),
                )
            ],
        )
        outputs = [make(metadata.TensorMetadataT, name=self.graph.tensors[i].name) for i in self.graph.outputs]
        graph = make(metadata.SubGraphMetadataT, inputTensorMetadata=[image], outputTensorMetadata=outputs)
        root = make(metadata.ModelMetadataT, minParserVersion="1.0.0", subgraphMetadata=[graph])
        self.model.metadata = [make(schema.MetadataT, name="TFLITE_METADATA", buffer=len(self.model.buffers))]
        self.model.buffers.append(make(schema.BufferT, data=list(packed(root, b"M001"))))

    def bytes(self):
        return packed(self.model, b"TFL3")


def write_bundle(path, members):
    """A zip that compresses nothing; each member begins at a multiple of 16 bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bundle:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            padding = -(bundle.fp.tell() + 30 + len(name) + 4) % 16
            info.extra = struct.pack("<HH", 0xD935, padding) + bytes(padding)
            bundle.writestr(info, data)


detector = Network(member(*DETECTION))
detector.describe(127.5, 127.5)
points = Network(member(*ASSETS)[ATTENTION])
points.join_points(list(refinements(member(*RUNTIME))))
points.describe(0.0, 255.0)
out.mkdir(parents=True, exist_ok=True)
(out / "face_detector.tflite").write_bytes(detector.bytes())
members = {"face_detector.tflite": detector.bytes(), "face_landmarks_detector.tflite": points.bytes()}
write_bundle(out / "face_landmarker.task", members)
