#!/bin/busybox sh
# shellcheck shell=dash
# The first program of the guest: mounts its image and what the host shares (the checkout, the JDK, a folder to exchange files
# in), and hands over to guest.sh.
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for module in virtio_pci virtio_blk crc32c_generic ext4 9pnet_virtio 9p; do modprobe "$module"; done
mount -t ext4 /dev/vda /new
shared() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,$3" "$1" "/new$2"; }
shared jdk /opt/jdk ro,cache=loose
shared checkout /opt/shadowplane ro,cache=loose
shared host /mnt/host cache=none
umount /proc /sys
mount --move /dev /new/dev
exec switch_root /new /opt/shadowplane/scripts/sriov/guest.sh
