"""What a run of a few steps has to show: it learns, its log is whole, and one that was cut off ends where one in a piece does.

usage: smoke.py WHOLE CUT, the folders of the two runs
"""

import json
import math
import pathlib
import sys

import numpy as np


def main():
    whole, cut = (pathlib.Path(folder) for folder in sys.argv[1:])
    rows = [json.loads(row) for row in (whole / "log.jsonl").read_text().splitlines()]
    first, last = (sum(rows[k]["loss"]) for k in (0, -1))
    assert math.isfinite(last) and last < first, f"it does not learn: {first} to {last}"
    assert (cut / "log.jsonl").read_text().count("\n") == len(rows), "the log of the run that went on is not whole"
    assert "polyline" in (whole / "curves.svg").read_text()
    with np.load(whole / "weights.npz") as a, np.load(cut / "weights.npz") as b:
        off = max(float(np.abs(a[name] - b[name]).max()) for name in a.files)
    assert off == 0, f"a run that was cut off ends {off} from one in a piece"
    print(f"loss {first:.3f} to {last:.3f} in {rows[-1]['step']} steps; cut off and gone on with: the same weights")


if __name__ == "__main__":
    main()
