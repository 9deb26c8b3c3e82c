# What a machine needs before anything can be built. Sourced by build.sh.

# Debian's packages that the verbs call, by the command that proves each is there.
APT_PACKAGES="chromium chromium-driver firefox-esr webkit2gtk-driver xvfb xauth brotli python3-venv curl"

WASM_PACK=0.15.1

# True where apt can be used: as root, or through sudo.
has_apt() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; }

apt_install() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  echo "installing ${missing[*]}"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

tools_system() {
  if has_apt; then
    # shellcheck disable=SC2086
    apt_install $APT_PACKAGES
  else
    for command in chromium chromedriver firefox-esr WebKitWebDriver xvfb-run brotli python3; do
      command -v $command >/dev/null || echo "not found: $command; the browser tests need it, please install it"
    done
  fi
}

# The wasm target of the active toolchain, or rustup's, or one made from Debian's packages.
# Writes the path of the toolchain to use to $TOOLS/toolchain (empty: the active one).
tools_wasm_target() {
  mkdir -p "$TOOLS/bin"
  if [ -d "$(rustc --print sysroot)/lib/rustlib/$WASM/lib" ]; then
    : >"$TOOLS/toolchain"
  elif [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ] && rustup target add $WASM; then
    : >"$TOOLS/toolchain"
  elif has_apt; then
    tools_wasm_sysroot
    echo "$TOOLS/sysroot" >"$TOOLS/toolchain"
  else
    echo "the target $WASM is missing: run 'rustup target add $WASM'" >&2
    return 1
  fi
}

# A toolchain of Debian's rustc-web and a standard library built from its source: the
# compiler is current, but Debian ships no std for wasm32-unknown-unknown.
tools_wasm_sysroot() {
  apt_install rustc-web cargo-web rust-web-src libstd-rust-web-dev lld-22
  local host=x86_64-unknown-linux-gnu root=$TOOLS/sysroot
  # The paths are those that panics name.
  local flags="-Cembed-bitcode=yes --remap-path-prefix=$root=rust"
  local stamp
  stamp="$(/usr/bin/rustc --version) $flags"
  if [ "$(cat "$root/stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "wasm standard library is there"
  else
    local debian
    debian=$(/usr/bin/rustc --print sysroot)
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/lib/rustlib/$host/bin" "$root/lib/rustlib/$WASM/lib"
    for tool in rustc rustdoc; do
      # A link would find Debian's own sysroot: a wrapper names ours.
      printf '#!/bin/sh\nexec /usr/bin/%s --sysroot %s "$@"\n' $tool "$root" >"$root/bin/$tool"
      chmod +x "$root/bin/$tool"
    done
    ln -s /usr/bin/cargo "$root/bin/cargo"
    ln -s "$debian/lib/rustlib/$host/lib" "$root/lib/rustlib/$host/lib"
    ln -s "$debian/lib/rustlib/src" "$root/lib/rustlib/src"
    ln -s /usr/lib/llvm-22/bin/lld "$root/lib/rustlib/$host/bin/rust-lld"
    local crate=$TOOLS/std
    rm -rf "$crate"
    mkdir -p "$crate/src"
    : >"$crate/src/lib.rs"
    cat >"$crate/Cargo.toml" <<'TOML'
[package]
name = "std-for-wasm"
version = "0.0.0"
edition = "2021"
[profile.release]
codegen-units = 1
panic = "abort"
TOML
    (cd "$crate" && env -u CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" RUSTUP_TOOLCHAIN=$root \
      cargo build --quiet --release --target $WASM -Z build-std=std,panic_abort,test,proc_macro)
    cp "$crate/target/$WASM/release/deps/"*.rlib "$root/lib/rustlib/$WASM/lib/"
    rm -rf "$crate"
    echo "$stamp" >"$root/stamp"
  fi
}

# cargo for the wasm target, with whichever toolchain setup found.
wasm_cargo() {
  local toolchain
  toolchain=$(cat "$TOOLS/toolchain" 2>/dev/null || true)
  if [ -n "$toolchain" ]; then RUSTUP_TOOLCHAIN=$toolchain "$@"; else "$@"; fi
}

# The version of a crate in Cargo.lock; wasm-bindgen's crate and CLI must be the same.
locked_version() { awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock; }

tools_cargo() {
  cargo_tool wasm-bindgen wasm-bindgen-cli "$(locked_version wasm-bindgen)"
  cargo_tool wasm-pack wasm-pack $WASM_PACK
}

# Installs a cargo binary under $TOOLS unless that version is there.
cargo_tool() {
  local command=$1 crate=$2 version=$3
  if "$TOOLS/bin/$command" --version 2>/dev/null | grep -qF " $version"; then
    echo "$command $version is there"
  else
    # Locked where the registry still has every version of the lock file, which a yank can break.
    for lock in --locked ""; do
      # shellcheck disable=SC2086
      CARGO_TARGET_DIR=$TOOLS/build cargo install --quiet $lock --root "$TOOLS" --version "$version" "$crate" && return
      echo "$crate $version can't be installed ${lock:-at all}"
    done
    return 1
  fi
}

tools_npm() {
  if cmp -s www/package-lock.json www/node_modules/.shine-lock; then
    echo "npm packages are there"
  else
    (cd www && npm ci --no-audit --no-fund --loglevel=error)
    cp www/package-lock.json www/node_modules/.shine-lock
  fi
}

tools_python() {
  if python_ready; then
    echo "python packages are there"
  else
    python3 -m venv --clear "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r models/prepare/requirements.txt -r tests/requirements.txt
    cat models/prepare/requirements.txt tests/requirements.txt >"$VENV/requirements.txt"
  fi
}

python_ready() { cat models/prepare/requirements.txt tests/requirements.txt | cmp -s - "$VENV/requirements.txt"; }

# True where setup has nothing left to do for building and testing.
tools_ready() {
  for command in chromium chromedriver firefox-esr WebKitWebDriver xvfb-run brotli; do
    command -v $command >/dev/null || return 1
  done
  [ -f "$TOOLS/toolchain" ] && wasm_cargo rustc --version >/dev/null 2>&1 &&
    wasm-pack --version 2>/dev/null | grep -qF " $WASM_PACK" &&
    "$TOOLS/bin/wasm-bindgen" --version 2>/dev/null | grep -qF " $(locked_version wasm-bindgen)" &&
    cmp -s www/package-lock.json www/node_modules/.shine-lock &&
    python_ready
}
