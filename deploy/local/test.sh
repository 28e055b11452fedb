#!/usr/bin/env bash
# Runs every test: starts PostgreSQL, RabbitMQ and SeaweedFS on free loopback ports, builds, tests, and stops what it started.
#
# usage: test.sh [swift test options]
# Warnings are errors when SANITIZER_STRICT is set, as in continuous integration.
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

deploy/setup/install.sh build test
say "building (about 10 minutes the first time on 2 cores)"
swift build --build-tests

servers=$(mktemp -d "${TMPDIR:-/tmp}/sanitizer-test.XXXXXX")
# The servers' users must get through to their own folders.
chmod 711 "$servers"

stop_servers() {
  local name
  for name in postgres rabbitmq seaweedfs; do
    deploy/local/$name.sh stop "$servers/$name" || true
  done
  rm -rf "$servers"
}
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

starting=()
for name in postgres rabbitmq seaweedfs; do
  deploy/local/$name.sh start "$servers/$name" &
  starting+=("$!")
done
for pid in "${starting[@]}"; do wait "$pid" || die "a server did not start, see above"; done

SANITIZER_TEST_POSTGRES=$(cat "$servers/postgres/url")
SANITIZER_TEST_AMQP=$(cat "$servers/rabbitmq/url")
SANITIZER_TEST_S3=$(cat "$servers/seaweedfs/endpoint")
SANITIZER_TEST_S3_KEY=$(cat "$servers/seaweedfs/access-key")
SANITIZER_TEST_S3_SECRET=$(cat "$servers/seaweedfs/secret-key")
export SANITIZER_TEST_POSTGRES SANITIZER_TEST_AMQP SANITIZER_TEST_S3 SANITIZER_TEST_S3_KEY SANITIZER_TEST_S3_SECRET

# XCTest is not used; without it the runner ends with one summary.
if [ "$#" -gt 0 ]; then
  swift test --skip-build --disable-xctest "$@"
  exit
fi
limit() { timeout --signal=TERM --kill-after=20 "$1" swift test --skip-build --disable-xctest "${@:2}"; }
say "the engine and everything without a server of its own"
limit 1800 --skip LedgerTests --skip MessagingTests --skip IntegrationTests
say "the ledger, against PostgreSQL"
limit 900 --filter LedgerTests
# These suites start, stop and break servers and processes: one test after the other.
say "messaging, against RabbitMQ"
limit 600 --no-parallel --filter MessagingTests
say "whole jobs through real services"
limit 900 --no-parallel --filter IntegrationTests
say "whole jobs under injected faults"
BINARIES=$ROOT/.build/debug timeout --signal=INT --kill-after=60 900 Tests/Torture/torture.sh --seed "${SEED:-1}"
