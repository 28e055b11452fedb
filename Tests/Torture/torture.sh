#!/usr/bin/env bash
# Runs jobs through real services while faults are injected, and checks what must hold from durable state.
#
# usage: torture.sh [options of torture.py]
#        torture.sh measure churn|load [options of measure.py]
# BINARIES names a folder with the programs; default: the debug build here, which also knows the deliberate mistakes.
# shellcheck source=deploy/setup/lib.sh disable=SC1091
source "$(dirname "$0")/../../deploy/setup/lib.sh"
cd "$ROOT"

deploy/setup/install.sh build test
if [ ! -x .torture/venv/bin/python ] || ! cmp -s Tests/Torture/requirements.txt .torture/requirements.txt; then
  say "installing an AMQP and a PostgreSQL client into .torture/venv (about 25 MB)"
  python3 -m venv .torture/venv
  .torture/venv/bin/pip install --quiet --disable-pip-version-check --only-binary=:all: -r Tests/Torture/requirements.txt
  cp Tests/Torture/requirements.txt .torture/requirements.txt
fi
if [ -z "${BINARIES:-}" ]; then
  swift build >&2
  BINARIES=$ROOT/.build/debug
fi
program=torture
if [ "${1:-}" = measure ]; then
  program=measure
  shift
fi
exec .torture/venv/bin/python "Tests/Torture/$program.py" --binaries "$BINARIES" --folder .torture "$@"
