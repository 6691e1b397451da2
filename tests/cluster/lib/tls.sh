# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Certificates for encrypted migrations: an authority of the cluster's own, and one certificate for all of its hosts.

readonly MIGRATION_PKI=/etc/libvirt/migration-pki # on every host
readonly PKI_DAYS=30

# An authority cannot be a server at the same time: QEMU refuses such a certificate.
pki_make() {
  local pki=$CLUSTER_STATE/pki
  [ ! -e "$pki/server-cert.pem" ] || return 0
  mkdir -p "$pki"
  pki_key_and_certificate "$pki" ca-key ca-cert -subj '/CN=ballast test cluster' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
  pki_key_and_certificate "$pki" server-key server-cert -subj "/CN=hosts of $CLUSTER_ID" \
    -CA "$pki/ca-cert.pem" -CAkey "$pki/ca-key.pem" -addext basicConstraints=critical,CA:FALSE \
    -addext "subjectAltName=$(pki_addresses)" -addext extendedKeyUsage=serverAuth,clientAuth
  cp "$pki/server-key.pem" "$pki/client-key.pem"
  cp "$pki/server-cert.pem" "$pki/client-cert.pem"
}

pki_key_and_certificate() {
  local pki=$1 key=$2 certificate=$3
  shift 3
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$PKI_DAYS" \
    -keyout "$pki/$key.pem" -out "$pki/$certificate.pem" "$@" 2>"$pki/openssl.log" ||
    die "openssl makes no certificate; see $pki/openssl.log"
}

# Of as many hosts as there can be: hosts may be added later.
pki_addresses() {
  local number
  for number in $(seq "$HOSTS_MAX"); do printf 'IP:%s,' "$(address_of "h$number")"; done | sed 's/,$//'
}

pki_install() {
  local into
  into=$(host_dir "$1")/root$MIGRATION_PKI
  mkdir -p "$into"
  cp "$CLUSTER_STATE"/pki/{ca-cert,server-cert,server-key,client-cert,client-key}.pem "$into/"
}
