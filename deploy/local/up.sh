#!/usr/bin/env bash
# Starts the whole platform on this machine: PostgreSQL, RabbitMQ, the API and WORKERS (default 2) of each other service.
#
# BINARIES names a folder with the programs already built; else they are built here.
# Writes .run/env: SANITIZER_API, SANITIZER_KEY and where the servers are. Stop with down.sh.
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

run=$ROOT/.run
workers=${WORKERS:-2}
tenant=demo
binaries=${BINARIES:-$ROOT/.build/release}

if [ -f "$run/up" ]; then die "already up (see .run/env): stop it first with 'make down'"; fi
deploy/setup/install.sh build test
if [ -z "${BINARIES:-}" ]; then
  say "building (about 10 minutes the first time on 2 cores)"
  make --no-print-directory release
fi

mkdir -p "$run/log" "$run/pids" "$run/store"
servers=$(mktemp -d "${TMPDIR:-/tmp}/sanitizer-up.XXXXXX")
chmod 711 "$servers"
printf '%s\n' "$servers" >"$run/up"
trap '[ "$?" = 0 ] || { say "start failed, stopping again; logs are in .run/log"; deploy/local/down.sh --keep-logs; }' EXIT

deploy/local/postgres.sh start "$servers/postgres" &
postgres=$!
deploy/local/rabbitmq.sh start "$servers/rabbitmq" &
rabbitmq=$!
wait "$postgres"
wait "$rabbitmq"

# The same for every service; secrets do not go to .run/env.
export SANITIZER_DATABASE_URL SANITIZER_AMQP_URL SANITIZER_HMAC_KEY
SANITIZER_DATABASE_URL=$(cat "$servers/postgres/url")
SANITIZER_AMQP_URL=$(cat "$servers/rabbitmq/url")
SANITIZER_HMAC_KEY=$(openssl rand -hex 32)
export SANITIZER_STORE_URL=file://$run/store

"$binaries/sanitizer" admin migrate >&2
"$binaries/sanitizer" admin tenant create "$tenant" >&2
key=$("$binaries/sanitizer" admin key create "$tenant" --role data_engineer --name "make up" | tail -n 1)

start_service() { # NAME, instance, port
  local name=$1-$2
  # shellcheck disable=SC2016  # expanded by the inner shell
  SANITIZER_HTTP_PORT=$3 setsid --fork sh -c 'echo $$ >"$0"; exec "$@"' "$run/pids/$name" \
    "$binaries/$1" >"$run/log/$name.log" 2>&1 </dev/null
}
ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1$2")" = 200 ]; }

read -r -a ports <<<"$(free_ports $((1 + 3 * workers)))"
api=http://127.0.0.1:${ports[0]}
start_service api 1 "${ports[0]}"
next=1
for service in pass1-worker pass2-worker reporter; do
  for instance in $(seq "$workers"); do
    start_service "$service" "$instance" "${ports[next]}"
    next=$((next + 1))
  done
done
wait_until 60 "the API" ready "${ports[0]}" /api/v1/health/ready || die "the API is not ready: $(tail -n 3 "$run/log/api-1.log")"

(
  umask 077
  cat >"$run/env" <<ENV
export SANITIZER_API=$api
export SANITIZER_KEY=$key
export SANITIZER_TENANT=$tenant
export SANITIZER_BINARY=$binaries/sanitizer
ENV
)
say "up: $api with $workers of each worker; now: source .run/env"
