"""The log of a training as a picture: loss on what was seen and on photos kept apart, and the average precision by class."""

import json
import math

COLOURS = ["#c0392b", "#b8860b", "#7b4a12", "#2471a3", "#5d6d7e"]
WIDTH, HEIGHT, LEFT, GAP = 420, 240, 46, 70


def line(points, colour, dash=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline fill="none" stroke="{colour}" stroke-dasharray="{dash}" points="{path}"/>'


def draw(log, out, classes):
    """Reads a log of a JSON object a line, writes an SVG."""
    rows = [json.loads(row) for row in log.read_text().splitlines()]
    last = rows[-1]["step"]
    parts = []

    def panel(left, title, series, low, high):
        x = lambda step: left + WIDTH * step / last
        y = lambda v: 30 + HEIGHT * (1 - (min(max(v, low), high) - low) / (high - low))
        parts.append(f'<text x="{left}" y="18">{title}</text>')
        for k in range(5):
            v = low + (high - low) * k / 4
            label = f"{10**v:.2g}" if low < 0 else f"{v:.2g}"
            parts.append(f'<path d="M{left} {y(v):.1f}h{WIDTH}" stroke="#ddd"/>')
            parts.append(f'<text x="{left - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{label}</text>')
        for values, colour, dash in series:
            parts.append(line([(x(row["step"]), y(v)) for row, v in zip(rows, values)], colour, dash))
        parts.append(f'<text x="{left + WIDTH}" y="{HEIGHT + 48}" text-anchor="end">{last} steps</text>')

    logs = lambda key, k: [math.log10(max(row[key][k], 1e-5)) for row in rows]
    both = [(logs(key, k), COLOURS[k], dash) for k in range(len(classes)) for key, dash in (("loss", "4 3"), ("held", ""))]
    every = [v for series in both for v in series[0]]
    panel(LEFT, "loss; dashed: seen in training", both, math.floor(min(every)), math.ceil(max(every)))
    found = [([row["precision"][k] for row in rows], COLOURS[k], "") for k in range(len(classes))]
    panel(LEFT + WIDTH + GAP, "average precision of pixels, photos kept apart", found, 0.0, 1.0)
    for k, name in enumerate(classes):
        parts.append(f'<text x="{LEFT + 90 * k}" y="{HEIGHT + 70}" fill="{COLOURS[k]}">{name}</text>')
    size = f'width="{2 * WIDTH + LEFT + GAP + 20}" height="{HEIGHT + 84}"'
    body = "\n".join(parts)
    out.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n{body}\n</svg>\n')
