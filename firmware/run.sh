#!/usr/bin/env bash
# Runs the firmware in QEMU, as the user `lamp`, at a server on this machine's loopback.
# Usage: run.sh [SERVER_PORT [PORT]]    7733 and 7734 unless given; PORT of the loopback leads to it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

said=$(./build.sh)
elf=${said##*$'\n'}
secret() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }
# Who it is stays the same from run to run; on a product it would be in flash, and nowhere else.
identity=$(dirname "$elf")/identity
[ -s "$identity" ] || (umask 077 && secret >"$identity")
port=${2:-7734}
words=arg=firmware,arg=user=lamp,arg=server=10.0.2.2:${1:-7733},arg=advertise=127.0.0.1:$port
words+=,arg=identity=$(cat "$identity"),arg=seed=$(secret)
exec qemu-system-arm -machine lm3s6965evb -display none -monitor none -serial none \
    -chardev stdio,id=console \
    -semihosting-config "enable=on,target=native,chardev=console,$words" \
    -nic "user,model=stellaris,hostfwd=tcp:127.0.0.1:$port-10.0.2.15:7733" \
    -kernel "$elf"
