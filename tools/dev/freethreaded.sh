# shellcheck shell=bash
# Free-threaded interpreters. Debian packages none, so they are built from Debian's own source
# packages, into $OURO_CACHE/interpreters/free-threaded-3.N.

# freethreaded_build [3.N...] — by default the newest series of which the mirror has the source, unless
# there is one already: each takes minutes.
freethreaded_build() {
    local series
    local -a newest=()
    packages_need build-essential pkg-config patchelf xz-utils zlib1g-dev libssl-dev libffi-dev libbz2-dev \
        liblzma-dev libsqlite3-dev libreadline-dev uuid-dev
    if [[ $# -gt 0 ]]; then
        for series; do freethreaded_build_one "$series" || true; done
        return
    fi
    interpreters_list | grep -q free-threaded && return
    mapfile -t newest < <(interpreters_wanted | awk 'NF == 4 { print $1 }' | sort -rV)
    for series in "${newest[@]}"; do
        freethreaded_build_one "$series" && return
    done
    return 0
}

# freethreaded_build_one 3.N — says itself what went wrong.
freethreaded_build_one() {
    local series=$1 suite conf base prefix source log
    local -a tarballs=()
    suite=$(interpreters_wanted | awk -v series="$series" '$1 == series && NF == 4 { print $3 }')
    [[ -n $suite ]] || {
        warn "free-threaded $series: no suite is known to have its source"
        return 1
    }
    prefix=$(suite_cache)/free-threaded-$series
    [[ -x $prefix/bin/python$series ]] && return
    say "free-threaded $series: fetching its source from Debian $suite"
    suite_update "$suite" || return
    conf=$(suite_configure "$suite") || return
    base=${conf%/*}
    source=$base/source
    log=$base/free-threaded.log
    rm -rf "${source:?}"
    mkdir -p "$source/tree"
    (cd "$source" && apt-get -c "$conf" -q --download-only --only-source source "python$series") >"$log" 2>&1 || {
        warn "free-threaded $series: no source to be had: $(suite_reason "$log")"
        return 1
    }
    tarballs=("$source"/python"$series"_*.orig.tar.?z)
    say "free-threaded $series: building (some minutes; log in $log)"
    (
        tar -xf "${tarballs[0]}" -C "$source/tree" --strip-components=1 && cd "$source/tree" &&
            ./configure --disable-gil --without-ensurepip --prefix="$prefix" CFLAGS=-g1 &&
            nice make -j"$(nproc)" && make install DESTDIR="$source/stage"
    ) >"$log" 2>&1 </dev/null || {
        warn "free-threaded $series: the build failed: $(suite_reason "$log")"
        return 1
    }
    # Appears as a whole or not at all.
    mv "$source/stage$prefix" "$prefix" || return
    interpreters_check "$prefix/bin/python$series" || {
        rm -rf "$prefix"
        return 1
    }
    rm -rf "${source:?}"
}
