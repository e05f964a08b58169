# shellcheck shell=bash
# Free-threaded interpreters. Debian packages none, so they are built from Debian's own source
# packages, into $OURO_CACHE/interpreters/free-threaded-3.N.

# freethreaded_build [3.N...] — by default the newest series only: each takes minutes.
freethreaded_build() {
    local series suite
    [[ $# -gt 0 ]] || set -- "$(interpreters_wanted | awk 'NF == 4 { last = $1 } END { print last }')"
    packages_need build-essential pkg-config patchelf xz-utils zlib1g-dev libssl-dev libffi-dev libbz2-dev \
        liblzma-dev libsqlite3-dev libreadline-dev uuid-dev
    for series; do
        suite=$(interpreters_wanted | awk -v series="$series" '$1 == series && NF == 4 { print $3 }')
        [[ -n $suite ]] || die "interpreters: no source for a free-threaded $series"
        freethreaded_build_one "$series" "$suite" || warn "free-threaded $series could not be built"
    done
}

freethreaded_build_one() {
    local series=$1 suite=$2 conf base prefix source tarball
    prefix=$(suite_cache)/free-threaded-$series
    [[ -x $prefix/bin/python$series ]] && return
    suite_update "$suite" || return
    conf=$(suite_configure "$suite") || return
    base=${conf%/*}
    source=$base/source
    rm -rf "${source:?}"
    mkdir -p "$source"
    say "fetching the source of python$series from Debian $suite"
    (cd "$source" && apt-get -c "$conf" -q --download-only --only-source source "python$series") >&2 || return
    tarball=$(echo "$source"/python"$series"_*.orig.tar.*z)
    mkdir "$source/tree" && tar -xf "$tarball" -C "$source/tree" --strip-components=1 || return
    say "building free-threaded $series (some minutes; log in $source/build.log)"
    (
        cd "$source/tree" || exit
        ./configure --disable-gil --without-ensurepip --prefix="$prefix" CFLAGS=-g1 &&
            nice make -j"$(nproc)" && make install DESTDIR="$source/stage"
    ) >"$source/build.log" 2>&1 </dev/null || {
        tail -n5 "$source/build.log" >&2
        return 1
    }
    # Appears as a whole or not at all; the name without "t" is what a program asks for.
    mv "$source/stage$prefix" "$prefix" || return
    interpreters_check "$prefix/bin/python$series" || {
        rm -rf "$prefix"
        return 1
    }
    rm -rf "${source:?}"
}
