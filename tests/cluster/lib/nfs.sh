# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The NFS server: ganesha in a node of its own. The client is QEMU, by its own NFS driver, or the kernel of a host that
# is a virtual machine.

readonly EXPORT_DIR=$CLUSTER_STATE/export

nfs_config() {
  cat <<END
NFS_CORE_PARAM { Protocols = 3,4; Enable_NLM = false; Enable_RQUOTA = false; mount_path_pseudo = true; }
NFSv4 { Graceless = true; RecoveryBackend = fs; }
EXPORT_DEFAULTS { Attr_Expiration_Time = 0; }
EXPORT {
  Export_Id = 1; Path = $EXPORT_DIR; Pseudo = /export;
  Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  FSAL { Name = VFS; }
}
END
  if hosts_are_vms; then vmhost_export; fi
}

nfs_log() { printf '%s/ganesha-messages.log\n' "$(host_dir "$NFS")"; }

nfs_daemon_alive() { pids_in_netns "$(netns_inode "$(netns_of "$NFS")")" | xargs -r ps -o comm= -p | grep -qx "$1"; }

nfs_answers() { (exec 3<>"/dev/tcp/$(address_of "$NFS")/$1") 2>/dev/null; }

nfs_up() {
  mkdir -p "$EXPORT_DIR"
  cable_up "$NFS"
  node_up "$NFS" /var/lib/nfs /var/log/ganesha
  if ! nfs_daemon_alive rpcbind; then
    node_daemon "$NFS" rpcbind rpcbind -f
    wait_for 10 nfs_answers 111 || die "rpcbind does not come up; see $(host_dir "$NFS")/rpcbind.log"
  fi
  nfs_daemon_alive ganesha.nfsd && return
  rm -f "$(nfs_log)"
  nfs_config >"$(host_dir "$NFS")/ganesha.conf"
  node_enter "$NFS" mkdir -p /run/ganesha /var/lib/nfs/ganesha
  node_daemon "$NFS" ganesha ganesha.nfsd -F -f "$(host_dir "$NFS")/ganesha.conf" -L "$(nfs_log)" \
    -p /run/ganesha/pid -N NIV_WARN
  wait_for 20 nfs_answers 2049 || die "the NFS server does not come up; see $(nfs_log)"
  ! grep -q 'No export entries' "$(nfs_log)" || die "the NFS server exports nothing; see $(nfs_log)"
}
