# The wasm module in its two flavours, its glue, the page and the npm package. Sourced by build.sh.

# The rustc flags of a flavour.
wasm_flags() { case $1 in simd) echo "$SIMD" ;; relaxed) echo "$RELAXED" ;; esac; }

# Loop-strength reduction turns the constant offsets of the kernels' loads into additions, which makes them slower.
KERNEL_FLAGS="-C llvm-args=-disable-lsr"

# Builds the library for one flavour; each has a target directory of its own, because the flags are part of
# what cargo keeps.
wasm_build() {
  local flavour=$1 std stamp=$TARGET/wasm-$1/std
  shift
  # What was compiled against another standard library can't be linked with this one.
  std=$(cat "$(wasm_cargo rustc --print sysroot)/lib/rustlib/$WASM/lib/"libstd-*.rlib | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$std" ]; then
    rm -rf "$TARGET/wasm-$flavour"
    mkdir -p "$TARGET/wasm-$flavour"
    echo "$std" >"$stamp"
  fi
  # shellcheck disable=SC2086
  RUSTFLAGS="$(wasm_flags "$flavour")" CARGO_TARGET_DIR="$TARGET/wasm-$flavour" wasm_cargo cargo rustc \
    --locked --target $WASM --no-default-features --lib --crate-type cdylib "$@" -- $KERNEL_FLAGS
}

# Builds one flavour with a cargo profile and leaves shine_skin_FLAVOUR{.js,.d.ts,_bg.wasm} in
# target/wasm-FLAVOUR/glue-PROFILE.
wasm_module() {
  local flavour=$1 profile=$2
  local dir=$TARGET/wasm-$flavour
  wasm_build "$flavour" --profile "$profile"
  local built=$dir/$WASM/$profile/shine_skin.wasm glue=$dir/glue-$profile
  if [ "$glue/shine_skin_${flavour}_bg.wasm" -nt "$built" ]; then
    return
  fi
  # In a directory of its own until all is done: half a module must not look like a whole one.
  rm -rf "$glue.part"
  wasm-bindgen --target web --out-dir "$glue.part" --out-name "shine_skin_$flavour" "$built"
  # Without link-time optimisation there is little to gain, and it takes minutes.
  if [ "$profile" = dist ]; then
    local features="--enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue"
    [ "$flavour" = relaxed ] && features="$features --enable-relaxed-simd"
    # shellcheck disable=SC2086
    wasm-opt -Os $features "$glue.part/shine_skin_${flavour}_bg.wasm" -o "$glue.part/opt.wasm"
    mv "$glue.part/opt.wasm" "$glue.part/shine_skin_${flavour}_bg.wasm"
  fi
  rm -rf "$glue"
  mv "$glue.part" "$glue"
}

# The package's own files and both modules of a profile, in one directory.
wasm_package() {
  local profile=$1 out=$2
  mkdir -p "$out"
  cp www/package/*.js www/package/index.d.ts www/package/package.json "$out"
  for flavour in simd relaxed; do
    cp "$TARGET/wasm-$flavour/glue-$profile/shine_skin_$flavour.js" \
      "$TARGET/wasm-$flavour/glue-$profile/shine_skin_${flavour}_bg.wasm" "$out"
  done
}

# The page with the package beside it, as `serve` shows it.
wasm_site() {
  rm -rf "$TARGET/site"
  mkdir -p "$TARGET/site"
  cp -r www/page/. "$TARGET/site"
  wasm_package "$1" "$TARGET/site/shine-skin"
}

# dist/shine-skin-VERSION.tgz.
wasm_pack_npm() {
  local out=$TARGET/package
  rm -rf "$out"
  wasm_package dist "$out"
  cp README.md LICENSE-MIT LICENSE-APACHE "$out"
  mkdir -p dist
  npm pack --silent --pack-destination dist "$out"
}

# Raw, gzip and brotli bytes of each published module; fails above the budget.
wasm_sizes() {
  local budget over=0
  budget=$(cat www/package/budget)
  printf '%-34s %10s %10s %10s\n' module raw gzip brotli
  for flavour in simd relaxed; do
    local file=$TARGET/wasm-$flavour/glue-dist/shine_skin_${flavour}_bg.wasm gzipped
    gzipped=$(gzip -9c "$file" | wc -c)
    printf '%-34s %10d %10d %10d\n' "$(basename "$file")" "$(wc -c <"$file")" "$gzipped" "$(brotli -c "$file" | wc -c)"
    [ "$gzipped" -le "$budget" ] || over=1
  done
  echo "budget: $budget bytes gzip"
  [ $over = 0 ] || { echo "a module is above the budget" >&2; return 1; }
}
