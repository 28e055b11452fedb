#!/usr/bin/env bash
# Stops what up.sh started, each process by its id, and removes its data.
#
# usage: down.sh [--keep-logs]
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"

run=$ROOT/.run
[ -f "$run/up" ] || { say "nothing is up"; exit 0; }
servers=$(cat "$run/up")

# All at once: each hands back its work first.
for file in "$run"/pids/*; do
  [ -f "$file" ] || continue
  stop_pid "$file" TERM 30 &
done
wait
"$ROOT/deploy/local/rabbitmq.sh" stop "$servers/rabbitmq"
"$ROOT/deploy/local/postgres.sh" stop "$servers/postgres"
rm -rf "$servers" "$run/store" "$run/pids" "$run/env" "$run/up"
[ "${1:-}" = --keep-logs ] || rm -rf "$run/log"
say "down"
