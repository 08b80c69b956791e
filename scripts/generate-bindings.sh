#!/usr/bin/env bash
# Regenerates the native bindings from DPDK's headers with the jextract found on PATH (openjdk/jextract, for JDK 22 or
# later) and the include list. The result is committed: only whoever changes the list, or adds an ABI, runs this.
set -euo pipefail
cd "$(dirname "$0")/.."
source_dir=ffi-bindings/src/main/jextract
target_dir=ffi-bindings/src/main/java
package=dev.shadowplane.dpdk.abi23

command -v jextract >/dev/null || {
  echo "generate-bindings: no jextract on PATH: build it from openjdk/jextract and put it there" >&2; exit 1; }
command -v pkg-config >/dev/null && pkg-config --exists libdpdk || {
  echo "generate-bindings: no DPDK headers: apt-get install libdpdk-dev pkg-config" >&2; exit 1; }
case "$(pkg-config --modversion libdpdk)" in
  22.11*) ;;
  *) echo "generate-bindings: abi23 is made from DPDK 22.11, and these headers are $(pkg-config --modversion libdpdk)" >&2; exit 1 ;;
esac

clang_headers=$(ls -d /usr/lib/llvm-*/lib/clang/*/include 2>/dev/null | tail -1)
read -ra include_flags <<<"$(pkg-config --cflags-only-I libdpdk) ${clang_headers:+-I$clang_headers}"
includes=$(mktemp)
trap 'rm -f "$includes"' EXIT
sed -e 's/#.*//' -e '/^ *$/d' "$source_dir/dpdk.includes" >"$includes"

rm -rf "${target_dir:?}/${package//.//}"
jextract -D _GNU_SOURCE "${include_flags[@]}" --output "$target_dir" --target-package "$package" --header-class-name Dpdk \
  "@$includes" "$source_dir/dpdk.h"
echo "generate-bindings: $(ls "$target_dir/${package//.//}" | wc -l) files in $package"
