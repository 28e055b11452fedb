#!/usr/bin/env bash
# Benchmarks of the release build. Packages go to .bench (about 470 MB), results to .bench/results.
#
# usage: bench.sh versus-polars|tiers|large|accuracy [options of bench.py]
# SANITIZER_BINARY measures another binary than the one built here.
# shellcheck source=deploy/setup/lib.sh disable=SC1091
source "$(dirname "$0")/../../deploy/setup/lib.sh"
cd "$ROOT"

deploy/setup/install.sh build
if [ ! -x .bench/venv/bin/python ] || ! cmp -s Tests/Benchmarks/requirements.txt .bench/requirements.txt; then
  say "installing Polars and Splink into .bench/venv"
  python3 -m venv .bench/venv
  .bench/venv/bin/pip install --quiet --disable-pip-version-check --only-binary=:all: -r Tests/Benchmarks/requirements.txt
  cp Tests/Benchmarks/requirements.txt .bench/requirements.txt
fi
sanitizer=${SANITIZER_BINARY:-$(build_embedded)}
exec .bench/venv/bin/python Tests/Benchmarks/bench.py --sanitizer "$sanitizer" --folder .bench "$@"
