#!/usr/bin/env bash
# Makes the stubs of the examples out of the proto files, and what they need, only when missing or older than the proto
# files: Python's in target/examples, Go's beside its example; and grpcurl, with which the manual's calls are made. Needs
# python3, npm and go.
set -euo pipefail
cd "$(dirname "$0")/.."
home=target/examples
mkdir -p "$home"
# Two test runs at once make them once.
exec 9>"$home/lock"
flock 9

wanted=examples/python/requirements.txt
if ! cmp -s "$wanted" "$home/venv/installed.txt"; then
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$wanted" >&2
  cp "$wanted" "$home/venv/installed.txt"
fi
[ -x tools/lint/node_modules/.bin/buf ] || npm install --no-save --loglevel=error --no-audit --no-fund --prefix tools/lint >&2

state="$(cat proto/freightpass/v1/*.proto examples/go/go.mod examples/go/buf.gen.yaml | sha256sum)"
if [ "$state" != "$(cat "$home/made" 2>/dev/null)" ] || [ ! -x "$home/scanner-go" ]; then
  mkdir -p "$home/python"
  "$home/venv/bin/python" -m grpc_tools.protoc -Iproto --python_out="$home/python" --grpc_python_out="$home/python" \
    proto/freightpass/v1/*.proto
  buf="$PWD/tools/lint/node_modules/.bin/buf"
  (cd examples/go && "$buf" generate ../../proto && go build -o "../../$home/scanner-go" .)
  echo "$state" >"$home/made"
fi

if [ ! -x "$home/grpcurl" ]; then
  if found="$(command -v grpcurl)"; then ln -sf "$found" "$home/grpcurl"
  else GOBIN="$PWD/$home" go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3; fi
fi
