#!/usr/bin/env bash
# Copies the Arrow libraries beside the binaries, where they are found by $ORIGIN: the folder can be moved as a whole.
#
# usage: bundle.sh FOLDER
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/../setup/lib.sh"

folder=${1:?folder of the binaries}
for library in "$ROOT"/.deps/arrow/lib/lib*.so.*; do
  if [ ! -e "$folder/$(basename "$library")" ] || [ "$library" -nt "$folder/$(basename "$library")" ]; then
    cp "$library" "$folder/"
  fi
done
for binary in sanitizer api pass1-worker pass2-worker reporter; do
  [ -x "$folder/$binary" ] || die "$folder/$binary is missing"
done
say "binaries and libraries are in $folder"
