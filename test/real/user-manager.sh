#!/bin/sh
# A systemd of a person's own on a machine that was not booted with one: user-manager.sh NAME GROUP. It takes the control
# group that it is started in for its own, and moves what is in there: so it gets one, and must not begin without it.
set -eu
name=$1 group=$2
echo $$ >"$group/cgroup.procs"
old=/sys/fs/cgroup/systemd
if [ -e "$old/cgroup.procs" ]; then
  mkdir -p "$old/$name"
  echo $$ >"$old/$name/cgroup.procs"
fi
grep -q "^0::/.*$name\$" /proc/self/cgroup

# It begins only where this folder says that systemd is there; of this process and its children alone.
mkdir -p /run/systemd
mount -t tmpfs nothing /run/systemd
mkdir /run/systemd/system
exec /usr/lib/systemd/systemd --user
