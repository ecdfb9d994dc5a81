#!/usr/bin/env bash
# Installs the programs of others that the tests run against, as Debian packages: a distribution
# registry, skopeo, a Docker engine, AWS's client, GnuPG, age, readers of zips, OpenSSL, Go. Does
# nothing when all are there.
set -euo pipefail

missing=()
command -v docker-registry >/dev/null || missing+=(docker-registry)
command -v skopeo >/dev/null || missing+=(skopeo)
command -v dockerd >/dev/null || missing+=(docker.io)
command -v aws >/dev/null || missing+=(awscli)
command -v gpg >/dev/null || missing+=(gnupg)
command -v age >/dev/null || missing+=(age)
command -v unzip >/dev/null || missing+=(unzip)
command -v python3 >/dev/null || missing+=(python3)
command -v openssl >/dev/null || missing+=(openssl)
command -v go >/dev/null || missing+=(golang-go)
[ ${#missing[@]} -gt 0 ] || exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Installing a server must not start one: the tests start their own, on loopback.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get install -y -qq --no-install-recommends "${missing[@]}"
