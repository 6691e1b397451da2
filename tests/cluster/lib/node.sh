# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A node is a host or the NFS server: a network namespace plus private mount and UTS namespaces, kept by an idle process
# (the anchor) so that they outlive every daemon in them.

node_mark() { printf 'ballast-cluster:%s:%s\n' "$(token)" "$1"; }

# A process number alone proves nothing, numbers are used again: the anchor's name must fit too.
node_alive() {
  local pid
  pid=$(cat "$(host_dir "$1")/anchor.pid" 2>/dev/null) || return 1
  grep -qsF "$(node_mark "$1")" "/proc/$pid/cmdline"
}

node_anchor() {
  node_alive "$1" || die "$1 is dead; repair with: $0 up"
  cat "$(host_dir "$1")/anchor.pid"
}

# --root: entering a mount namespace alone would leave a chroot.
readonly NODE_NAMESPACES=(--net --mount --uts --root --wd)

node_enter() {
  local node=$1 pid
  shift
  pid=$(node_anchor "$node")
  nsenter --target "$pid" "${NODE_NAMESPACES[@]}" -- "$@"
}

# Starts a daemon in a node with a clean environment and without our descriptors; its output goes to NODE/NAME.log.
node_daemon() {
  local node=$1 name=$2 pid
  shift 2
  pid=$(node_anchor "$node")
  nsenter --target "$pid" "${NODE_NAMESPACES[@]}" -- setsid env -i PATH="$CLEAN_PATH" HOME=/root LANG=C.UTF-8 "$@" \
    </dev/null >>"$(host_dir "$node")/$name.log" 2>&1 9>&- &
}

node_up() {
  local node=$1 dir
  shift
  node_alive "$node" && return
  dir=$(host_dir "$node")
  mkdir -p "$dir"
  rm -f "$dir/anchor.pid"
  node_anchor_again "$node" && return
  ip netns exec "$(netns_of "$node")" setsid unshare --uts "$CLUSTER_LIB/node-init" "$node" "$dir" "$(node_mark "$node")" "$@" \
    </dev/null >"$dir/node-init.log" 2>&1 9>&- &
  wait_for 10 node_alive "$node" || die "$node does not come up: $(tail -1 "$dir/node-init.log")"
}

# The anchor was killed but something still runs in the node (guests!): anchor the namespaces of that process.
node_anchor_again() {
  local node=$1 pid
  pid=$(pids_in_netns "$(netns_inode "$(netns_of "$node")")" | head -1)
  [ -n "$pid" ] || return 1
  # shellcheck disable=SC2016 # the inner bash expands these
  nsenter --target "$pid" "${NODE_NAMESPACES[@]}" -- setsid bash -c 'cd /; echo $$ >"$1"; exec -a "$2" sleep infinity' \
    anchor "$(host_dir "$node")/anchor.pid" "$(node_mark "$node")" </dev/null >/dev/null 2>&1 9>&- &
  wait_for 10 node_alive "$node"
}

# ---- processes, found by the network namespace they are in -----------------------------------------------------------

netns_inode() { stat -L -c %i "/run/netns/$1" 2>/dev/null || true; }

# Reads all processes at once: "PID INODE".
process_netns() {
  find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -printf '%P %l\n' 2>/dev/null |
    sed -nE 's#^([0-9]+)/ns/net net:\[([0-9]+)\]$#\1 \2#p' || true
}

pids_in_netns() { if [ -n "$1" ]; then process_netns | awk -v inode="$1" '$2 == inode { print $1 }'; fi; }

# This cluster's network namespaces: the named ones, and those of its anchors if the names are gone. Never our own.
cluster_netns_inodes() {
  local netns pid
  {
    for netns in $(netns_all); do netns_inode "$netns"; done
    if [ -e "$CLUSTER_STATE/token" ]; then
      grep -lsF "ballast-cluster:$(token):" /proc/[0-9]*/cmdline | cut -d/ -f3 | while read -r pid; do
        readlink "/proc/$pid/ns/net" | tr -dc '0-9\n'
      done
    fi
  } | grep -vx "$(readlink /proc/self/ns/net | tr -dc '0-9')" | sort -u || true
}

cluster_pids() {
  local inodes
  inodes=$(cluster_netns_inodes)
  [ -z "$inodes" ] || process_netns | awk 'NR == FNR { ours[$1] = 1; next } $2 in ours { print $1 }' <(printf '%s\n' "$inodes") -
}
