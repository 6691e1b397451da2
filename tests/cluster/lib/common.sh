# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # most of these are used in the other files
# Names, places, addresses, locks and messages: everything the other files of the test cluster share.

CLUSTER_ID=${BALLAST_CLUSTER_ID:-bl}
CLUSTER_STATE=${BALLAST_CLUSTER_DIR:-/var/tmp/ballast-cluster-$CLUSTER_ID}
CLUSTER_CACHE=${BALLAST_CLUSTER_CACHE:-/var/cache/ballast-cluster}
readonly CLUSTER_ID CLUSTER_STATE CLUSTER_CACHE
readonly CLUSTER_LOCK=$CLUSTER_STATE.lock
readonly HOSTS_MAX=100
readonly FABRIC=$CLUSTER_ID-fabric # the network namespace of the bridge
readonly NFS=nfs                   # the NFS server is set up like a host, only with other daemons
readonly CLEAN_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

note() { printf 'cluster: %s\n' "$*" >&2; }
die() {
  note "$@"
  exit 1
}
die_usage() {
  note "$@"
  exit 2
}

check_environment() {
  [ "$(id -u)" = 0 ] || die_usage "needs root: it makes network namespaces and mounts"
  [[ $CLUSTER_ID =~ ^[a-z][a-z0-9]{0,5}$ ]] ||
    die_usage "BALLAST_CLUSTER_ID '$CLUSTER_ID' is not up to 6 lower-case letters and digits"
  [[ $CLUSTER_STATE == /*/* ]] || die_usage "BALLAST_CLUSTER_DIR '$CLUSTER_STATE' is not an absolute path below a folder"
}

check_installed() {
  local missing
  mapfile -t missing < <(packages_missing)
  [ ${#missing[@]} -eq 0 ] || die_usage "missing packages (${missing[*]}); run: $0 install"
}

require_up() { [ -e "$CLUSTER_STATE/token" ] || die "the cluster is not up; run: $0 up N"; }

# ---- locks: up and down exclude each other and every change of guests; changes of guests run side by side ------------

# Opens descriptor 9. `down` removes the lock file, so a lock on a removed file is taken again on its successor.
lock_cluster() {
  local mode=$1
  mkdir -p "$(dirname "$CLUSTER_LOCK")"
  while :; do
    exec 9>>"$CLUSTER_LOCK"
    flock "$mode" --timeout 300 9 || die "another command holds $CLUSTER_LOCK for too long"
    [ "$(stat -L -c %i "/proc/$$/fd/9")" != "$(stat -c %i "$CLUSTER_LOCK" 2>/dev/null)" ] || return 0
  done
}

unlock_cluster() { exec 9>&-; }

# ---- names and addresses ---------------------------------------------------------------------------------------------

netns_of() { printf '%s-%s\n' "$CLUSTER_ID" "$1"; }
host_dir() { printf '%s/hosts/%s\n' "$CLUSTER_STATE" "$1"; }
token() { cat "$CLUSTER_STATE/token"; }
subnet() { cat "$CLUSTER_STATE/subnet"; }       # the third byte of 10.213.x.0/24
uplink() { printf '%s-up%s\n' "$CLUSTER_ID" "$(subnet)"; } # the link by which the machine itself reaches the hosts

address_of() {
  local last
  case $1 in
    machine) last=1 ;;
    "$NFS") last=2 ;;
    *) last=$((10 + ${1#h})) ;;
  esac
  printf '10.213.%s.%s\n' "$(subnet)" "$last"
}

uri_of() { printf 'qemu+tcp://%s/system\n' "$(address_of "$1")"; }

# All hosts of the cluster in order of their numbers.
hosts() {
  local dir
  for dir in "$CLUSTER_STATE"/hosts/h*; do
    if [ -d "$dir" ]; then printf '%s\n' "${dir##*/}"; fi
  done | sort -V
}

require_host() {
  if ! [[ $1 =~ ^h[1-9][0-9]*$ ]] || ! [ -d "$(host_dir "$1")" ]; then
    die "no host '$1'; there are: $(hosts | tr '\n' ' ')"
  fi
}

# "vms" is written by the first `up`: whether hosts are virtual machines. Those take several times as long for all.
hosts_are_vms() { [ -e "$CLUSTER_STATE/vms" ]; }
patience_s() { if hosts_are_vms; then echo $(($1 * 5)); else echo "$1"; fi; }

# A UUID that is always the same for the same words.
uuid_of() {
  local sum
  sum=$(printf '%s' "$*" | md5sum)
  printf '%s-%s-4%s-a%s-%s\n' "${sum:0:8}" "${sum:8:4}" "${sum:13:3}" "${sum:17:3}" "${sum:20:12}"
}

# Retries a command every 50 ms until it succeeds or SECONDS are over.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# Columns of words from stdin, aligned.
align() {
  awk '{ for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } fields[NR] = NF }
    END { for (row = 1; row <= NR; row++) { line = ""
      for (i = 1; i <= fields[row]; i++) line = line sprintf("%-" width[i] + 2 "s", cell[row, i])
      sub(/ +$/, "", line); print line } }'
}
