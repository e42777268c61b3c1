#!/bin/sh
# Builds one root file system: build.sh SIDE FOLDER DEBS PACKAGES. Debian's own packages, and what makes its systemd come up
# clean inside a container. Nothing of the lab is in it: that is laid over it at each start.
set -eu
side=$1 root=$2 debs=$3 packages=$4
debootstrap --variant=minbase --cache-dir="$debs" --include="$packages" bookworm "$root" http://deb.debian.org/debian

: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id" "$root"/var/cache/apt/archives/*.deb "$root/etc/resolv.conf" "$root/etc/hostname"
rm -rf "$root"/var/lib/apt/lists/*
mask() { for unit in "$@"; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done; }
# no kernel of their own, no terminal, no clock to set
mask sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount console-getty.service container-getty@.service getty.target \
  systemd-firstboot.service systemd-update-utmp.service systemd-remount-fs.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer logrotate.timer

if [ "$side" = z2 ]; then
  # the containers are Proxmox's to start, its network is the lab's
  mask lxc.service lxc-net.service lxc-monitord.service
  printf 'root:100000:65536\n' >"$root/etc/subuid"
  cp "$root/etc/subuid" "$root/etc/subgid"
  mkdir -p "$root/var/lib/lxc/109/rootfs"
  chmod 755 "$root/var/lib/lxc" "$root/var/lib/lxc/109"
else
  # an unprivileged container's root is uid 100000 of its host; chown drops setuid bits, so they are put back
  find "$root" -xdev -type f -perm /6000 -printf '%m %p\n' >"$root.modes"
  find "$root" -xdev -printf '%U:%G\n' | sort -u | while IFS=: read -r uid gid; do
    find "$root" -xdev -uid "$uid" -gid "$gid" -print0 | xargs -0 chown -h "$((uid + 100000)):$((gid + 100000))"
  done
  while read -r mode file; do chmod "$mode" "$file"; done <"$root.modes"
  rm "$root.modes"
fi
