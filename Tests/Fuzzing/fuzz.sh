#!/usr/bin/env bash
# Fuzzes each target for a while; findings stay in .bench/fuzz/TARGET/findings and end the script with 1.
#
# usage: fuzz.sh SECONDS [TARGET...]      targets: sniffer csv json parquet sheet recipe message multipart
# shellcheck source=deploy/setup/lib.sh disable=SC1091
source "$(dirname "$0")/../../deploy/setup/lib.sh"
cd "$ROOT"

seconds=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(sniffer csv json parquet sheet recipe message multipart)

deploy/setup/install.sh build
export SANITIZER_ENGINE_ONLY=1 SANITIZER_FUZZ=1
# Optimised, so that enough inputs are tried: preconditions stay in a release build.
say "building with the fuzzer and the address sanitizer"
swift build -c release --product Fuzz --scratch-path .build-fuzz -Xswiftc -sanitize=fuzzer,address \
  -Xcc -fsanitize=fuzzer-no-link,address -Xcxx -fsanitize=fuzzer-no-link,address -Xlinker -lstdc++ >&2

failed=()
for target in "${targets[@]}"; do
  folder=.bench/fuzz/$target
  mkdir -p "$folder/corpus" "$folder/seeds" "$folder/findings"
  python3 Tests/Fuzzing/seeds.py "$target" "$folder/seeds"
  say "fuzzing $target for $seconds s"
  # Arrow keeps pools for the life of the process, which look like leaks. Freed memory is used again soon and stacks of allocations are
  # short: five times as many inputs a second. A finding can be run again without that.
  if ! FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=4:malloc_context_size=2 \
    .build-fuzz/release/Fuzz -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=20000 -print_final_stats=1 \
    -dict="Tests/Fuzzing/Dictionaries/$target.dict" -artifact_prefix="$folder/findings/" "$folder/corpus" "$folder/seeds" >"$folder/log" 2>&1; then
    failed+=("$target")
    grep -E 'ERROR|Fatal error|SUMMARY|Test unit' "$folder/log" | head -n 5 >&2 || true
  fi
  grep -E 'number_of_executed_units|peak_rss' "$folder/log" | sed "s/^/$target /" || true
done
if [ "${#failed[@]}" -gt 0 ]; then die "findings in: ${failed[*]} (.bench/fuzz/TARGET/findings)"; fi
