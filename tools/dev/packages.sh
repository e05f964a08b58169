# shellcheck shell=bash
# Distribution packages: which each command needs, and how they get here.
# shellcheck disable=SC2034

PACKAGES_BUILD=(
    build-essential meson ninja-build pkg-config python3
    libjansson-dev libcmocka-dev libunwind-dev libzstd-dev libxxhash-dev libdw-dev libsqlite3-dev
    zlib1g-dev libcurl4-openssl-dev
)
PACKAGES_TEST=(patchelf python3-numpy python3-jsonschema python3-yaml libxml2-utils cmark-gfm)
# Each is wanted on its own: the tests that need one that cannot be had are skipped by name.
PACKAGES_VIEWERS=(golang-go graphviz chromium)
PACKAGES_PACKAGE=(debhelper dpkg-dev lintian git)
PACKAGES_CONFORMANCE=(libpython3-testsuite)
PACKAGES_MEMCHECK=(valgrind)
PACKAGES_FUZZ=(clang libclang-rt-dev)
PACKAGES_LINT=(clang-format clang-tidy shellcheck)

# packages_missing PACKAGE... — those not installed, one a line. One dpkg-query for all: this is run
# by every command.
packages_missing() {
    local package state
    local -A installed=()
    while read -r package state; do
        [[ $state == installed ]] && installed[$package]=1
    done < <(dpkg-query -W -f "\${Package} \${db:Status-Status}\n" "$@" 2>/dev/null)
    for package; do
        [[ -n ${installed[$package]:-} ]] || printf '%s\n' "$package"
    done
}

# packages_need PACKAGE... — installs what is missing. Returns 1 with the missing packages named when
# that is impossible.
packages_need() {
    local -a missing=() root=()
    if ! command -v dpkg-query >/dev/null; then
        warn "not a Debian or Ubuntu system; trusting that the like of these is installed: $*"
        return
    fi
    mapfile -t missing < <(packages_missing "$@")
    [[ ${#missing[@]} -eq 0 ]] && return
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            warn "missing packages: ${missing[*]} (not root and no sudo: install them, then try again)"
            return 1
        fi
        root=(sudo)
    fi
    say "installing ${missing[*]}"
    packages_apt install || {
        # Lists may be stale, or absent on a fresh machine.
        say "refreshing the package lists, then trying again"
        "${root[@]}" apt-get -q update >&2 || true
        packages_apt install || {
            warn "missing packages: ${missing[*]} (apt-get could not install them, see above)"
            return 1
        }
    }
}

# Reads root and missing of its caller.
packages_apt() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$1" "${missing[@]}" >&2
}
