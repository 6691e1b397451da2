# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The cluster as a whole: up, down, the reaper, status.

# ---- up --------------------------------------------------------------------------------------------------------------

# KIND: what hosts are, "vms" or "" (namespaces, or what they are already).
cluster_up() {
  local count=$1 owner=$2 kind=$3
  lock_cluster --exclusive
  if cluster_is_leftover; then cluster_remove; fi
  prepare_kind "$kind"
  prepare_cache
  prepare_state "$count"
  reaper_start "$owner"
  fabric_up
  nfs_up
  hosts_up
}

# Left by a killed command, a killed owner or a restart of the machine: not worth repairing.
cluster_is_leftover() {
  local owner start
  if [ ! -e "$CLUSTER_STATE/subnet" ]; then
    [ -n "$(netns_all)" ] || [ -e "$CLUSTER_STATE/token" ]
    return
  fi
  netns_exists "$FABRIC" || return 0
  [ -e "$CLUSTER_STATE/owner" ] || return 1
  read -r owner start <"$CLUSTER_STATE/owner"
  ! process_is "$owner" "$start"
}

prepare_kind() {
  if [ -e "$CLUSTER_STATE/token" ]; then
    [ "$1" != vms ] || hosts_are_vms || die "the cluster is up, and its hosts are no virtual machines"
  elif [ "$1" = vms ]; then
    [ -c /dev/net/tun ] || die "this machine has no /dev/net/tun, so no cable for virtual machines"
    mkdir -p "$CLUSTER_STATE"
    touch "$CLUSTER_STATE/vms"
  else
    rm -f "$CLUSTER_STATE/vms"
  fi
}

prepare_cache() {
  mkdir -p "$CLUSTER_CACHE"
  exec 8>"$CLUSTER_CACHE/lock" # the cache is shared by the clusters of a machine
  flock 8
  kernel_fetch
  guest_build
  if hosts_are_vms; then vmhost_fetch; fi
  exec 8>&-
}

prepare_state() {
  local count=$1 number
  mkdir -p "$CLUSTER_STATE/hosts" "$EXPORT_DIR"
  [ -e "$CLUSTER_STATE/token" ] || head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$CLUSTER_STATE/token"
  [ -e "$CLUSTER_STATE/subnet" ] || subnet_choose >"$CLUSTER_STATE/subnet"
  for number in $(seq 1 "$count"); do mkdir -p "$(host_dir "h$number")"; done
  write_hosts_file
  pki_make
  if hosts_are_vms; then vmhost_boot_files; fi
}

# Written in place: the hosts have this very file as their /etc/hosts.
write_hosts_file() {
  local node
  {
    printf '127.0.0.1 localhost\n'
    for node in "$NFS" $(hosts); do printf '%s %s\n' "$(address_of "$node")" "$node"; done
  } >"$CLUSTER_STATE/hosts.txt"
}

# One host alone probes QEMU, if nobody has yet; then all the others at once.
hosts_up() {
  local host pids=() pid first
  first=$(hosts | head -1)
  if [ ! -d "$CLUSTER_CACHE/capabilities" ] && ! hosts_are_vms; then
    host_up "$first"
    host_virsh "$first" capabilities >/dev/null
    capabilities_save "$first"
  fi
  for host in $(hosts); do
    host_up "$host" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || die "not every host came up"; done
  hosts_are_vms || capabilities_save "$first"
}

# ---- down ------------------------------------------------------------------------------------------------------------

cluster_down() {
  lock_cluster --exclusive
  cluster_remove
  reaper_end
  rm -f "$CLUSTER_LOCK"
  unlock_cluster
}

cluster_remove() {
  local tries
  for tries in $(seq 100); do
    [ -n "$(cluster_pids)" ] || break
    cluster_pids | xargs -r kill -KILL 2>/dev/null || true
    sleep 0.05
  done
  [ "$tries" -lt 100 ] || die "some processes of the cluster cannot be killed: $(cluster_pids | tr '\n' ' ')"
  network_down
  reaper_end
  rm -rf --one-file-system "${CLUSTER_STATE:?}"
}

# ---- the reaper: takes the cluster down when its owner is gone, however it ended -------------------------------------

process_start() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null || true; }
process_is() { [ -n "$2" ] && [ "$(process_start "$1")" = "$2" ]; }

reaper_start() {
  local owner=$1
  [ -n "$owner" ] || return 0
  reaper_end
  printf '%s %s\n' "$owner" "$(process_start "$owner")" >"$CLUSTER_STATE/owner"
  setsid "$0" reap </dev/null >/dev/null 2>&1 9>&- &
  printf '%s %s\n' $! "$(process_start $!)" >"$CLUSTER_STATE/reaper"
}

reaper_end() {
  local pid start
  [ -e "$CLUSTER_STATE/reaper" ] || return 0
  read -r pid start <"$CLUSTER_STATE/reaper"
  rm -f "$CLUSTER_STATE/reaper"
  if [ "$pid" != $$ ] && process_is "$pid" "$start"; then kill -KILL "$pid" 2>/dev/null || true; fi
}

cluster_reap() {
  local owner start mine
  read -r owner start <"$CLUSTER_STATE/owner"
  mine=$(token)
  cd /
  while process_is "$owner" "$start"; do sleep 0.5; done
  lock_cluster --exclusive
  # Meanwhile somebody may have taken the cluster down and raised another one.
  [ "$(token 2>/dev/null)" = "$mine" ] || return 0
  cluster_remove
  rm -f "$CLUSTER_LOCK"
}

# ---- status ----------------------------------------------------------------------------------------------------------

# "HOST ADDRESS STATE", all hosts asked at once.
host_rows() {
  local host
  for host in $(hosts); do
    host_row "$host" &
  done | sort -V
}

host_row() {
  local state=running
  if ! node_alive "$1"; then
    state=dead
  elif ! host_answers "$1"; then
    state=no-answer
  fi
  printf '%s %s %s\n' "$1" "$(uri_of "$1")" "$state"
}

# "NAME HOST STATE BEAT LOAD"
guest_status_rows() {
  local name host state counter load
  guest_rows | while read -r name host state; do
    read -r counter load _ <<<"$(beat_header "$name")"
    printf '%s %s %s %s %s\n' "$name" "$host" "$state" "$counter" "$load"
  done
}

cluster_status() {
  require_up
  {
    printf 'HOST URI LIBVIRTD\n'
    host_rows
  } | align
  printf '\n'
  {
    printf 'GUEST HOST STATE BEAT LOAD%%\n'
    guest_status_rows
  } | align
}

cluster_status_json() {
  require_up
  printf '{"hosts": ['
  host_rows | awk '{ printf "%s{\"name\": \"%s\", \"uri\": \"%s\", \"libvirtd\": \"%s\"}", sep, $1, $2, $3; sep = ", " }'
  printf '], "guests": ['
  guest_status_rows | sed 's/ -/ null/g' |
    awk '{ printf "%s{\"name\": \"%s\", \"host\": \"%s\", \"state\": \"%s\", \"beat\": %s, \"load_percent\": %s}", sep, $1, $2, $3, $4, $5; sep = ", " }'
  printf ']}\n'
}

cluster_config() {
  local host
  require_up
  for host in $(hosts); do printf '[[host]]\nname = "%s"\nuri = "%s"\n\n' "$host" "$(uri_of "$host")"; done
}
