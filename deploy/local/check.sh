#!/usr/bin/env bash
# Everything that can be checked without running the product.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/../setup/lib.sh"
cd "$ROOT"

failed=()
check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then printf 'ok      %s\n' "$what"; else
    printf 'FAILED  %s\n' "$what"
    failed+=("$what")
  fi
}

scripts() { git ls-files -- '*.sh' .ci/run; }
tracked_text() { git ls-files -- . ':!LICENSE' ':!*.parquet' ':!*.gz' ':!*.zst'; }

swift_format() { swift format lint --strict --parallel --recursive Package.swift Services Shared Tests; }
shell_scripts() { scripts | xargs shellcheck --external-sources; }
shell_strict() { # every script is strict, by itself or through the library
  local file bad=0
  while read -r file; do
    grep -qE '^set -euo? ?(pipefail)?$|^source "\$\(dirname' "$file" || { echo "$file: no strict mode"; bad=1; }
  done < <(scripts)
  return "$bad"
}
warnings_are_errors() { SANITIZER_STRICT=1 swift build --build-tests >"$ROOT/.build/strict.log" 2>&1 || { tail -n 30 "$ROOT/.build/strict.log"; return 1; }; }
yaml_files() { git ls-files -- '*.yaml' '*.yml' | xargs yamllint --strict -c deploy/setup/yamllint.yaml; }
python_files() { git ls-files -- '*.py' | xargs python3 -m py_compile; }
# Debian's own Python has python3-yaml.
deployment() { /usr/bin/python3 deploy/local/check-deploy.py; }
compose_file() {
  if docker compose version >/dev/null 2>&1; then
    docker compose --file docker-compose.yaml config --quiet
  elif command -v docker-compose >/dev/null; then
    docker-compose --file docker-compose.yaml config --quiet
  fi
}
kustomization() { ! command -v kubectl >/dev/null || kubectl kustomize deploy/k8s/base >/dev/null; }
top_level() {
  local extra
  extra=$(git ls-files | cut -d/ -f1 | sort -u |
    grep -vxE 'Package\.swift|Services|Shared|Tests|deploy|docker-compose\.yaml|docs|README\.md|Makefile|LICENSE|\..*' || true)
  [ -z "$extra" ] || { echo "does not belong at the top level: $extra"; return 1; }
}
left_for_later() { ! tracked_text | grep -vxF deploy/local/check.sh | xargs grep -nIE '\b(TODO|FIXME|XXX|HACK)\b'; }
machine_paths() { ! tracked_text | grep -vxF deploy/local/check.sh | xargs grep -nIE '(^|[^A-Za-z0-9_.])/(work|farm|root|home/[a-z]+)/'; }
swallowed_errors() { ! git ls-files -- '*.swift' | grep -v '^Tests/' | xargs grep -nE 'catch *\{ *\}'; }
secrets() { ! tracked_text | xargs grep -nIE 'AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY'; }
# Spin is not needed for anything else: without it the models are not checked.
models() {
  local work status=0
  if ! command -v spin >/dev/null || ! command -v cc >/dev/null; then
    echo "spin is not installed: models not checked"
    return 0
  fi
  work=$(mktemp -d)
  model() { # EXPECTED [OPTION]
    (cd "$work" && spin -a ${2:+"$2"} "$ROOT/docs/model/lease.pml" >/dev/null && cc -O2 -w -o pan pan.c && ./pan -a -f -m1000000 >out)
    grep -q "errors: $1" "$work/out" || { echo "docs/model/lease.pml $2: expected $1 errors"; status=1; }
  }
  model 0 ""
  model 1 -DNO_EPOCH_CHECK
  model 1 -DPUBLISH_BEFORE_COMMIT
  model 1 -DNO_DISPATCHER
  rm -rf "$work"
  return "$status"
}
links() { python3 deploy/local/check-links.py; }
# Against what Tests/Benchmarks/*.json recorded; only where the public sets are at hand.
accuracy() {
  local binary log=$ROOT/.build/accuracy.log
  binary=${SANITIZER_BINARY:-$(build_embedded)} || return 1
  if ! python3 Tests/Benchmarks/accuracy.py --sanitizer "$binary" --data "$DATA" --folder .bench --tiers thorough --no-retail >"$log" ||
    ! python3 Tests/Benchmarks/repair_accuracy.py --sanitizer "$binary" --data "$DATA" >>"$log"; then
    tail -n 40 "$log"
    return 1
  fi
}

deploy/setup/install.sh build check
check "swift format lint --strict" swift_format
check "shellcheck" shell_scripts
check "scripts are strict" shell_strict
check "python files compile" python_files
check "yamllint" yaml_files
check "docker-compose config" compose_file
check "dockerfiles, compose file and manifests" deployment
check "kustomization" kustomization
check "only the agreed names at the top level" top_level
check "links in the documentation" links
check "models of the protocol" models
check "nothing left for later" left_for_later
check "no paths of one machine" machine_paths
check "no swallowed errors" swallowed_errors
check "no secrets" secrets
check "no warnings" warnings_are_errors
if [ -n "${DATA:-}" ]; then check "accuracy on the public sets" accuracy; fi

if [ "${#failed[@]}" -gt 0 ]; then die "${#failed[@]} checks failed: $(IFS=,; printf '%s' "${failed[*]}")"; fi
