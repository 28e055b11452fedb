#!/usr/bin/env bash
# Builds the command line and cleans a made-up table with it: what the first minute with the product looks like.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/../setup/lib.sh"
cd "$ROOT"

rows=${ROWS:-20000}
folder=.run/sample

deploy/setup/install.sh build
say "building the command line (about 3 minutes the first time on 2 cores, seconds after that)"
sanitizer=$(build_embedded)

rm -rf "$folder"
say "making up a dirty table of $rows customers"
"$sanitizer" generate --rows "$rows" --output-dir "$folder" >/dev/null
say "the first lines of $folder/customers.csv"
head -n 6 "$folder/customers.csv"

say "cleaning it: sanitizer clean $folder/customers.csv -o $folder/clean.csv"
"$sanitizer" clean "$folder/customers.csv" -o "$folder/clean.csv" --report "$folder/report.json" \
  --matches "$folder/matches.csv" --provenance "$folder/provenance.parquet" --rejects "$folder/rejects.csv"
say "the first lines of $folder/clean.csv"
head -n 6 "$folder/clean.csv"

say "checking the output against its report: sanitizer verify"
"$sanitizer" verify "$folder/clean.csv" --report "$folder/report.json"
say "the report"
python3 deploy/local/show-report.py "$folder/report.json"
say "everything is in $folder: clean.csv, report.json, matches.csv, provenance.parquet, rejects.csv"
