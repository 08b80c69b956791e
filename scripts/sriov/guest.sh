#!/usr/bin/env bash
# The guest's process 1, in the checkout that the host shares: prepares the system as a host's boot would, and then runs each
# job that the host puts into the shared folder, as root, with its output and status beside it.
set -uo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
exchange=/mnt/host
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
install -d -m 1777 /run/lock
ln -s /proc/self/fd /dev/fd
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link set lo up
/lib/systemd/systemd-udevd --daemon
modprobe igb
cd /opt/shadowplane || exit
while true; do
  until [ -e "$exchange/job" ]; do sleep 0.1; done
  mv "$exchange/job" "$exchange/job.running"
  bash -euo pipefail "$exchange/job.running" >"$exchange/output" 2>&1 </dev/null
  echo $? >"$exchange/status.new"
  mv "$exchange/status.new" "$exchange/status"
done
