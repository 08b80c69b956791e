# shellcheck shell=bash disable=SC2154
# Sourced by sriov-test.sh, after packages.sh: makes, once, what the virtual machine is made of, in the folder $cache, from
# Debian packages that are unpacked there and not installed: QEMU 10 of the backports, which knows a NIC with virtual
# functions (the 82576), a kernel, and the image of a Debian 12 with what an operator would install for the product.
sriov_mirror=${SHADOWPLANE_DEBIAN_MIRROR:-http://deb.debian.org}
sriov_guest_packages() {
  echo "$(packages_of run) $(packages_of nic)" kmod udev iproute2 ethtool pciutils procps python3-minimal busybox-static
}

# What the cache was made with: it is made anew when this changes.
sriov_recipe() { { sriov_guest_packages; cat "$scripts/sriov/machine.sh" "$scripts/sriov/initramfs.sh"; } | sha256sum; }

make_machine() {
  if [ "$(cat "$cache/recipe" 2>/dev/null)" = "$(sriov_recipe)" ]; then return 0; fi
  say "making QEMU and the guest's image in $cache (once: a minute or two)"
  rm -rf "$cache"
  mkdir -p "$cache"
  echo "not finished" >"$cache/recipe"
  private_apt
  unpack_emulator
  guest_root
  unpack_kernel
  guest_initramfs
  guest_image
  rm -rf "$cache/apt" "$cache/root"
  sriov_recipe >"$cache/recipe"
}

# An apt of its own, with nothing installed: what it downloads is complete, whatever this host has.
private_apt() {
  local apt=$cache/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/preferences.d"
  : >"$apt/status"
  {
    for suite in bookworm bookworm-updates bookworm-backports; do echo "deb $sriov_signed $sriov_mirror/debian $suite main"; done
    echo "deb $sriov_signed $sriov_mirror/debian-security bookworm-security main"
  } >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferencesparts "$apt/preferences.d";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
END
  APT_CONFIG=$apt/apt.conf apt_get update
}
sriov_signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'

unpack_packages() { # the packages downloaded so far into the folder $1
  local package
  mkdir -p "$1"
  for package in "$cache/apt/archives"/*.deb; do
    dpkg -x "$package" "$1"
    rm "$package"
  done
}

unpack_emulator() {
  APT_CONFIG=$cache/apt/apt.conf apt_get install --download-only -t bookworm-backports qemu-system-x86
  unpack_packages "$cache/qemu"
  rm -rf "$cache/qemu"/usr/share/{doc,man,locale,info}
}

# QEMU with the loader and the libraries that it was unpacked with, and none of this host's.
qemu() {
  local root=$cache/qemu libraries=$cache/qemu/usr/lib/x86_64-linux-gnu
  QEMU_MODULE_DIR=$libraries/qemu exec "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \
    --library-path "$root/lib/x86_64-linux-gnu:$libraries:$libraries/pulseaudio" "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
}

unpack_kernel() {
  local package
  package=$(APT_CONFIG=$cache/apt/apt.conf apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
  (cd "$cache/apt/archives" && APT_CONFIG=$cache/apt/apt.conf apt_get download "$package")
  unpack_packages "$cache/root/kernel"
  sriov_kernel=${package#linux-image-}
  mv "$cache/root/kernel/boot/vmlinuz-$sriov_kernel" "$cache/vmlinuz"
  chroot "$cache/root" depmod -b /kernel "$sriov_kernel"
}

# Copies the modules $2... with what they need, and their index, into the folder $1: a few MB of the kernel's 300.
kernel_modules() {
  local folder=$1 modules=lib/modules/$sriov_kernel file
  shift
  mkdir -p "$folder/$modules"
  chroot "$cache/root" modprobe -d /kernel -S "$sriov_kernel" --show-depends --all "$@" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u |
    while read -r file; do
      file=${file#/kernel/}
      mkdir -p "$folder/$(dirname "$file")"
      cp "$cache/root/kernel/$file" "$folder/$file"
    done
  cp "$cache/root/kernel/$modules"/modules.{builtin,builtin.modinfo,order} "$folder/$modules"
  chroot "$cache/root" depmod -b "${folder#"$cache/root"}" "$sriov_kernel"
}

guest_root() {
  local root=$cache/root output
  output=$(mmdebstrap --quiet --mode=root --variant=minbase --skip=output/dev,output/mknod --include="$(sriov_guest_packages | tr ' ' ,)" \
    bookworm "$root" "$cache/apt/sources.list" 2>&1 </dev/null) || { echo "$output" >&2; fail "the guest's image cannot be made: see above"; }
  rm -rf "$root"/usr/share/{doc,man,locale,info} "$root"/var/{cache/apt,lib/apt/lists}/*
  mkdir -p "$root/opt/jdk" "$root/opt/shadowplane" "$root/mnt/host"
}

guest_initramfs() {
  local folder=$cache/root/initramfs
  mkdir -p "$folder"/{bin,dev,proc,sys,new}
  cp "$cache/root/bin/busybox" "$folder/bin"
  install -m 755 "$scripts/sriov/initramfs.sh" "$folder/init"
  kernel_modules "$folder" virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio 9p
  (cd "$folder" && find . | ./bin/busybox cpio -o -H newc 2>/dev/null) | gzip >"$cache/initrd.gz"
  rm -rf "$folder"
}

guest_image() {
  kernel_modules "$cache/root/image" igb igbvf vfio-pci vfio_iommu_type1
  mv "$cache/root/image/lib/modules" "$cache/root/lib/modules"
  rm -rf "$cache/root/image" "$cache/root/kernel"
  mke2fs -q -F -t ext4 -O ^has_journal -d "$cache/root" "$cache/root.img" 2G >/dev/null
}
