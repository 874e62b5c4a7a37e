#!/usr/bin/env bash
# Installs the independent libraries of the vectors' tests, only when missing: Python's into target/vectors/venv,
# JavaScript's into tests/vectors/js/node_modules. Fails loudly where python3, node or npm is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=target/vectors
mkdir -p "$home"
# Two test runs at once install once.
exec 9>"$home/lock"
flock 9

need() {
  command -v "$1" >/dev/null 2>&1 || { echo "$1 is missing: run tools/install" >&2; exit 1; }
}
need python3
need node
need npm

wanted=tests/vectors/python/requirements.txt
if ! cmp -s "$wanted" "$home/venv/installed.txt"; then
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$wanted" >&2
  cp "$wanted" "$home/venv/installed.txt"
fi

js=tests/vectors/js
if ! cmp -s "$js/package-lock.json" "$js/node_modules/installed.json"; then
  # Not `npm ci`: it wants cbor-x's optional native packages of every platform in the lock file, which npm leaves out
  # of it where a registry has not got them. The lock file still fixes each version and its hash.
  npm install --no-save --omit=optional --ignore-scripts --loglevel=error --no-audit --no-fund --prefix "$js" >&2
  cp "$js/package-lock.json" "$js/node_modules/installed.json"
fi
