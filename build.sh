#!/usr/bin/env bash
# The one list of tasks, the same for people and for CI.
#
#   ./build.sh setup    everything a fresh machine needs
#   ./build.sh models   fetch, convert, check and compile the models, write models/dist
#   ./build.sh build    release binaries, the wasm modules, the npm package in dist/
#   ./build.sh serve    what is missing of the above, then the page on http://127.0.0.1:8000
#   ./build.sh test     everything that must pass
#   ./build.sh consumers the npm package in Node, Deno, workerd, Vite and Next.js (a part of test)
#   ./build.sh bench    speed beside the peers, in Chromium and Firefox; writes docs/performance.md
#   ./build.sh load     the server under load, by wrk; writes docs/load.md
#   ./build.sh size     sizes of the published modules against the budget
#
# Settings: PORT, CARGO_TARGET_DIR, SHINE_TOOLS (where private tools are kept),
# RUSTUP_AUTO_INSTALL=0 (never let rustup download a target).
set -euo pipefail
cd "$(dirname "$0")"

TARGET=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$TARGET
TOOLS=${SHINE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/shine-skin-tools}
VENV=$TOOLS/venv
export PATH="$TOOLS/bin:$PWD/www/node_modules/.bin:$PATH"
export NEXT_TELEMETRY_DISABLED=1

WASM=wasm32-unknown-unknown
# The flavours of the first module come from one source; only the instruction set differs. The general engine is another
# module, of one flavour.
FLAVOURS="scalar simd relaxed"
SIMD="-C target-feature=+simd128"
RELAXED="-C target-feature=+simd128,+relaxed-simd"
# What panics name is the source, not where it lay on the machine that built it.
PATHS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$TOOLS=tools --remap-path-prefix=$PWD=."

for part in tools wasm models test bench; do
  # shellcheck source=/dev/null
  source "build/$part.sh"
done

# Runs one step and prints what it is and how long it took.
step() {
  local what=$1 begun=$SECONDS
  shift
  printf '\n== %s\n' "$what"
  "$@"
  printf '== %s: %d s\n' "$what" $((SECONDS - begun))
}

setup() {
  step "setup: system packages" tools_system
  step "setup: wasm target" tools_wasm_target
  # Of every target: a test asks cargo, offline, what the wasm build depends on.
  step "setup: crates" cargo fetch --quiet --locked
  step "setup: wasm-bindgen and wasm-pack" tools_cargo
  step "setup: npm packages" tools_npm
  step "setup: python packages" tools_python
  step "setup: training" training_setup
}

models() {
  [ -x "$VENV/bin/python" ] || step "setup: python packages" tools_python
  models_prepare
  step "models: command line" cargo build --release --locked
  step "models: plans" models_plans
}

build() {
  tools_ready || step setup setup
  step "build: command line" cargo build --release --locked
  step "build: wasm" wasm_modules dist
  step "build: npm package" wasm_pack_npm dist dist
}

# Only what is missing: each part is a no-op when it is there.
ready() {
  tools_ready || step setup setup
  models_ready || step models models
}

serve() {
  ready
  step "serve: command line" cargo build --release --locked
  step "serve: plans" models_plans
  step "serve: wasm" wasm_modules wasm
  step "serve: page" wasm_site wasm
  exec "$TARGET/release/shine-skin" serve --port "${PORT:-8000}" --site "$TARGET/site" --models models/dist
}

test() {
  ready
  test_all
}

# Of a checkout where something was built already.
consumers() {
  ready
  step "consumers: command line" cargo build --release --locked
  step "consumers: plans" models_plans
  step "consumers: wasm" wasm_modules wasm
  step "consumers: page" wasm_site wasm
  step "consumers: package" test_consumers
}

size() {
  tools_ready || step setup setup
  step "size: wasm" wasm_modules dist
  wasm_sizes
}

load() {
  ready
  command -v wrk >/dev/null || apt_install wrk
  step "load: command line" cargo build --release --locked
  step "load: plans" models_plans
  step "load: run" "$VENV/bin/python" tests/api/load.py "$TARGET/release/shine-skin" docs/load.md
}

# The first module as it is published. The general engine without link-time optimisation, which takes it many minutes and
# changes nothing here.
bench() {
  ready
  step "bench: command line" cargo build --release --locked
  step "bench: plans" models_plans
  for name in $FLAVOURS; do step "bench: wasm $name" wasm_module "$name" dist; done
  step "bench: wasm onnx" wasm_module onnx wasm
  step "bench: page" wasm_site bench
  step "bench: peers" bench_peers "$TARGET/peers"
  step "bench: run" node www/bench/bench.js "$TARGET/glue-dist" "$TARGET/glue-wasm" "$TARGET/site" "$TARGET/peers" \
    "$TARGET/release/shine-skin" "$TARGET/bench.json"
}

case "${1:-}" in
  setup | models | build | serve | test | consumers | bench | load | size) ;;
  *)
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
    exit 2
    ;;
esac
begun=$SECONDS
"$1"
printf '\n== %s done in %d s\n' "$1" $((SECONDS - begun))
