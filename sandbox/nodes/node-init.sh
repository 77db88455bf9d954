#!/bin/bash
# node-init.sh ROOT LEADER   PID 1 of a node: writes its process id as the world sees it into the file LEADER, makes ROOT
# a machine's file system and becomes systemd.
set -euo pipefail
read -r pid _ </proc/self/stat # this /proc is still the world's
mount --make-rprivate /
mount --rbind "$1" "$1"
cd "$1"
mkdir -p proc sys dev run tmp
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755,nosuid tmpfs dev
mkdir dev/pts dev/shm
for device in null zero full random urandom tty; do
  touch dev/$device
  mount --bind /dev/$device dev/$device
done
# systemd takes the console's ownership; of the bound null device it cannot (user namespace), so this harms nothing.
touch dev/console
mount --bind /dev/null dev/console
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
# sysctls belong to the kernel below, except the node's own network.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
hostname "$(cat etc/hostname)"
echo "$pid" >"$2.draft"
mv "$2.draft" "$2"
mkdir -p .world
pivot_root . .world
cd /
umount -l /.world
rmdir /.world 2>/dev/null || :
exec env -i container=sandbox PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
