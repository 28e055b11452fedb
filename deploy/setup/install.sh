#!/usr/bin/env bash
# Installs what is missing, says what and how large, and does nothing when all is there.
#
# usage: deploy/setup/install.sh [build] [test] [check]
#   build  C libraries, and Arrow into .deps/arrow
#   test   PostgreSQL, RabbitMQ, and SeaweedFS into .deps/seaweedfs
#   check  linters
#
# Works as root and with sudo. Servers that come with packages are not started.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/lib.sh"

require_swift() {
  command -v swift >/dev/null || die "swift not found: install Swift 6.3 (https://www.swift.org/install/linux/debian/) and put it on PATH"
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
  [ "$(printf '6.2\n%s\n' "$version" | sort -V | head -1)" = 6.2 ] || die "swift $version is too old: install Swift 6.3"
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || printf '%s\n' "$package"
  done
}

# Keeps package scripts from starting servers while $@ runs (Debian policy: invoke-rc.d asks policy-rc.d).
without_starting_servers() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

install_apt() {
  local wanted=() missing=() group
  for group in "$@"; do
    mapfile -t -O "${#wanted[@]}" wanted < <(grep -v '^#' "$ROOT/deploy/setup/apt-$group.txt")
  done
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "not a Debian system: install these yourself: ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root apt-get install -s --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt cannot install: ${missing[*]} (is this Debian 12?)"
  apt_size "${missing[@]}" >&2
  without_starting_servers as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# "Need to get 21.4 MB of archives", "After this operation, 98.1 MB ..."
apt_size() {
  as_root apt-get install --assume-no --no-install-recommends "$@" 2>/dev/null | grep -E '^(Need to get|After this)' || true
}

[ "$#" -gt 0 ] || set -- build
require_swift
install_apt "$@"
for group in "$@"; do
  case $group in
    build) "$ROOT/deploy/setup/arrow.sh" ;;
    test) "$ROOT/deploy/setup/seaweedfs.sh" ;;
    check) ;;
    *) die "unknown group '$group': give build, test, check" ;;
  esac
done
