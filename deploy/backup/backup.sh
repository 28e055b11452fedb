#!/usr/bin/env bash
# Saves and brings back what the platform cannot make again: the ledger and the objects. Queues are made anew from the ledger.
#
# usage: backup.sh take FOLDER      a new folder: ledger.dump, objects/, SHA256SUMS
#        backup.sh restore FOLDER   into an empty database and an empty (or missing) store, with all services stopped
#        backup.sh check            what is in the database now agrees with what is in the store
# Reads SANITIZER_DATABASE_URL, SANITIZER_DATABASE_SCHEMA and SANITIZER_STORE_URL (file:///folder) as the services do. A bucket is
# copied by the means of its provider, after the ledger: every object that the ledger names was there before the ledger named it.
set -euo pipefail

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

command=${1:?take, restore or check} folder=${2:-}
database=${SANITIZER_DATABASE_URL:?} schema=${SANITIZER_DATABASE_SCHEMA:-sanitizer} store=${SANITIZER_STORE_URL:?}
case $store in
  file:///*) store=${store#file://} ;;
  *) die "only a folder (file:///...) is copied here; see docs/operations.md for buckets" ;;
esac

# Copies folder $1 into folder $2 while files come and go: no other copying tells one that went from one that cannot be read.
copy_living() {
  local status=(0 0)
  tar -C "$1" --warning=no-file-removed --warning=no-file-changed -cf - . | tar -C "$2" -xpf - || status=("${PIPESTATUS[@]}")
  # 1 is what went, or got another link, while it was read; the bytes of an object never change.
  if [ "${status[0]}" -gt 1 ] || [ "${status[1]}" -ne 0 ]; then die "not all of $1 could be copied"; fi
}

take() {
  [ -n "$folder" ] || die "usage: backup.sh take FOLDER"
  [ ! -e "$folder" ] || die "$folder exists: give a new one"
  umask 077
  mkdir -p "$folder/objects"
  # First the ledger, then the objects. Objects that were erased meanwhile are missing, and so is nothing else.
  pg_dump --format=custom --schema="$schema" --file="$folder/ledger.dump" "$database"
  copy_living "$store" "$folder/objects"
  (cd "$folder" && find ledger.dump objects -type f -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
  sync -f "$folder"
}

restore() {
  [ -f "$folder/SHA256SUMS" ] || die "$folder is no backup"
  (cd "$folder" && sha256sum --quiet --check SHA256SUMS) || die "$folder is damaged"
  [ -z "$(psql --no-psqlrc -Atc "SELECT 1 FROM pg_namespace WHERE nspname = '$schema'" "$database")" ] ||
    die "the database has a schema $schema already: restore into an empty one"
  [ -z "$(ls -A "$store" 2>/dev/null)" ] || die "$store is not empty"
  # The role of row-level security belongs to the server, not to the dump.
  psql --no-psqlrc -qc "DO \$\$ BEGIN CREATE ROLE sanitizer_api NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$" "$database"
  pg_restore --dbname="$database" --exit-on-error --no-owner "$folder/ledger.dump"
  mkdir -p "$store"
  cp -a "$folder/objects/." "$store/"
  sync -f "$store"
}

sql() { PGOPTIONS="-c search_path=$schema" psql --no-psqlrc -At -v ON_ERROR_STOP=1 -c "$1" "$database"; }

check() {
  local bad=0 key broken files
  broken=$(sql "SELECT t.id FROM tenants t, audit_break(t.id) b WHERE b.broken_at IS NOT NULL")
  [ -z "$broken" ] || { echo "the audit chain is broken: $broken"; bad=1; }
  while read -r key; do
    [ -f "$store/$key" ] || { echo "missing: $key"; bad=1; }
  done < <(sql "SELECT DISTINCT v FROM tasks t JOIN jobs j ON j.id = t.job_id, json_each_text(t.result) r(k, v)
    WHERE t.state = 'done' AND t.stage IN ('clean', 'report') AND j.erased_at IS NULL AND v LIKE 'tenants/%'")
  # A key that ends with a digest tells what its object must be.
  (
    cd "$store"
    find . -type f -regextype posix-extended -regex '.*/[0-9]+-[a-z]+-[0-9a-f]{64}' -printf '%p\n' |
      sed -E 's/^(.*-([0-9a-f]{64}))$/\2  \1/' | sha256sum --quiet --strict --check
  ) || bad=1
  # The other files of a result have their digests beside their keys.
  files=$(sql "SELECT d || '  ' || k FROM tasks t JOIN jobs j ON j.id = t.job_id, LATERAL (VALUES
        (t.result ->> 'digest', t.result ->> 'output_key'), (t.result ->> 'provenance_sha256', t.result ->> 'provenance_key'),
        (t.result ->> 'rejects_sha256', t.result ->> 'rejects_key'), (t.result ->> 'matches_sha256', t.result ->> 'matches_key')) f (d, k)
      WHERE t.state = 'done' AND t.stage = 'report' AND j.erased_at IS NULL AND d IS NOT NULL AND k IS NOT NULL")
  [ -z "$files" ] || (cd "$store" && sha256sum --quiet --strict --check <<<"$files") || bad=1
  [ "$bad" = 0 ] || die "ledger and store do not agree"
  echo "ledger and store agree"
}

case $command in
  take) take ;;
  restore) restore ;;
  check) check ;;
  *) die "usage: backup.sh take|restore FOLDER, or backup.sh check" ;;
esac
