# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages of the test cluster: which ones, whether they are there, how to get them.

# libvirtd itself, not libvirt-daemon-system: every host brings its own configuration and nothing is started at boot.
readonly CLUSTER_PACKAGES=(
  qemu-system-x86 qemu-utils qemu-block-extra
  libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients
  nfs-ganesha nfs-ganesha-vfs rpcbind
  netbase iproute2 cpio gcc libc6-dev procps util-linux openssl
)
readonly POLICY_RC=/usr/sbin/policy-rc.d
readonly POLICY_MARK='written by the ballast test cluster while it installs packages'
# The modules of the guest's kernel package that it needs; they are loaded by the guest's /init in this order.
readonly GUEST_MODULES=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk)

packages_missing() {
  local package
  for package in "${CLUSTER_PACKAGES[@]}"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' || printf '%s\n' "$package"
  done
}

# Debian's postinst scripts ask this file before they start a daemon. A file of the machine's owner is never touched.
policy_rc_write() {
  [ -e "$POLICY_RC" ] && return
  printf '#!/bin/sh\n# %s\nexit 101\n' "$POLICY_MARK" >"$POLICY_RC"
  chmod 755 "$POLICY_RC"
}

policy_rc_remove() {
  if grep -qs "$POLICY_MARK" "$POLICY_RC"; then rm -f "$POLICY_RC"; fi
}

packages_install() {
  local missing
  mapfile -t missing < <(packages_missing)
  [ ${#missing[@]} -gt 0 ] || return 0
  note "installing ${#missing[@]} packages: ${missing[*]}"
  trap policy_rc_remove EXIT
  policy_rc_write
  apt_get update -qq >/dev/null
  apt_get install -yqq --no-install-recommends "${missing[@]}" >/dev/null
  policy_rc_remove
  trap - EXIT
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"; }

# A package's files only, below the folder INTO/root: installing a kernel would build an initramfs and touch the boot
# loader, and other packages exclude what the machine has.
package_fetch() {
  local package=$1 into=$2 new
  note "fetching $package (its files only)"
  new=$(mktemp -d "$into/package.XXXXXX")
  chmod 755 "$into" "$new"
  (cd "$new" && apt_get -o APT::Sandbox::User=root download -qq "$package" >/dev/null) || die "cannot download $package"
  dpkg-deb -x "$new"/*.deb "$into/root"
}

kernel_fetch() {
  local into="$CLUSTER_CACHE/kernel" work
  [ ! -e "$into/vmlinuz" ] || return 0
  work=$(mktemp -d "$CLUSTER_CACHE/kernel.XXXXXX")
  package_fetch "$(kernel_package)" "$work"
  kernel_pick_files "$work/root" "$work/files"
  rm -rf "$into"
  mv "$work/files" "$into"
  rm -rf "$work"
}

kernel_package() {
  local package
  [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt_get update -qq >/dev/null
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2; exit }')
  [ -n "$package" ] || die "no linux-image-cloud-amd64 in this machine's package lists"
  printf '%s\n' "$package"
}

kernel_pick_files() {
  local root=$1 into=$2 module
  mkdir -p "$into"
  for module in "${GUEST_MODULES[@]}"; do
    find "$root/lib/modules" -name "$module.ko" -exec cp {} "$into/" \;
    [ -e "$into/$module.ko" ] || die "the kernel package has no module $module"
  done
  cp "$root"/boot/vmlinuz-* "$into/vmlinuz"
}
