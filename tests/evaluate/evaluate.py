"""Measures shine-skin on photos with labels: python tests/evaluate/evaluate.py BINARY DATA

DATA holds the folders closeups, portraits, skin-masks (NN.jpg with NN.mask.png), groups (with
boxes.csv: file,x,y,width,height) and synthetic-people (with labels.csv). Prints one line
for each quantity; what is missing is passed over. Needs numpy and Pillow.
"""

import csv
import json
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image, ImageDraw

# Outline, eyes, brows, lips and nostrils of the mesh, as src/mesh/topology.rs has them.
OVAL = "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148 176 149 150 136 172 58 132 93 234 127 162 21 54 103 67 109"
HOLES = [
    "33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246",
    "263 249 390 373 374 380 381 382 362 398 384 385 386 387 388 466",
    "46 53 52 65 55 107 66 105 63 70",
    "276 283 282 295 285 336 296 334 293 300",
    "61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185",
    "59 166 79 239 241 242 99 240",
    "289 392 309 459 461 462 328 460",
]
MONOCHROME = {"ethnicity-x-age-2-49", "face-pose-15", "face-pose-27", "face-pose-40", "makeup-24", "makeup-28"} | {
    f"facial-features-{n}" for n in (11, 15, 44, 45)
}


def run(binary, verb, files):
    """The answer for each file, by its path."""
    lines = subprocess.run([binary, verb, "--json", *map(str, files)], stdout=subprocess.PIPE, check=False).stdout
    return {answer["file"]: answer for answer in map(json.loads, lines.splitlines())}


def photos(folder):
    return sorted(p for p in folder.glob("*.*") if p.suffix in (".jpg", ".png") and ".mask" not in p.name)


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def box(found):
    b = found["boundingBox"]
    return (b["originX"], b["originY"], b["originX"] + b["width"], b["originY"] + b["height"])


def groups(binary, folder):
    truth = {}
    for row in csv.reader((folder / "boxes.csv").open()):
        if row[1].isdigit():
            x, y, width, height = map(float, row[1:5])
            truth.setdefault(row[0], []).append((x, y, x + width, y + height))
    hits, false, total = 0, 0, 0
    for path, answer in run(binary, "detect", photos(folder)).items():
        left = list(truth.get(pathlib.Path(path).name, []))
        total += len(left)
        for found in sorted(answer["detections"], key=lambda d: -d["score"]):
            best = max(left, key=lambda t: iou(t, box(found)), default=None)
            if best and iou(best, box(found)) >= 0.4:
                left.remove(best)
                hits += 1
            else:
                false += 1
                print(f"  false: {pathlib.Path(path).name} {[round(v) for v in box(found)]} {found['score']}")
        for missed in left:
            print(f"  missed: {pathlib.Path(path).name} {missed}")
    print(f"groups: {hits} of {total} faces, {false} false")


def found(binary, folder):
    answers = run(binary, "analyze", photos(folder))
    reports = {p: a["report"] for p, a in answers.items() if "report" in a}
    for path, answer in answers.items():
        if "error" in answer:
            print(f"  error: {path} {answer['error']}")
    none = [pathlib.Path(p).name for p, a in answers.items() if not a.get("report", {}).get("faces")]
    print(f"{folder.name}: a face in {len(answers) - len(none)} of {len(answers)} {none or ''}")
    return reports


def polygon_mask(size, polygons):
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    for polygon in polygons:
        if len(polygon) > 2:
            draw.polygon([tuple(p) for p in polygon], fill=1)
    return np.asarray(image)


def skin_masks(folder, reports):
    hit = said = true = 0
    for path, report in reports.items():
        size = (report["image"]["width"], report["image"]["height"])
        truth = np.asarray(Image.open(path.replace(".jpg", ".mask.png")).convert("L").resize(size)) > 127
        for face in report["faces"]:
            if not face["skin"]:
                continue
            points = [(x, y) for x, y, _ in face["landmarks"]]
            chain = lambda text: [points[int(i)] for i in text.split()]
            inside = polygon_mask(size, [chain(OVAL)]) & ~polygon_mask(size, [chain(h) for h in HOLES])
            skin = np.zeros_like(truth)
            for zone in face["skin"]["zones"].values():
                skin |= polygon_mask(size, zone["polygons"])
            row = (skin & truth).sum(), skin.sum(), (truth & inside).sum(), (skin & truth & inside).sum()
            print(f"  {pathlib.Path(path).name}: precision {row[0] / row[1]:.3f} recall {row[3] / row[2]:.3f}")
            hit, said, true = hit + row[3], said + row[1], true + row[2]
    print(f"skin map: precision {hit / said:.3f}, recall {hit / true:.3f}")


def synthetic(folder, reports):
    labels = {row["file"]: row for row in csv.DictReader((folder / "labels.csv").open())}
    named = {pathlib.Path(p).name: r for p, r in reports.items()}
    rest = [n for n, row in labels.items() if row["group"] != "pose"]
    none = [n for n in rest if n not in named or not named[n]["faces"]]
    print(f"synthetic without pose: a face in {len(rest) - len(none)} of {len(rest)} ({1 - len(none) / len(rest):.2%}) {none}")
    turned = [n for n, row in labels.items() if any(w in row["label"] for w in ("profile view", "turned sideways"))]
    for name in turned:
        quality, faces = named[name]["quality"], named[name]["faces"]
        if quality["acceptable"] or not {"off-pose", "no-face"} & set(quality["issues"]):
            print(f"  turned but {quality['issues']}: {name} {faces and faces[0]['pose']}")
    blind = sum("no-face" in named[n]["quality"]["issues"] for n in turned)
    print(f"turned: {len(turned)}, of them no-face {blind}, acceptable {sum(named[n]['quality']['acceptable'] for n in turned)}")
    wrong = []
    for name, report in named.items():
        for face in report["faces"]:
            said = face["unavailable"].get("tone") == "monochrome"
            if said != (pathlib.Path(name).stem in MONOCHROME):
                wrong.append(name)
    print(f"monochrome: wrong on {wrong}")
    issues = {}
    for report in named.values():
        for issue in report["quality"]["issues"] or ["acceptable"]:
            issues[issue] = issues.get(issue, 0) + 1
    print(f"issues: {dict(sorted(issues.items(), key=lambda i: -i[1]))}")


def main(binary, data):
    for name in ("closeups", "portraits", "skin-masks"):
        if (data / name).is_dir():
            reports = found(binary, data / name)
            if name == "skin-masks":
                skin_masks(data / name, reports)
    if (data / "groups").is_dir():
        groups(binary, data / "groups")
    if (data / "synthetic-people").is_dir():
        synthetic(data / "synthetic-people", found(binary, data / "synthetic-people"))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
