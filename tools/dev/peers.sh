# shellcheck shell=bash
# Other heap profilers, to measure and compare against. Optional: nothing but comparison needs them.

# Suite and interpreter of each memray; its version is the suite's.
peers_wanted() {
    cat <<'TABLE'
trixie python3.13
forky python3.14
TABLE
}

# Unpacks what is not there yet; prints NAME<TAB>VERSION<TAB>COMMAND for each peer that runs.
peers_fetch() {
    local suite program root reason
    if packages_need heaptrack && command -v heaptrack >/dev/null; then
        printf 'heaptrack\t%s\theaptrack\n' "$(dpkg-query -W -f "\${Version}" heaptrack)"
    fi
    packages_need patchelf || return 0
    while read -r suite program; do
        root=$(suite_cache)/peers-$suite/root
        if ! reason=$(suite_unpack "$suite" "peers-$suite" python3-memray "$program" 2>&1 &&
            suite_adopt "$root" "$root/usr/bin/$program" 2>&1); then
            warn "memray of Debian $suite: ${reason##*$'\n'}"
            continue
        fi
        if reason=$("$root/usr/bin/$program" -m memray --version 2>&1); then
            printf 'memray\t%s\t%s -m memray\n' "$reason" "$root/usr/bin/$program"
        else
            warn "memray of Debian $suite does not run: ${reason##*$'\n'}"
        fi
    done < <(peers_wanted)
}
