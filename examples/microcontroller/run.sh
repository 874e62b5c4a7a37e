#!/usr/bin/env bash
# Builds the scanner for a Cortex-M4 and runs it in QEMU: its verdicts, and what it takes of flash and RAM.
set -euo pipefail
cd "$(dirname "$0")"
command -v qemu-system-arm >/dev/null || { echo "qemu-system-arm is missing: run tools/install" >&2; exit 3; }

target=thumbv7em-none-eabihf
built=../../target/microcontroller
cargo build --quiet --release --locked --target "$target" --target-dir "$built"
# Semihosting carries what it prints to standard output, and its end to the exit code.
exec qemu-system-arm -machine mps2-an386 -display none -serial none -monitor none \
  -semihosting-config enable=on,target=native -kernel "$built/$target/release/freightpass-microcontroller"
