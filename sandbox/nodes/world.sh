#!/bin/bash
# world.sh IMAGE FOLDER NODE COMMAND…   in a fresh user namespace as its root: unpacks the nodes' IMAGE into FOLDER once,
# makes the other namespaces and runs COMMAND there as "the host" 10.42.0.1. When the outermost process dies, by any
# signal, the kernel removes all of it: --kill-child here and --pdeathsig in enter.ts chain every process to it.
set -euo pipefail
self=$(readlink -f "$0")
here=$(dirname "$self")
cannot() { echo "Systemd nodes cannot run here: $*" >&2; exit 77; }

if [ "$1" != --inside ]; then
  # The cgroup namespace starts at the cgroup we are in; we step one down, for a cgroup with processes takes no controllers.
  cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)$(sed -n 's/^0:://p' /proc/self/cgroup)
  mkdir -p "$cgroup/host" || cannot "cgroup $cgroup is not ours to divide. Start from a login session with systemd, or as root."
  SANDBOX_NODE_BASE=$2/$(basename "$1" .tar.zst)
  if [ ! -e "$SANDBOX_NODE_BASE/.whole" ]; then
    draft=$(mktemp -d "$2/draft-XXXXXX")
    chmod 755 "$draft"
    # Unpacked in here, so that the owners are the world's mapped ids.
    tar --numeric-owner -I zstd -xf "$1" -C "$draft" --exclude='./dev/*'
    touch "$draft/.whole"
    mv -T "$draft" "$SANDBOX_NODE_BASE" 2>/dev/null || rm -rf "$draft"
  fi
  export SANDBOX_NODE_BASE
  shift 2
  # shellcheck disable=SC2016
  exec unshare --cgroup bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cgroup/host" \
    unshare --fork --pid --kill-child=KILL --mount --propagation private --mount-proc \
    --net --uts --ipc "$self" --inside "$@"
fi

# From here on we are PID 1 of the world.
node=$2
shift 2
hostname world
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys 2>/dev/null ||
  cannot "a fresh /sys is refused, as inside a container. Run on the machine itself or in a virtual machine."
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || :
done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sandbox/nodes /run/home /run/netns
mkdir -m 1777 /run/tmp
printf '127.0.0.1 localhost\n10.42.0.1 world\n' >/run/sandbox/hosts
mount --bind /run/sandbox/hosts /etc/hosts
ip link set lo up
ip link add br0 type bridge
ip addr add 10.42.0.1/24 dev br0
ip addr add 169.254.169.254/32 dev br0
ip link set br0 up
exec {imds}< <(exec setsid "$node" "$here/imds/main.ts") # out of reach of the terminal's Ctrl-C
read -r _ <&"$imds" # it says when it listens
export HOME=/run/home TMPDIR=/run/tmp
unset XDG_CACHE_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
code=0
"$@" {imds}<&- || code=$?
exit $code
