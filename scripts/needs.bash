# shellcheck shell=bash
# For the scripts beside this file: installs what is missing, with Debian's packages.

# need PACKAGE: installs it unless it is there.
need() {
  if dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' || provided "$1"; then
    printf '%s: present\n' "$1"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    printf 'Please install %s by hand: this machine has no apt-get.\n' "$1" >&2
    return 1
  fi
  # In a shell of its own, whose traps tidy up whatever happens.
  (install_package "$1") || {
    printf 'apt-get could not install %s; its message stands above.\n' "$1" >&2
    return 1
  }
}

install_package() {
  local as_root=() policy=/usr/sbin/policy-rc.d
  if ((EUID != 0)); then as_root=(sudo); fi
  # Debian would start the service of redis-server. Fenliu starts a server of its own, so services are kept
  # from starting while this package is installed.
  if [[ $1 == redis-server && ! -e $policy ]]; then
    # shellcheck disable=SC2064 # these values, not those at the end
    trap "${as_root[*]} rm -f $policy" EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  local command=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install --no-install-recommends -y -qq "$1")
  printf '%s: missing, so: %s\n' "$1" "${command[*]}"
  # A machine that has never looked for packages has to do that first.
  "${command[@]}" || { "${as_root[@]}" apt-get update -qq && "${command[@]}"; }
}

# provided PACKAGE: whether what the package brings is there from elsewhere.
provided() {
  case $1 in
    redis-server | shellcheck | openssl) command -v "$1" >/dev/null ;;
    libhiredis-dev) [[ -e /usr/local/include/hiredis/hiredis.h ]] ;;
    libssl-dev) [[ -e /usr/local/include/openssl/ssl.h ]] ;;
    *) return 1 ;;
  esac
}

need_swift() {
  if ! command -v swift >/dev/null; then
    printf 'Swift 6.2 or newer is missing: see https://www.swift.org/install/linux/\n' >&2
    return 1
  fi
  swift --version 2>/dev/null | head -n 1
}
