#!/usr/bin/env bash
# Builds one product statically against Swift's own libraries and lays out what its image needs.
#
# usage: deploy/docker/stage.sh PRODUCT FOLDER
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/../setup/lib.sh"
cd "$ROOT"

product=${1:?product} folder=${2:?folder}
swift build -c release --static-swift-stdlib --product "$product"
mkdir -p "$folder"
binaries=$(swift build -c release --static-swift-stdlib --show-bin-path)
cp "$binaries/$product" "$folder/"
# Resources (API description, migrations) and the Arrow libraries are found beside the binary.
find "$binaries" -maxdepth 1 -name '*.resources' -exec cp -r {} "$folder/" \;
cp -L "$ROOT"/.deps/arrow/lib/lib*.so.* "$folder/"
