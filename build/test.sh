# Everything that must pass. Sourced by build.sh.

# The browser tests' models: `shine-skin serve` with CORS, as a bucket would.
TEST_PORT=8791

test_all() {
  export SHINE_WEED=$VENV/bin/weed
  step "test: format" cargo fmt --all --check
  step "test: command line" cargo build --release --locked
  step "test: plans" models_plans
  step "test: native" cargo test --release --locked --workspace
  step "test: training" training_smoke
  step "test: server API" test_api
  step "test: lints" test_lints
  step "test: address sanitizer" test_sanitized
  step "test: wasm" wasm_modules wasm
  step "test: page" wasm_site wasm
  step "test: types" test_types
  step "test: browser" test_browser
  step "test: end to end" test_page
  step "test: package" test_consumers
}

# A developer's first lines in a page, and in a place without one.
test_types() {
  tsc -p www/tsconfig.json
  tsc -p www/tsconfig.worker.json
}

# The server's description of itself, checked, and the server fuzzed from it: no 5xx but where it says so, no hang.
test_api() {
  "$TARGET/release/shine-skin" serve --port $TEST_PORT --models models/dist --max-bytes 3000000 --drain 0 >/dev/null 2>&1 &
  local server=$! status=0
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null || true" EXIT
  curl --silent --retry 20 --retry-delay 1 --retry-connrefused --output "$TARGET/openapi.json" "http://127.0.0.1:$TEST_PORT/openapi.json"
  kill -0 $server
  "$VENV/bin/openapi-spec-validator" "$TARGET/openapi.json" || status=$?
  # What is no photo is refused though the description can't say what a photo is.
  SCHEMATHESIS_HOOKS=hooks PYTHONPATH=tests/api PYTHONDONTWRITEBYTECODE=1 "$VENV/bin/schemathesis" run \
    "http://127.0.0.1:$TEST_PORT/openapi.json" --checks all --exclude-checks positive_data_acceptance -n 60 \
    --generation-deterministic --request-timeout 20 --continue-on-failure --no-color || status=$?
  kill $server || true
  return $status
}

# In release like everything else, so that no dependency is compiled a second time.
test_lints() {
  cargo clippy --release --locked --workspace --all-targets --quiet -- -D warnings
  RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --quiet
}

# What reads memory unchecked, on its own tests and on plans changed by chance: each precondition of an unchecked read is
# asserted, and where the compiler comes with its runtime (sanitizers are not stable yet) each access looked at.
test_sanitized() {
  local host flags="-Cdebug-assertions"
  host=$(rustc -vV | sed -n 's/^host: //p')
  if compgen -G "$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc-*_rt.asan.a" >/dev/null; then
    flags="$flags -Zsanitizer=address"
  else
    echo "without AddressSanitizer: this compiler has no runtime for it"
  fi
  for tests in "--package shine-skin-kernels" "--test mutations"; do
    # shellcheck disable=SC2086
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" CARGO_TARGET_DIR="$TARGET/sanitized" SHINE_MUTATIONS=${SHINE_MUTATIONS:-300} \
      cargo test --quiet --release --locked --target "$host" --no-default-features $tests
  done
}

# wasm-pack hands what follows the path to cargo: the profile, features and target directory of
# wasm_module, so that no dependency is compiled a second time.
test_browser() {
  "$TARGET/release/shine-skin" serve --port $TEST_PORT --site "$TARGET/site" --models models/dist >/dev/null 2>&1 &
  local server=$! status=0
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null || true" EXIT
  curl --silent --retry 20 --retry-delay 1 --retry-connrefused --output /dev/null "http://127.0.0.1:$TEST_PORT/health"
  # Another process on the port would have answered as well, but ours would have ended.
  kill -0 $server
  export SHINE_TEST_MODELS=http://127.0.0.1:$TEST_PORT/models
  RUSTFLAGS="$(wasm_flags simd)" CARGO_TARGET_DIR="$TARGET/wasm-simd" wasm_cargo wasm-pack test --headless --chrome \
    --chromedriver "$(command -v chromedriver)" . --profile wasm --locked --no-default-features --test browser || status=$?
  kill $server || true
  return $status
}

test_page() { (cd www && node --test --test-concurrency=1 tests/*.test.js tests/engines/*.test.js); }

# The package as it is packed, in the hosts that it is for. With the modules of the tests: the published ones differ in what the compiler was
# asked for, and the general engine alone takes it many minutes.
test_consumers() {
  rm -f "$TARGET"/consumers/*.tgz
  wasm_pack_npm wasm "$TARGET/consumers"
  (cd www && node --test --test-concurrency=1 tests/consumers/*.test.js)
}
