# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A host that is a virtual machine (`up --vms`): QEMU (TCG) with a kernel of its own, so that guests' disks are files on
# that kernel's NFS mount. Its root is an initramfs, its /usr the machine's, read-only by NFS. QEMU runs in the host's
# network namespace and is its anchor (node.sh); a bridge there joins its network card to the host's cable.

readonly VMHOST_CACHE=$CLUSTER_CACHE/vmhost # what is fetched: vmlinuz, busybox, modules/
readonly VMHOST_DISKS=/nfsdata              # where a host has mounted the export
readonly VMHOST_POOL=nfsdata
readonly VMHOST_MEMORY_MIB=${BALLAST_CLUSTER_VM_MIB:-1500}
readonly VMHOST_BOOT_TIMEOUT_S=300
readonly VMHOST_REPORT_PORT=7
readonly VMHOST_MODULES=(virtio_pci virtio_net nfsv3 nfsv4)
# What libvirtd and QEMU read of the machine's /etc. Not the whole of it: that has secrets.
readonly VMHOST_ETC=(ld.so.cache nsswitch.conf protocols services passwd group alternatives)

# ---- kernel, modules, busybox ----------------------------------------------------------------------------------------

vmhost_fetch() {
  local work
  [ ! -e "$VMHOST_CACHE/vmlinuz" ] || return 0
  work=$(mktemp -d "$CLUSTER_CACHE/vmhost.XXXXXX")
  package_fetch "$(kernel_package)" "$work"
  package_fetch busybox-static "$work"
  mkdir -p "$work/files/modules"
  cp "$work"/root/boot/vmlinuz-* "$work/files/vmlinuz"
  cp "$work/root/bin/busybox" "$work/files/"
  vmhost_pick_modules "$work/root" "$work/files/modules"
  rm -rf "$VMHOST_CACHE"
  mv "$work/files" "$VMHOST_CACHE"
  rm -rf "$work"
}

# With numbers before their names, by which the host's init loads them in order.
vmhost_pick_modules() {
  local root=$1 into=$2 module file number=0
  for module in $(vmhost_modules_in_order "$root" "${VMHOST_MODULES[@]}"); do
    file=$(vmhost_module_file "$root" "$module")
    [ -n "$file" ] || die "the kernel package has no module $module"
    cp "$file" "$into/$(printf '%02d' "$number")-$module.ko"
    number=$((number + 1))
  done
}

vmhost_module_file() { find "$1/lib/modules" -name "$2.ko" -o -name "${2//_/-}.ko" | head -1; }

# Modules and what they need, needs first. virtio_pci finds its devices only through its own needs, so all are listed.
vmhost_modules_in_order() {
  local root=$1 module
  shift
  for module in "$@"; do
    # shellcheck disable=SC2046 # names of modules have no spaces
    vmhost_modules_in_order "$root" $(vmhost_module_needs "$root" "$module")
    printf '%s\n' "$module"
  done | awk '!seen[$0]++'
}

vmhost_module_needs() {
  tr '\0' '\n' <"$(vmhost_module_file "$1" "$2")" | sed -n 's/^depends=//p' | tr ',' '\n'
}

# ---- the host's root folder ------------------------------------------------------------------------------------------

# Says to the init which host it is.
vmhost_identity() {
  printf 'name=%s\naddress=%s\nnfs=%s\ndisks=%s\nreport_port=%s\n' \
    "$1" "$(address_of "$1")" "$(address_of "$NFS")" "$VMHOST_DISKS" "$VMHOST_REPORT_PORT"
}

vmhost_root() {
  local host=$1 root file link
  root=$(host_dir "$host")/root
  mkdir -p "$root/etc/libvirt" "$root/modules"
  for file in "${VMHOST_ETC[@]}"; do cp -a "/etc/$file" "$root/etc/"; done
  printf 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n' >>"$root/etc/passwd"
  printf 'libvirt-qemu:x:64055:\n' >>"$root/etc/group"
  cp "$CLUSTER_STATE/hosts.txt" "$root/etc/hosts"
  printf '%s\n' "$host" >"$root/etc/hostname"
  ln -sfn /proc/self/mounts "$root/etc/mtab"
  vmhost_identity "$host" >"$root/etc/ballast-host"
  host_libvirtd_conf "$host" | sed 's/^log_outputs = .*/log_outputs = "3:stderr"/' >"$root/etc/libvirt/libvirtd.conf"
  {
    host_qemu_conf "$host"
    printf 'seccomp_sandbox = 0\n' # each of its rules would be emulated in each call of the kernel
  } >"$root/etc/libvirt/qemu.conf"
  pki_install "$host"
  for link in bin sbin lib lib64; do ln -sfn "usr/$link" "$root/$link"; done
  cp "$VMHOST_CACHE"/modules/*.ko "$root/modules/"
  cp "$VMHOST_CACHE/busybox" "$CLUSTER_LIB/vmhost-report" "$root/"
  cp "$CLUSTER_LIB/vmhost-init" "$root/init"
}

vmhost_initramfs() { (cd "$(host_dir "$1")/root" && find . | cpio -o -H newc --quiet) >"$(host_dir "$1")/initrd"; }

# ---- power -----------------------------------------------------------------------------------------------------------

vmhost_cable() {
  local netns
  netns=$(netns_of "$1")
  ip -n "$netns" link show tap0 >/dev/null 2>&1 && return
  ip -n "$netns" address flush dev eth0
  ip -n "$netns" link add br0 type bridge stp_state 0 forward_delay 0
  ip -n "$netns" tuntap add dev tap0 mode tap
  ip -n "$netns" link set br0 up
  ip -n "$netns" link set eth0 master br0
  ip -n "$netns" link set tap0 master br0 up
}

# It goes before what else this machine does: with too little of a core it would be busy with its timer only.
vmhost_switch_on() {
  local host=$1 dir mac
  dir=$(host_dir "$host")
  mac=$(printf '52:54:00:b1:%02x:%02x' "$(subnet)" "${host#h}")
  rm -f "$dir/console.log"
  ip netns exec "$(netns_of "$host")" setsid nice -n -10 qemu-system-x86_64 -name "$(node_mark "$host")" \
    -machine q35 -accel tcg,tb-size=512 -cpu max,la57=off,smap=off,smep=off,pku=off,erms=off,fsrm=off -smp 1 -m "$VMHOST_MEMORY_MIB" \
    -nodefaults -no-user-config -no-reboot -display none -serial "file:$dir/console.log" \
    -kernel "$VMHOST_CACHE/vmlinuz" -initrd "$dir/initrd" \
    -append 'console=ttyS0 quiet no_timer_check nokaslr mitigations=off audit=0 transparent_hugepage=never panic=-1' \
    -netdev tap,id=net,ifname=tap0,script=no,downscript=no -device "virtio-net-pci,netdev=net,mac=$mac,romfile=" \
    </dev/null >"$dir/qemu.log" 2>&1 9>&- &
  printf '%s\n' $! >"$dir/anchor.pid"
  wait_for 10 node_alive "$host" || die "QEMU of $host does not start: $(tail -1 "$dir/qemu.log")"
}

vmhost_up() {
  local host=$1
  if ! node_alive "$host"; then
    vmhost_cable "$host"
    vmhost_root "$host"
    vmhost_initramfs "$host"
    vmhost_switch_on "$host"
  fi
  wait_for "$VMHOST_BOOT_TIMEOUT_S" vmhost_answers_or_is_off "$host" || die "$host does not boot; $(vmhost_last_words "$host")"
  node_alive "$host" || die "$host has switched itself off; $(vmhost_last_words "$host")"
  vmhost_pool "$host"
  host_virsh "$host" capabilities >/dev/null || die "$host does not say what it can" # probes QEMU: the first answer is slow
}

vmhost_answers_or_is_off() { ! node_alive "$1" || host_answers "$1"; }

vmhost_last_words() {
  printf 'its last words: %s\n' "$(tail -qn 3 "$(host_dir "$1")"/{qemu,console}.log 2>/dev/null | tr -s '\r\n' ' ')"
}

# Guests' kernel and initramfs, at GUEST_BOOT_DIR through a link.
vmhost_boot_files() {
  mkdir -p "$EXPORT_DIR/boot"
  guest_boot_files "$EXPORT_DIR/boot"
}

# ---- storage ---------------------------------------------------------------------------------------------------------

# The machine's programs for the hosts, read-only and for no other address. Hosts may be added later.
vmhost_export() {
  local clients number
  clients=$(for number in $(seq "$HOSTS_MAX"); do address_of "h$number"; done | paste -sd, -)
  cat <<END
EXPORT {
  Export_Id = 2; Path = /usr; Pseudo = /usr;
  Access_Type = None; Squash = No_Root_Squash; SecType = sys; Protocols = 3;
  CLIENT { Clients = $clients; Access_Type = RO; }
  FSAL { Name = VFS; }
}
END
}

# libvirt is told what the host has mounted: thereby Ballast sees that a path is the same file everywhere, and is locked.
# Where the mount is another one than this, the pool does not start.
vmhost_pool() {
  local host=$1 xml
  xml=$(host_dir "$host")/pool.xml
  ! host_virsh "$host" pool-info "$VMHOST_POOL" >/dev/null 2>&1 || return 0
  cat >"$xml" <<END
<pool type='netfs'>
  <name>$VMHOST_POOL</name>
  <source><host name='$(address_of "$NFS")'/><dir path='/export'/><format type='nfs'/><protocol ver='4'/></source>
  <target><path>$VMHOST_DISKS</path></target>
</pool>
END
  host_virsh "$host" pool-create "$xml" >"$xml.log" 2>&1 || die "the storage pool of $host does not start: $(tail -1 "$xml.log")"
}

# ---- what it says of itself ------------------------------------------------------------------------------------------

vmhost_report() {
  hosts_are_vms || die "$1 is no virtual machine; see: $0 exec $1"
  (exec 3<>"/dev/tcp/$(address_of "$1")/$VMHOST_REPORT_PORT" && cat <&3) || die "$1 does not report"
}
