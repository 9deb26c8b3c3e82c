# The wasm modules, the first in three flavours, their glue, the page and the npm package. Sourced by build.sh.

# The rustc flags of a module. Loop-strength reduction turns the constant offsets of the kernels' loads into additions, which
# makes them slower.
wasm_flags() {
  local common="$PATHS -C llvm-args=-disable-lsr"
  case $1 in scalar) echo "$common" ;; simd | onnx) echo "$common $SIMD" ;; relaxed) echo "$common $RELAXED" ;; esac
}

# The general engine shares what it can with the flavour of its own flags.
wasm_target() { case $1 in onnx) echo "$TARGET/wasm-simd" ;; *) echo "$TARGET/wasm-$1" ;; esac; }

# Builds the library for one module; flags are part of what cargo keeps, so each flavour has a target directory of its own.
wasm_build() {
  local name=$1 std dir features=
  dir=$(wasm_target "$name")
  local stamp=$dir/std
  shift
  [ "$name" = onnx ] && features="--features onnx"
  # What was compiled against another standard library can't be linked with this one.
  std=$(cat "$(wasm_cargo rustc --print sysroot)/lib/rustlib/$WASM/lib/"libstd-*.rlib | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$std" ]; then
    rm -rf "$dir"
    mkdir -p "$dir"
    echo "$std" >"$stamp"
  fi
  # shellcheck disable=SC2086
  RUSTFLAGS="$(wasm_flags "$name")" CARGO_TARGET_DIR="$dir" wasm_cargo cargo rustc \
    --locked --target $WASM --no-default-features $features --lib --crate-type cdylib "$@"
}

# Builds all modules with a cargo profile.
wasm_modules() {
  for name in $FLAVOURS onnx; do wasm_module "$name" "$1"; done
}

# Where the glue of a module and a profile lies: shine_skin_NAME{.js,.d.ts,_bg.wasm}.
wasm_glue() { echo "$TARGET/glue-$2/$1"; }

# Builds one module with a cargo profile, and its glue, which names no file: where that lies is beside.js's to say, for an edge
# would ship whatever is named.
wasm_module() {
  local name=$1 profile=$2
  wasm_build "$name" --profile "$profile"
  local built glue
  built=$(wasm_target "$name")/$WASM/$profile/shine_skin.wasm
  glue=$(wasm_glue "$name" "$profile")
  if [ "$glue/shine_skin_${name}_bg.wasm" -nt "$built" ]; then
    return
  fi
  # In a directory of its own until all is done: half a module must not look like a whole one.
  rm -rf "$glue.part"
  mkdir -p "$glue.part"
  wasm-bindgen --target web --omit-default-module-path --experimental-reset-state-function --out-dir "$glue.part" --out-name "shine_skin_$name" "$built"
  wasm_replaceable "$glue.part/shine_skin_$name.js"
  # Without link-time optimisation there is little to gain, and it takes minutes. The first kilobyte is the stack's last: what gets
  # there ends in a trap. In the order of their names functions lie beside those that are like them, which packs 5 KB smaller. A
  # large function stays one of its own, though it has one caller: browsers take what they have compiled well from the next call on. (Of
  # 200 and less, Firefox keeps the sums of the dense kernel in memory.)
  if [ "$profile" = dist ]; then
    local file=$glue.part/shine_skin_${name}_bg.wasm features
    features=$(wasm_features "$name")
    # shellcheck disable=SC2086
    wasm-opt $features -g -aimfs 4 -ocimfs 500 -Os --dae-optimizing -Os --low-memory-unused "$file" -o "$glue.part/named.wasm"
    # shellcheck disable=SC2086
    wasm-opt $features --coalesce-locals-learning --reorder-locals --reorder-functions-by-name --strip-debug --strip-producers --strip-target-features "$glue.part/named.wasm" -o "$file"
    rm "$glue.part/named.wasm"
  fi
  rm -rf "$glue"
  mv "$glue.part" "$glue"
}

# Has the glue replace its instance in the background (a browser's main thread makes none of a large module at once), and tell its memory.
wasm_replaceable() {
  sed -i 's/wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());/wasmInstance = replacement;/' "$1"
  grep -q 'wasmInstance = replacement;' "$1"
  cat >>"$1" <<'JS'

let replacement;
export async function replace() {
    replacement = await WebAssembly.instantiate(wasmModule, __wbg_get_imports());
    __wbg_reset_state();
}

export function memoryBytes() {
    return wasm.memory.buffer.byteLength;
}
JS
}

# What a module may use, as binaryen's tools take it.
wasm_features() {
  local features="--enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-sign-ext"
  features="$features --enable-mutable-globals --enable-reference-types --enable-multivalue"
  [ "$1" != scalar ] && features="$features --enable-simd"
  [ "$1" = relaxed ] && features="$features --enable-relaxed-simd"
  echo "$features"
}

# The package's own files and all modules of a profile, in one directory. Each entry is one file, and one or two that it shares with others:
# without a bundler of his own a visitor would ask for twenty, four times one after the other.
wasm_package() {
  local profile=$1 out=$2 entries=() entry
  mkdir -p "$out"
  cp www/package/*.d.ts www/package/package.json "$out"
  for entry in index node workerd edge-light worker camera; do entries+=("www/package/$entry.js"); done
  wasm_packed "${entries[@]}" --bundle --splitting --format=esm --platform=neutral --external:./shine_skin_* --external:node:* \
    --chunk-names=shared-[hash] --outdir="$out"
  for name in $FLAVOURS onnx; do
    local glue
    case $profile-$name in
      bench-onnx) glue=$(wasm_glue "$name" wasm) ;;
      bench-*) glue=$(wasm_glue "$name" dist) ;;
      *) glue=$(wasm_glue "$name" "$profile") ;;
    esac
    wasm_packed "$glue/shine_skin_$name.js" --outdir="$out"
    cp "$glue"/*.wasm "$out"
  done
}

# JavaScript without comments and spaces; its names are what they were, for those who read of a fault.
wasm_packed() { esbuild "$@" --target=es2022 --minify-whitespace --minify-syntax --log-level=warning; }

# The page with the package beside it, as `serve` shows it.
wasm_site() {
  rm -rf "$TARGET/site"
  mkdir -p "$TARGET/site"
  cp -r www/page/. "$TARGET/site"
  wasm_package "$1" "$TARGET/site/shine-skin"
  # What the page's service worker keeps; the entries of other places and types are not the page's.
  (cd "$TARGET/site" && find . -type f \( -name '*.js' -o -name '*.css' -o -name '*.svg' -o -name '*.webmanifest' \) \
    ! -name 'node.js' ! -name 'workerd.js' ! -name 'edge*.js' ! -name 'shine_skin_onnx.js' ! -name offline.js | sort |
    sed 's/^\.\///; s/.*/"&"/' | paste -sd, | sed 's/.*/["\.\/",&]/' >files.json)
}

# Packs the npm package with the modules of a profile: DIRECTORY/shine-skin-VERSION.tgz.
wasm_pack_npm() {
  local profile=$1 directory=$2 out=$TARGET/package
  rm -rf "$out"
  wasm_package "$profile" "$out"
  cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$out"
  python3 build/licences.py "$out/THIRD-PARTY.md"
  mkdir -p "$directory"
  npm pack --silent --pack-destination "$directory" "$out"
}

# Raw, gzip and brotli bytes of each published module; fails above the budget: of a flavour of the first download, and of
# the general engine.
wasm_sizes() {
  local first general budget over=0
  read -r first general <www/package/budget
  printf '%-34s %10s %10s %10s\n' module raw gzip brotli
  for name in $FLAVOURS onnx; do
    local file gzipped
    file=$(wasm_glue "$name" dist)/shine_skin_${name}_bg.wasm
    budget=$first
    [ "$name" = onnx ] && budget=$general
    gzipped=$(gzip -9c "$file" | wc -c)
    printf '%-34s %10d %10d %10d\n' "$(basename "$file")" "$(wc -c <"$file")" "$gzipped" "$(brotli -c "$file" | wc -c)"
    [ "$gzipped" -le "$budget" ] || over=1
  done
  echo "budget: $first bytes gzip, of the general engine $general"
  [ $over = 0 ] || { echo "a module is above the budget" >&2; return 1; }
}
