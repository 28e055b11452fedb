#!/usr/bin/env bash
# The readers of the release build: their speed against others, or what they make of public test sets. Packages go to .bench (about 400 MB).
#
# usage: readers.sh speed [options of readers.py]
#        readers.sh conformance DIR
# DIR holds any of: csv-spectrum, JSONTestSuite, parquet-testing, calamine_tests, pollock (see conformance.py and pollock.py).
# SANITIZER_BINARY measures another binary than the one built here.
# shellcheck source=deploy/setup/lib.sh disable=SC1091
source "$(dirname "$0")/../../deploy/setup/lib.sh"
cd "$ROOT"

what=${1:?usage: readers.sh speed|conformance ...}
shift
deploy/setup/install.sh build
venv=.bench/readers-venv
needs=Tests/Benchmarks/requirements-readers.txt
if [ ! -x "$venv/bin/python" ] || ! cmp -s "$needs" "$venv/requirements.txt"; then
  say "installing pyarrow, DuckDB and Polars into $venv (about 120 MB to download)"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: -r "$needs"
  cp "$needs" "$venv/requirements.txt"
fi
sanitizer=${SANITIZER_BINARY:-$(build_embedded)}
run() { "$venv/bin/python" "Tests/Benchmarks/$1" --sanitizer "$sanitizer" "${@:2}"; }

case $what in
  speed) run readers.py --folder .bench "$@" ;;
  conformance)
    data=${1:?usage: readers.sh conformance DIR}
    failed=()
    if [ -d "$data/pollock" ]; then
      # The benchmark wants what stands before a repeated header.
      run pollock.py --data "$data/pollock" --tables first --below 9.99 || failed+=(pollock)
    else
      say "no $data/pollock: left out"
    fi
    run conformance.py --data "$data" || failed+=(conformance)
    run monsters.py || failed+=(monsters)
    [ "${#failed[@]}" -eq 0 ] || die "failed: ${failed[*]}"
    ;;
  *) die "usage: readers.sh speed|conformance ..." ;;
esac
