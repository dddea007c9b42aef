#!/usr/bin/env bash
# Builds the firmware, and tests it in QEMU with a real server and real clients.
# Usage: test.sh [RUNS]    how often all of the tests are run; once unless given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

said=$(./build.sh)
printf '%s\n' "$said"
export BREEZE_FIRMWARE=${said##*$'\n'}
cd ..
for run in $(seq "${1:-1}"); do
    printf 'run %s\n' "$run"
    # All features of the workspace: what they need is built once for all tests.
    cargo test --quiet --workspace --locked --test firmware -- --nocapture
done
