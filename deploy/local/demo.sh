#!/usr/bin/env bash
# A job through the services of `make up`: makes up a table, submits it, waits, and shows the report.
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

[ -f .run/env ] || die "nothing is up: run 'make up' first"
# shellcheck source=/dev/null
source .run/env
sanitizer=$SANITIZER_BINARY
folder=.run/demo

rm -rf "$folder"
"$sanitizer" generate --rows "${ROWS:-100000}" --output-dir "$folder" >/dev/null
say "submitting $folder/customers.csv"
job=$("$sanitizer" submit "$folder/customers.csv" --watch | tail -n 1)
say "job $job"
"$sanitizer" status "$job"
"$sanitizer" report "$job" >"$folder/report.json"
"$sanitizer" download "$job" --format parquet -o "$folder/clean.parquet"
"$sanitizer" verify "$folder/clean.parquet" --report "$folder/report.json"
python3 deploy/local/show-report.py "$folder/report.json"
say "the same in one process gives the same bytes"
"$sanitizer" clean "$folder/customers.csv" -o "$folder/embedded.parquet"
cmp "$folder/clean.parquet" "$folder/embedded.parquet" && say "identical: $(sha256sum <"$folder/clean.parquet" | cut -d' ' -f1)"
