"""Writes the licences of all crates that the wasm modules are made of: licences.py OUT

Of a crate that leaves the choice it is MIT's text where the crate brings one, else what it brings. Equal texts are written once. A crate
without any text is listed with the licence that it names.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

TARGET = "wasm32-unknown-unknown"
NAMES = ("LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE")


def linked():
    """The crates that are linked into the general engine's module, which holds all of the first one's."""
    command = f"cargo metadata --format-version 1 --locked --offline --filter-platform {TARGET} --no-default-features --features onnx"
    metadata = json.loads(subprocess.check_output(command.split()))
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, left = set(), [metadata["resolve"]["root"]]
    while left:
        crate = left.pop()
        # A macro is run by the compiler and stays there.
        macro = any("proc-macro" in target["kind"] for target in packages[crate]["targets"])
        if crate not in found and not macro:
            found.add(crate)
            left += [dep["pkg"] for dep in nodes[crate]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    # What has a source is others'.
    return sorted((packages[crate] for crate in found if packages[crate]["source"]), key=lambda package: package["name"])


def texts(package):
    """The texts that a crate has to be handed on with."""
    files = sorted(path for path in Path(package["manifest_path"]).parent.iterdir() if path.name.upper().startswith(NAMES) and path.is_file())
    mit = [path for path in files if "MIT" in path.name.upper()]
    both = " AND " in (package["license"] or "")
    return [path.read_text(errors="replace").strip() for path in (mit if mit and not both else files)]


def main(out):
    by_text, without = defaultdict(list), []
    for package in linked():
        name = f"{package['name']} {package['version']} ({package['license']})"
        found = texts(package)
        for text in found:
            by_text[text].append(name)
        if not found:
            without.append(f"- {name}, {package['repository']}")
    parts = ["# What the WebAssembly modules are made of", "", "Besides our own source, these crates, under these licences.", ""]
    for text, names in sorted(by_text.items(), key=lambda pair: pair[1]):
        parts += [*(f"- {name}" for name in names), "", "```text", text, "```", ""]
    if without:
        parts += ["These name their licence without its text:", "", *without, ""]
    Path(out).write_text("\n".join(parts))


main(sys.argv[1])
