#!/usr/bin/env bash
# Reads the files of deploy/ that are YAML, for the tests; installs what that needs into target/manifests, when missing.
#   tests/support/manifests.sh json FILE...   prints the documents of all files as one JSON list
#   tests/support/manifests.sh rules FILE     fails unless every expression of the Prometheus rules is PromQL; prints them
set -euo pipefail
cd "$(dirname "$0")/../.."
home=target/manifests
mkdir -p "$home"
exec 9>"$home/lock"
flock 9
wanted=tests/support/manifests.txt
if ! cmp -s "$wanted" "$home/venv/installed.txt"; then
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$wanted" >&2
  cp "$wanted" "$home/venv/installed.txt"
fi
flock -u 9
exec "$home/venv/bin/python" tests/support/manifests.py "$@"
