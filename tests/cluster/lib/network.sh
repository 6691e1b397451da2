# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The network: a bridge in a namespace of its own, a cable to every host and to the NFS server, one cable to the machine.

# Not `ip netns list`: it complains about namespaces that others are just making or removing.
netns_exists() { [ "$(stat -f -c %T "/run/netns/$1" 2>/dev/null)" = nsfs ]; }

# This cluster's namespaces, as far as they have names.
netns_all() { find /run/netns -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | grep -E "^$CLUSTER_ID-(fabric|nfs|h[0-9]+)$" || true; }

netns_add() {
  netns_exists "$1" && return
  rm -f "/run/netns/$1" # a name without a namespace, left by a killed command
  ip netns add "$1"
  ip netns exec "$1" bash -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null || true
  ip -n "$1" link set lo up
}

# Another cluster may run on this machine in another chroot or under another id: take a subnet nobody has a route to.
subnet_choose() {
  local start tries candidate
  start=$(printf '%s %s' "$CLUSTER_ID" "$CLUSTER_STATE" | cksum | awk '{ print $1 % 250 }')
  for tries in $(seq 0 249); do
    candidate=$(((start + tries) % 250 + 1))
    if [ -z "$(ip -4 route show root "10.213.$candidate.0/24")" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  die "every subnet of 10.213.0.0/16 is in use on this machine"
}

fabric_up() {
  netns_add "$FABRIC"
  if ! ip -n "$FABRIC" link show br0 >/dev/null 2>&1; then
    ip -n "$FABRIC" link add br0 type bridge stp_state 0 forward_delay 0
    ip -n "$FABRIC" link set br0 up
  fi
  ip link show "$(uplink)" >/dev/null 2>&1 && return
  ip link add "$(uplink)" type veth peer name machine netns "$FABRIC"
  ip -n "$FABRIC" link set machine master br0 up
  ip address add "$(address_of machine)/24" dev "$(uplink)"
  ip link set "$(uplink)" up
}

# The bridge's port is named like the host, so a test can cut or slow one cable.
cable_up() {
  local host=$1 netns
  netns=$(netns_of "$host")
  netns_add "$netns"
  ip -n "$netns" link show eth0 >/dev/null 2>&1 && return
  ip -n "$FABRIC" link delete "$host" 2>/dev/null || true
  ip -n "$FABRIC" link add "$host" type veth peer name eth0 netns "$netns"
  ip -n "$FABRIC" link set "$host" master br0 up
  ip -n "$netns" address add "$(address_of "$host")/24" dev eth0
  ip -n "$netns" link set eth0 up
}

network_down() {
  local netns
  if [ -e "$CLUSTER_STATE/subnet" ]; then ip link delete "$(uplink)" 2>/dev/null || true; fi
  if netns_exists "$FABRIC"; then ip -n "$FABRIC" link delete machine 2>/dev/null || true; fi
  for netns in $(netns_all); do ip netns delete "$netns"; done
}
