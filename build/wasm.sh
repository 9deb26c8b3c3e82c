# The wasm module in its two flavours, its glue, the page and the npm package. Sourced by build.sh.

# The rustc flags of a flavour.
wasm_flags() { case $1 in simd) echo "$SIMD" ;; relaxed) echo "$RELAXED" ;; esac; }

# cargo for one flavour; each has a target directory of its own, because the flags are part of
# what cargo keeps.
wasm_build() {
  local flavour=$1
  shift
  RUSTFLAGS="$(wasm_flags "$flavour")" CARGO_TARGET_DIR="$TARGET/wasm-$flavour" wasm_cargo "$@" \
    --locked --target $WASM --no-default-features
}

# Builds one flavour with a cargo profile and leaves shine_skin_FLAVOUR{.js,.d.ts,_bg.wasm} in
# target/wasm-FLAVOUR/glue-PROFILE.
wasm_module() {
  local flavour=$1 profile=$2
  local dir=$TARGET/wasm-$flavour
  wasm_build "$flavour" cargo rustc --lib --crate-type cdylib --profile "$profile"
  local built=$dir/$WASM/$profile/shine_skin.wasm glue=$dir/glue-$profile
  if [ "$glue/shine_skin_${flavour}_bg.wasm" -nt "$built" ]; then
    return
  fi
  wasm-bindgen --target web --out-dir "$glue" --out-name "shine_skin_$flavour" "$built"
  # Without link-time optimisation there is little to gain, and it takes minutes.
  if [ "$profile" = dist ]; then
    local features="--enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue"
    [ "$flavour" = relaxed ] && features="$features --enable-relaxed-simd"
    # shellcheck disable=SC2086
    wasm-opt -Os $features "$glue/shine_skin_${flavour}_bg.wasm" -o "$glue/opt.wasm"
    mv "$glue/opt.wasm" "$glue/shine_skin_${flavour}_bg.wasm"
  fi
}
