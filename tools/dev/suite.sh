# shellcheck shell=bash
# Packages of another Debian suite in a folder of their own.
#
# Owns the private apt configuration and the unpacked roots below $OURO_CACHE/interpreters. It never
# writes to the system's apt lists or dpkg database: every apt call here has its own state, cache and
# sources, and trusts only the keys that the system's own sources trust. Packages are unpacked, not
# installed: no maintainer script runs. The mirror is the one apt is already configured with.

suite_cache() { printf '%s/interpreters' "${OURO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ouro}"; }

# The URI of the Debian archive in apt's configuration. Prefers the source of the suite that runs here;
# without downloaded lists the origin of a source is unknown, so the suite's name has to do.
suite_mirror() {
    local codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    apt-get indextargets --format "\$(RELEASE)|\$(ORIGIN)|\$(LABEL)|\$(REPO_URI)" 'Created-By: Packages' \
        2>/dev/null | awk -F'|' -v codename="$codename" '
            $2 ~ /^\$|^$|^Debian$/ && $3 ~ /^\$|^$|^Debian$/ {
                if ($1 == codename) { best = $4; exit }
                if ($2 == "Debian" && other == "") other = $4
            }
            END { print best != "" ? best : other }'
}

# The keyring that verifies Debian suites; empty when apt's default trust has to do.
suite_keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [[ -r $file ]] && printf '%s' "$file" && return
    done
    return 0
}

# suite_configure SUITE — writes the private apt configuration; prints its path.
suite_configure() {
    local suite=$1 base mirror keyring options
    base=$(suite_cache)/apt/$suite
    mirror=$(suite_mirror)
    [[ -n $mirror ]] || {
        echo "apt is configured with no Debian mirror" >&2
        return 1
    }
    keyring=$(suite_keyring)
    options=${keyring:+[signed-by=$keyring] }
    mkdir -p "$base"/{state/lists/partial,cache/archives/partial,source} || return
    : >"$base/status"
    printf 'deb %s%s %s main\ndeb-src %s%s %s main\n' \
        "$options" "$mirror" "$suite" "$options" "$mirror" "$suite" >"$base/sources.list"
    # Read after the system's files, so that proxies and the like stay in force. Hooks of the system
    # would act on the system's cache, hence cleared. The download user of apt may be unable to enter
    # a home directory, so the caller does the download; signatures are checked all the same.
    cat >"$base/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "$base/state";
Dir::State::status "$base/status";
Dir::State::extended_states "$base/state/extended_states";
Dir::Cache "$base/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::SourceList "$base/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::Log "$base";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
    printf '%s' "$base/apt.conf"
}

# suite_update SUITE — fetches the suite's package lists, unless a run within the last day did.
# On failure: one line on stderr says why.
suite_update() {
    local suite=$1 conf base log
    conf=$(suite_configure "$suite") || return
    base=${conf%/*}
    [[ -n $(find "$base/updated" -mtime -1 2>/dev/null) ]] && return
    log=$base/update.log
    if ! apt-get -c "$conf" -q -o APT::Update::Error-Mode=any update >"$log" 2>&1; then
        if grep -Eq 'NO_PUBKEY|not signed|EXPKEYSIG' "$log"; then
            echo "the signature of suite $suite cannot be verified with this machine's keys" >&2
        else
            echo "the configured mirror gave no suite $suite: $(suite_reason "$log")" >&2
        fi
        return 1
    fi
    touch "$base/updated"
}

# The line of an apt log that says most.
suite_reason() {
    local line
    line=$(grep -m1 '^E:' "$1" || grep -m1 -E '^(W|Err):' "$1" || tail -n1 "$1")
    printf '%s (see %s)' "${line:-no message}" "$1"
}

# suite_unpack SUITE NAME PACKAGE... — the packages and all they depend on, in $cache/NAME/root.
# Nothing is done when they are there already. On failure: one line on stderr.
suite_unpack() {
    local suite=$1 name=$2 conf base root log deb stamp
    shift 2
    root=$(suite_cache)/$name/root
    stamp=$(suite_cache)/$name/packages
    [[ -f $stamp && $(head -n1 "$stamp") == "# $suite $*" ]] && return
    suite_update "$suite" || return
    conf=$(suite_configure "$suite") || return
    base=${conf%/*}
    log=$base/download.log
    rm -rf "$base"/cache/archives/*.deb "${root:?}" "$stamp"
    if ! apt-get -c "$conf" -q --download-only install "$@" >"$log" 2>&1; then
        echo "$* of suite $suite cannot be downloaded: $(suite_reason "$log")" >&2
        return 1
    fi
    # Merged /usr, as the suites themselves have it.
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
    for deb in bin sbin lib lib64; do ln -s "usr/$deb" "$root/$deb"; done
    for deb in "$base"/cache/archives/*.deb; do
        suite_older_libc "$deb" && continue
        dpkg-deb -x "$deb" "$root" || {
            echo "$deb cannot be unpacked" >&2
            return 1
        }
    done
    {
        printf '# %s %s\n' "$suite" "$*"
        for deb in "$base"/cache/archives/*.deb; do basename "$deb" .deb; done
    } >"$stamp.new"
    rm -f "$base"/cache/archives/*.deb
    mv "$stamp.new" "$stamp"
}

# suite_older_libc DEB — is it a C library older than the system's? Then the programs of the suite run
# with the system's, because libraries built here are to be preloaded into them.
suite_older_libc() {
    local version
    [[ ${1##*/} == libc6_* ]] || return
    version=$(dpkg-deb -f "$1" Version)
    dpkg --compare-versions "$version" lt "$(dpkg-query -W -f "\${Version}" libc6 2>/dev/null)"
}

# suite_adopt ROOT PROGRAM — lets a program of an unpacked root run by its plain path: its loader (if
# unpacked) and libraries become those of the root. An RPATH (not RUNPATH) also serves the modules it loads later.
suite_adopt() {
    local root=$1 program=$2 loader libraries directory
    loader=$(patchelf --print-interpreter "$program") || return
    [[ $loader == "$root"* ]] && return
    # What alternatives would link (a BLAS) is in folders of its own.
    for directory in "$root"/usr/lib/*-linux-gnu*{,/blas,/lapack}; do
        [[ -d $directory ]] && libraries+=${libraries:+:}$directory
    done
    if [[ -e $root$loader ]]; then loader=$root$loader; fi
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$program"
}
