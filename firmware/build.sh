#!/usr/bin/env bash
# Builds the firmware and says how large it is. Its last line is the path of the ELF file.
#
# With rustup, the target is got by `rustup target add`. Without it, core is built from the sources
# of Debian's rustc-web, cargo-web and rust-web-src (1.91 or later) and linked by its lld;
# FIRMWARE_TOOLCHAIN names the folder of another rustc and cargo that have core's sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target=thumbv7m-none-eabi
build=(build --release --locked --target "$target" --features lm3s6965)

has_target() {
    local libraries
    libraries=$(rustc --print target-libdir --target "$target" 2>/dev/null) && [ -d "$libraries" ]
}

if ! has_target && command -v rustup >/dev/null; then
    rustup target add "$target" >&2 || true
fi
if [ -z "${FIRMWARE_TOOLCHAIN-}" ] && has_target; then
    cargo "${build[@]}" >&2
else
    toolchain=${FIRMWARE_TOOLCHAIN:-$(dirname "$(dpkg -L rustc-web | grep '/bin/rustc$')")}
    # A stable compiler takes `-Zbuild-std` under RUSTC_BOOTSTRAP. The variables are for this
    # command alone: with them cargo would build anew what the host's own toolchain has built.
    RUSTC="$toolchain/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER=ld.lld \
        "$toolchain/cargo" "${build[@]}" -Zbuild-std=core >&2
fi

elf=${CARGO_TARGET_DIR:-$PWD/target}/$target/release/breeze-firmware
if command -v size >/dev/null; then
    size -A "$elf" | awk '
        /^\.(vector_table|text|rodata|data) / { flash += $2 }
        /^\.(data|bss|uninit) / { ram += $2 }
        END {
            printf "flash: %d of 262144 bytes\n", flash
            printf "RAM: %d of 65536 bytes, and 32768 of them for the stack with the core\n", ram + 32768
        }'
fi
printf '%s\n' "$elf"
