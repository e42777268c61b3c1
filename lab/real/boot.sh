#!/bin/sh
# Boots one Z2: boot.sh NAME GROUP IMAGE STAGE. Runs in a mount namespace of its own, so that every mount below is gone with
# its last process, whatever ended it. /mnt is only a place that every Debian has; the machine's own /mnt stays as it is.
set -eu
name=$1 group=$2 image=$3 stage=$4
# systemd-nspawn makes groups of its own where it is started; this script must not be in the way
mkdir -p "$group/boot"
echo $$ >"$group/boot/cgroup.procs"

mount -t tmpfs -o size=1g,mode=755 lab /mnt
cd /mnt
mkdir image disk upper work root
mount --bind "$image" image
mount -t overlay -o lowerdir=image,upperdir=upper,workdir=work overlay root
# the disk of the data folder: a file system of its own, small enough to be filled
mount -t tmpfs -o size=64m,mode=755 /dev/sdb1 disk

# systemd-nspawn keeps folders per machine there and does not always remove them
mkdir -p /run/systemd/nspawn
mount -t tmpfs nspawn /run/systemd/nspawn

lay() { tar -C "$1" --owner="$3" --group="$3" --mode=go-w -c . | tar -C "$2" -x --no-overwrite-dir; }
lay "$stage/z2" root 0
lay "$stage/ct109" root/var/lib/lxc/109/rootfs 100000

export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
boot() {
  (
    # a subshell has the pid of its parent in $$
    sh -c 'echo $PPID >"$1"' join "$group/cgroup.procs"
    exec systemd-nspawn --quiet --settings=no --register=no --keep-unit --boot --directory=root --machine="$name" --hostname=hinata-z2 \
      --capability=all --network-veth --bind=/mnt/disk:/srv/disk --resolv-conf=off --timezone=off --link-journal=no --console=pipe
  )
}
# 133: Z2 wants to reboot
ended=133
while [ $ended = 133 ]; do
  ended=0
  boot || ended=$?
done
exit $ended
