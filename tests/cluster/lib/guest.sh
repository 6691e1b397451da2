# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The guests: what they boot, their disks on the NFS export, their definition, where they run.

readonly GUEST_BUILD=$CLUSTER_CACHE/guest
readonly BEATCHECK=$GUEST_BUILD/beatcheck

# ---- build: kernel + an initramfs of one static program and the virtio modules ---------------------------------------

guest_build_key() { cat "$CLUSTER_LIB"/../guest/*.[ch] "$CLUSTER_CACHE"/kernel/*.ko "$CLUSTER_LIB/guest.sh" | sha256sum; }

# Built into a new folder that then takes the old one's place, so clusters that share the cache do not see half of it.
guest_build() {
  local key new
  key=$(guest_build_key)
  [ "$(cat "$GUEST_BUILD/key" 2>/dev/null)" != "$key" ] || return 0
  new=$(mktemp -d "$CLUSTER_CACHE/guest.XXXXXX")
  guest_compile "$new"
  guest_initramfs "$new" "$new/initrd"
  printf '%s\n' "$key" >"$new/key"
  rm -rf "$GUEST_BUILD"
  mv -T "$new" "$GUEST_BUILD"
}

guest_compile() {
  local source=$CLUSTER_LIB/../guest flags=(-std=gnu11 -O2 -Wall -Wextra -Werror)
  gcc "${flags[@]}" -static -s -o "$1/beat" "$source/beat.c"
  gcc "${flags[@]}" -o "$1/beatcheck" "$source/beatcheck.c"
}

guest_initramfs() {
  local from=$1 into=$2 root=$1/root module number=0
  mkdir -p "$root/dev" "$root/modules"
  cp "$from/beat" "$root/init"
  for module in "${GUEST_MODULES[@]}"; do
    cp "$CLUSTER_CACHE/kernel/$module.ko" "$root/modules/$(printf '%02d' "$number").ko"
    number=$((number + 1))
  done
  (cd "$root" && find . | cpio -o -H newc --quiet) >"$into"
  rm -r "$root"
}

guest_boot_files() {
  cp --update --reflink=auto "$CLUSTER_CACHE/kernel/vmlinuz" "$GUEST_BUILD/initrd" "$1/"
}

# ---- names and definition --------------------------------------------------------------------------------------------

check_guest_name() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || die_usage "guest name '$1' is not 1 to 31 lower-case letters, digits and dashes"
}

guest_image() { printf '%s/%s.img\n' "$EXPORT_DIR" "$1"; }

guest_names() {
  local image
  for image in "$EXPORT_DIR"/*.img; do
    if [ -e "$image" ]; then basename "$image" .img; fi
  done
}

require_guest() { [ -e "$(guest_image "$1")" ] || die "no guest '$1'"; }

check_percent() {
  if ! [[ $1 =~ ^[0-9]{1,3}$ ]] || [ "$1" -gt 100 ]; then die_usage "a load is a whole number from 0 to 100, not '$1'"; fi
}

# Not a multiple of 256 KiB: for such memory QEMU before 9.0 (commit 03bfc2188f) forgets to look at its TLBs when it
# collects the dirty pages of an emulated guest, and a migration arrives without some of the guest's last writes.
# libvirt rounds <memory> to whole MiB, so QEMU is told directly; KVM guests are not concerned.
guest_memory_xml() {
  local kib=$((${GUEST_MEMORY_MIB:-96} * 1024 + 8))
  cat <<END
  <qemu:commandline>
    <qemu:arg value='-object'/><qemu:arg value='memory-backend-ram,id=odd.ram,size=${kib}k'/>
    <qemu:arg value='-machine'/><qemu:arg value='memory-backend=odd.ram'/>
    <qemu:arg value='-m'/><qemu:arg value='${kib}k'/>
  </qemu:commandline>
END
}

# Where QEMU is emulated itself, a boot takes minutes, most of it to translate code: a plain machine has less to set up,
# and what was translated is kept. Four beats a second would take half of the host's CPU, and the clock of the power
# management is too slow to read: each time is a request to QEMU.
guest_machine() { if hosts_are_vms; then echo pc; else echo q35; fi; }
guest_translations_mib() { if hosts_are_vms; then echo 128; else echo 32; fi; }
guest_pace() {
  if hosts_are_vms; then echo clocksource=tsc tsc=reliable BEAT_PERIOD_MS=1000; else echo clocksource=acpi_pm; fi
}

# Hosts that are namespaces share a kernel without an NFS client: there QEMU is the client itself.
guest_disk_xml() {
  if hosts_are_vms; then
    printf "    <disk type='file' device='disk'>\n"
    printf "      <driver name='qemu' type='%s' cache='none'/>\n" "${GUEST_DISK_FORMAT:-raw}"
    printf "      <source file='%s/%s.img'/>\n" "$VMHOST_DISKS" "$1"
  else
    printf "    <disk type='network' device='disk'>\n"
    printf "      <driver name='qemu' type='%s' cache='none'/>\n" "${GUEST_DISK_FORMAT:-raw}"
    printf "      <source protocol='nfs' name='/export/%s.img'>\n" "$1"
    printf "        <host name='%s'/>\n        <identity user='+0' group='+0'/>\n      </source>\n" "$(address_of "$NFS")"
  fi
  printf "      <target dev='vda' bus='virtio'/>\n    </disk>\n"
}

guest_xml() {
  local name=$1
  cat <<END
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>$name</name>
  <uuid>$(uuid_of guest "$name")</uuid>
  <memory unit='MiB'>${GUEST_MEMORY_MIB:-96}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='$(guest_machine)'>hvm</type>
    <kernel>$GUEST_BOOT_DIR/vmlinuz</kernel>
    <initrd>$GUEST_BOOT_DIR/initrd</initrd>
    <cmdline>console=ttyS0 quiet no_timer_check nokaslr mitigations=off audit=0 $(guest_pace) panic=-1</cmdline>
  </os>
  <features><acpi/><apic/><tcg><tb-cache unit='MiB'>$(guest_translations_mib)</tb-cache></tcg></features>
  <cpu mode='custom' match='exact'><model>qemu64</model></cpu>
  <clock offset='utc'><timer name='hpet' present='no'/></clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
$(guest_disk_xml "$name")
    <serial type='file'><source path='/var/log/libvirt/qemu/$name-console.log'/></serial>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
$(guest_memory_xml)
</domain>
END
}

# ---- where they are --------------------------------------------------------------------------------------------------

# "NAME HOST STATE" of every definition on every host that answers; all hosts are asked at once.
guest_rows() {
  local host
  for host in $(hosts); do
    node_alive "$host" || continue # no use in waiting for an answer
    VIRSH_TIMEOUT_S=$(patience_s 10) host_virsh "$host" list --all 2>/dev/null |
      awk -v host="$host" 'NF { name = $2; $1 = $2 = ""; sub(/^ +/, ""); gsub(/ /, "-"); print name, host, $0 }' &
  done | sort -V
}

guest_hosts() { guest_rows | awk -v name="$1" '$1 == name { print $2 }'; }

beat_header() { "$BEATCHECK" --header "$(guest_image "$1")" 2>/dev/null || echo '- - - -'; }

# ---- commands --------------------------------------------------------------------------------------------------------

guest_add() {
  local name=$1 host=$2 load=${3:-0}
  check_guest_name "$name"
  check_percent "$load"
  lock_cluster --shared
  require_up
  require_host "$host"
  # noclobber: of two commands that add the same guest at the same time only one makes the image.
  (set -o noclobber && : >"$(guest_image "$name")") 2>/dev/null || die "guest '$name' exists already"
  guest_disk "$name" "$load"
  guest_start "$name" "$host"
  unlock_cluster
  wait_for "${GUEST_START_TIMEOUT_S:-$(patience_s 120)}" guest_beats_or_gone "$name" || die "guest '$name' was started but does not beat"
  require_guest "$name"
}

# qcow2: with every cluster in its place from the start, so that beatcheck finds the guest's disk in the file.
guest_disk() {
  local image
  image=$(guest_image "$1")
  case ${GUEST_DISK_FORMAT:-raw} in
    raw) ;;
    qcow2) qemu-img create -q -f qcow2 -o preallocation=full "$image" 1M ;;
    *) die_usage "GUEST_DISK_FORMAT is raw or qcow2, not '$GUEST_DISK_FORMAT'" ;;
  esac
  "$BEATCHECK" --format "$2" "$image"
}

guest_start() {
  local name=$1 host=$2 xml
  xml=$(mktemp "$CLUSTER_STATE/guest.XXXXXX")
  guest_xml "$name" >"$xml"
  if ! host_virsh "$host" "define $xml; start $name" >"$xml.log" 2>&1; then
    host_virsh "$host" undefine "$name" >/dev/null 2>&1 || true
    rm -f "$(guest_image "$name")"
    note "$(grep . "$xml.log" || echo 'virsh took too long')"
    rm -f "$xml" "$xml.log"
    die "guest '$name' does not start on $host"
  fi
  rm -f "$xml" "$xml.log"
}

guest_beats_or_gone() {
  local counter
  [ -e "$(guest_image "$1")" ] || return 0
  read -r counter _ <<<"$(beat_header "$1")"
  [[ $counter =~ ^[0-9]+$ ]] && [ "$counter" -ge 2 ]
}

guest_load() {
  local name=$1 load=$2
  check_percent "$load"
  require_up
  require_guest "$name"
  "$BEATCHECK" --set-load "$load" "$(guest_image "$name")"
  wait_for "${GUEST_LOAD_TIMEOUT_S:-$(patience_s 20)}" guest_load_is "$name" "$load" ||
    die "guest '$name' does not beat; it takes the load of $load % up when it runs again"
}

guest_load_is() {
  local load
  read -r _ load _ <<<"$(beat_header "$1")"
  [ "$load" = "$2" ]
}

guest_rm() {
  local name=$1 host
  lock_cluster --shared
  require_up
  require_guest "$name"
  for host in $(guest_hosts "$name"); do
    host_virsh "$host" destroy "$name" >/dev/null 2>&1 || true
    host_virsh "$host" undefine "$name" >/dev/null 2>&1 || true
  done
  for host in $(hosts); do
    if host_virsh "$host" domuuid "$name" >/dev/null 2>&1; then die "guest '$name' cannot be removed from $host"; fi
  done
  rm -f "$(guest_image "$name")"
}

guest_heartbeat() {
  local name=$1
  shift
  require_up
  require_guest "$name"
  exec "$BEATCHECK" "$@" "$(guest_image "$name")"
}
