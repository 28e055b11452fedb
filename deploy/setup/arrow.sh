#!/usr/bin/env bash
# Puts Apache Arrow C++ (headers, libraries, pkg-config files) from the pyarrow wheel into .deps/arrow.
#
# usage: deploy/setup/arrow.sh [PREFIX]
#
# See docs/decisions/0002-arrow-from-the-wheel.md. A system-wide Arrow serves as well: put a swift-arrow.pc on PKG_CONFIG_PATH.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/lib.sh"

prefix=${1:-$ROOT/.deps/arrow}
version=$(sed -n 's/^pyarrow==\([^ ]*\).*/\1/p' "$ROOT/deploy/setup/arrow.txt")

write_pkgconfig() { # name, description, requires, libs
  cat >"$prefix/lib/pkgconfig/$1.pc" <<PC
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: $1
Description: $2
Version: $version
Requires: $3
Libs: -L\${libdir} $4
Cflags: -I\${includedir}
PC
}

write_all_pkgconfig() {
  mkdir -p "$prefix/lib/pkgconfig"
  write_pkgconfig arrow "Apache Arrow C++" "" -larrow
  write_pkgconfig parquet "Apache Parquet C++" arrow -lparquet
  write_pkgconfig arrow-compute "Arrow compute kernels" arrow -larrow_compute
  write_pkgconfig arrow-s3 "Arrow S3 file system" arrow -larrow_s3
  write_pkgconfig swift-arrow "what the Swift package links" "arrow parquet arrow-compute arrow-s3" ""
}

if [ "$(cat "$prefix/.version" 2>/dev/null || true)" = "$version" ]; then
  # The folder may have been moved or copied.
  grep -qxF "prefix=$prefix" "$prefix/lib/pkgconfig/arrow.pc" || write_all_pkgconfig
  exit 0
fi

say "downloading Apache Arrow $version (the pyarrow wheel, 55 MB; 100 MB unpacked in ${prefix#"$ROOT"/})"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
  --python-version 3.11 --implementation cp --abi cp311 --platform "manylinux_2_28_$(uname -m)" \
  --dest "$scratch" --requirement "$ROOT/deploy/setup/arrow.txt"
python3 -m zipfile -e "$scratch"/pyarrow-*.whl "$scratch/wheel"

rm -rf "$prefix"
mkdir -p "$prefix/include" "$prefix/lib"
cp -r "$scratch/wheel/pyarrow/include/arrow" "$scratch/wheel/pyarrow/include/parquet" "$prefix/include/"
for name in arrow parquet arrow_compute arrow_s3; do
  library=$(basename "$scratch"/wheel/pyarrow/lib"$name".so.*)
  cp "$scratch/wheel/pyarrow/$library" "$prefix/lib/"
  ln -s "$library" "$prefix/lib/lib$name.so"
done
find "$scratch/wheel" -path '*dist-info*' -name 'LICENSE*' -exec cp {} "$prefix/" \;
write_all_pkgconfig
# Last: marks the folder as complete.
printf '%s\n' "$version" >"$prefix/.version"
