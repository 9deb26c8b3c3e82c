# What our speed is measured beside. Sourced by build.sh.

# Holds the schema of TFLite files and of their metadata; nothing of it runs.
MEDIAPIPE_WHEEL="mediapipe==1.2.3"

# What the peers load: the models in single precision for onnxruntime-web, bundles for MediaPipe Tasks.
bench_peers() {
  local out=$1
  npm --prefix www/bench ci --silent --ignore-scripts
  mkdir -p "$out"
  for model in models/dist/*.onnx; do
    local name=${model##*/}
    "$VENV/bin/python" www/bench/peers/single.py "$model" "$out/${name%%.*}.onnx"
  done
  ls "$TOOLS/packages"/mediapipe-*.whl >/dev/null 2>&1 ||
    "$VENV/bin/pip" download --quiet --no-deps --dest "$TOOLS/packages" "$MEDIAPIPE_WHEEL"
  "$VENV/bin/python" www/bench/peers/tasks.py "$TOOLS/packages" "$TOOLS/packages"/mediapipe-*.whl "$out"
}
