# shellcheck shell=bash disable=SC2154
# Sourced by sriov-test.sh, after machine.sh: starts the guest, runs jobs in it and takes it down.
guest_boot() { # $@: further arguments for QEMU, such as the IOMMU
  local i nics=()
  for i in 0 1 2; do # each physical function has a wire of its own, whose other end is a socket of this host
    nics+=(-netdev "dgram,id=wire$i,local.type=unix,local.path=$work/wire$i.guest,remote.type=unix,remote.path=$work/wire$i.host"
      -device "pcie-root-port,id=slot$i,chassis=$((i + 1)),slot=$((i + 1))"
      -device "igb,bus=slot$i,netdev=wire$i,mac=52:54:00:00:00:0$i,romfile=")
  done
  rm -rf "$work/host" "$work"/monitor.* "$work"/wire*
  mkdir "$work/host"
  mkfifo "$work/monitor.in" "$work/monitor.out"
  TMPDIR=$work start "$work/qemu.log" qemu -nodefaults -no-user-config -display none -no-reboot \
    -M q35,kernel-irqchip=split -accel tcg,thread=multi -cpu Westmere -smp 2 -m 2048 "$@" \
    -kernel "$cache/vmlinuz" -initrd "$cache/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 intel_iommu=on mitigations=off net.ifnames=0 nowatchdog" \
    -serial "file:$work/console.log" -chardev "pipe,id=monitor,path=$work/monitor" -mon monitor \
    -drive "file=$cache/root.img,format=raw,if=none,id=root,snapshot=on" -device virtio-blk-pci,drive=root \
    -fsdev "local,id=jdk,path=$JAVA_HOME,security_model=none,readonly=on" -device virtio-9p-pci,fsdev=jdk,mount_tag=jdk \
    -fsdev "local,id=checkout,path=$(readlink -f "$scripts/.."),security_model=none,readonly=on,multidevs=remap" \
    -device virtio-9p-pci,fsdev=checkout,mount_tag=checkout \
    -fsdev "local,id=host,path=$work/host,security_model=none" -device virtio-9p-pci,fsdev=host,mount_tag=host \
    "${nics[@]}"
  qemu_pid=$started
  guest 120 true || { tail -n 30 "$work/qemu.log" "$work/console.log" >&2; fail "the guest does not start: see above"; }
  readme_block 1 >"$work/host/setup.sh"
  readme_block 2 >"$work/host/shadowplane.yaml"
  readme_block 3 >"$work/host/run.sh"
}

# The block $1 of the README's section about virtual functions: what an operator is told to type.
readme_block() {
  awk -v wanted="$1" '/^## / { here = /^## Run it on SR-IOV virtual functions$/ }
    here && /^```/ { inside = !inside; block += inside; next }
    here && inside && block == wanted' "$scripts/../README.md"
}

# Runs the script $2 (or standard input) in the guest as root, for $1 seconds at most; prints its output and returns its status.
guest() {
  local exchange=$work/host
  rm -f "$exchange/status"
  if [ $# -gt 1 ]; then echo "$2"; else cat; fi >"$exchange/job.new"
  mv "$exchange/job.new" "$exchange/job"
  wait_until "$1" guest_answered || true
  cat "$exchange/output" 2>/dev/null || true
  if [ ! -e "$exchange/status" ]; then
    if our_child "$qemu_pid"; then echo "the guest has not answered within $1 s"; else echo "QEMU has ended:"; fi
    tail -n 30 "$work/qemu.log" "$work/console.log"
    return 1
  fi
  return "$(<"$exchange/status")"
}
guest_answered() { [ -e "$work/host/status" ] || ! our_child "$qemu_pid"; }

monitor() { echo "$*" >"$work/monitor.in"; } # a command for QEMU, such as set_link wire0 off

guest_halt() {
  stop_children "$qemu_pid"
  rm -f "$work"/vl.*
}
