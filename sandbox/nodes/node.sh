#!/bin/bash
# node.sh NUMBER   boots 10.42.0.NUMBER from /run/sandbox/NUMBER/upper and stays until it is dead, then tidies up after it.
# By its own clock the node has been up for UP_FOR seconds then, not for as long as this machine.
set -euo pipefail
number=$1 name=node$1 folder=/run/sandbox/$1 root=/run/sandbox/$1/root
# Whatever ended the node, nothing of it stays.
tidy() {
  ip link delete "veth$number" 2>/dev/null || : # the kernel takes its time after the namespace is gone
  ip netns delete "$name" 2>/dev/null || :
  umount --recursive --lazy "$root" 2>/dev/null || :
  find "/sys/fs/cgroup/$name" -depth -type d -exec rmdir {} + 2>/dev/null || :
  rm -rf "$folder"
}
trap tidy EXIT
ip netns add "$name"
ip link add "veth$number" type veth peer name eth0 netns "$name"
ip link set "veth$number" master br0 up
ip -n "$name" addr add "10.42.0.$number/24" dev eth0
ip -n "$name" link set eth0 up
ip -n "$name" link set lo up
ip -n "$name" route add default via 10.42.0.1
mount -t overlay overlay -o "lowerdir=$SANDBOX_NODE_BASE,upperdir=$folder/upper,workdir=$folder/work,userxattr" "$root"
touch "$root/etc/hosts"
mount --bind /etc/hosts "$root/etc/hosts"
mount -o remount,bind,ro "$root/etc/hosts"
while read -r source target; do
  [ -d "$source" ] && mkdir -p "$root$target" || { mkdir -p "$(dirname "$root$target")" && touch "$root$target"; }
  mount --bind "$source" "$root$target"
  # Flags that the source's mount has are locked in a user namespace: a remount must repeat them.
  mount -o "remount,bind,ro,$(findmnt -nvo VFS-OPTIONS -T "$source" | sed 's/^rw,//')" "$root$target"
done <"$folder/binds"
mkdir "/sys/fs/cgroup/$name"
read -r up _ </proc/uptime
(
  echo $BASHPID >"/sys/fs/cgroup/$name/cgroup.procs"
  exec nsenter --net="/run/netns/$name" unshare --fork --pid --kill-child=KILL --mount --uts --ipc --cgroup \
    --time --boottime "$((UP_FOR - ${up%%.*}))" "$(dirname "$0")/node-init.sh" "$root" "$folder/leader"
)
