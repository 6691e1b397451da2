# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A host: a node with its own libvirtd, which listens on TCP without authentication inside the cluster's network. With
# `up --vms` it is a virtual machine instead (vmhost.sh).

readonly HOST_FOLDERS=(/var/lib/libvirt /var/log/libvirt /var/cache/libvirt /etc/libvirt)
readonly GUEST_BOOT_DIR=/var/lib/libvirt/boot # the same path on every host; each host has its own
readonly CAPABILITIES=/var/cache/libvirt/qemu/capabilities

# Keepalive "INTERVAL COUNT": libvirt gives a silent peer up after INTERVAL * (COUNT + 1) seconds.
read -r KEEPALIVE_INTERVAL KEEPALIVE_COUNT <<<"${BALLAST_CLUSTER_KEEPALIVE:-5 5}"

# Another unit of a test may overwrite these files; the next start of this host's libvirtd writes them again.
host_libvirtd_conf() {
  cat <<END
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
listen_addr = "$(address_of "$1")"
host_uuid = "$(uuid_of "$CLUSTER_ID" "$1")"
keepalive_interval = $KEEPALIVE_INTERVAL
keepalive_count = $KEEPALIVE_COUNT
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
END
}

host_qemu_conf() {
  cat <<END
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
remember_owner = 0
dynamic_ownership = 0
user = "root"
group = "root"
keepalive_interval = $KEEPALIVE_INTERVAL
keepalive_count = $KEEPALIVE_COUNT
migration_address = "$(address_of "$1")"
migration_host = "$(address_of "$1")"
migrate_tls_x509_cert_dir = "$MIGRATION_PKI"
migrate_tls_x509_verify = 1
END
}

host_virsh() {
  local host=$1
  shift
  timeout "${VIRSH_TIMEOUT_S:-$(patience_s 60)}" virsh -q -c "$(uri_of "$host")" "$@"
}

host_answers() { VIRSH_TIMEOUT_S=$(patience_s 5) host_virsh "$1" uri >/dev/null 2>&1; }

# Probing QEMU takes a new libvirtd seconds: a host starts with what an earlier one found. libvirtd checks it is current.
capabilities_restore() {
  local into
  into=$(host_dir "$1")/root$CAPABILITIES
  if [ -d "$CLUSTER_CACHE/capabilities" ] && [ ! -d "$into" ]; then
    mkdir -p "$(dirname "$into")"
    cp -a "$CLUSTER_CACHE/capabilities" "$into"
  fi
}

capabilities_save() {
  local from new
  from=$(host_dir "$1")/root$CAPABILITIES
  [ -n "$(ls "$from"/*.xml 2>/dev/null)" ] || return 0
  ! diff -rq "$from" "$CLUSTER_CACHE/capabilities" >/dev/null 2>&1 || return 0
  new=$(mktemp -d "$CLUSTER_CACHE/capabilities.XXXXXX")
  cp -a "$from/." "$new/"
  rm -rf "$CLUSTER_CACHE/capabilities"
  mv -T "$new" "$CLUSTER_CACHE/capabilities" 2>/dev/null || rm -rf "$new"
}

host_files() {
  local host=$1 root
  root=$(host_dir "$host")/root
  mkdir -p "$root/etc/libvirt" "$root$GUEST_BOOT_DIR" "$root/var/log/libvirt/qemu"
  host_libvirtd_conf "$host" >"$root/etc/libvirt/libvirtd.conf"
  host_qemu_conf "$host" >"$root/etc/libvirt/qemu.conf"
  guest_boot_files "$root$GUEST_BOOT_DIR"
  pki_install "$host"
  capabilities_restore "$host"
}

# A host's kernel gives up on an unacknowledged migration stream after about 25 s instead of 15 minutes.
host_tune() { node_enter "$1" bash -c 'echo 6 >/proc/sys/net/ipv4/tcp_retries2'; }

host_up() {
  local host=$1
  mkdir -p "$(host_dir "$host")"
  cable_up "$host"
  if hosts_are_vms; then
    vmhost_up "$host"
    return
  fi
  node_up "$host" "${HOST_FOLDERS[@]}"
  host_answers "$host" && return
  host_libvirtd_end "$host"
  host_files "$host"
  host_tune "$host"
  node_daemon "$host" libvirtd libvirtd --listen --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirtd.pid
  wait_for 60 host_answers "$host" || die "libvirtd of $host does not answer; see $(host_dir "$host")/libvirtd.log"
}

# A libvirtd that hangs (or is stopped) makes room for a new one; its guests go on.
host_libvirtd_end() {
  local pid
  for pid in $(pids_in_netns "$(netns_inode "$(netns_of "$1")")"); do
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = libvirtd ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
}

# ---- power -----------------------------------------------------------------------------------------------------------

host_is_off() { [ -z "$(pids_in_netns "$(netns_inode "$(netns_of "$1")")")" ]; }

# As if its power had been cut: the cable is dead, and so is every process. What ran on it is lost.
host_stop() {
  local host=$1
  lock_cluster --exclusive
  ip -n "$FABRIC" link set "$host" down
  pids_in_netns "$(netns_inode "$(netns_of "$host")")" | xargs -r kill -KILL 2>/dev/null || true
  wait_for 10 host_is_off "$host" || die "some processes of $host cannot be killed"
}

host_start() {
  local host=$1
  lock_cluster --exclusive
  ip -n "$FABRIC" link set "$host" up
  host_up "$host"
}

# Exit code 0: on, 1: off.
host_state() {
  if node_alive "$1"; then echo on; else echo off && return 1; fi
}
