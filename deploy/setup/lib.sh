# shellcheck shell=bash
# Shared by the scripts in deploy/. Source it; it sets strict mode and ROOT.
set -euo pipefail
shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT

# SwiftPM finds Arrow through pkg-config.
export PKG_CONFIG_PATH=$ROOT/.deps/arrow/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}

say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root: run this first as root: $*"
  fi
}

# Builds the command line as it is shipped, without the services and what only they need (half the time), and prints its path.
build_embedded() {
  SANITIZER_ENGINE_ONLY=1 swift build -c release --static-swift-stdlib --product sanitizer --scratch-path "$ROOT/.build/embedded" >&2 || return 1
  printf '%s\n' "$ROOT/.build/embedded/release/sanitizer"
}
