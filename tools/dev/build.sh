# shellcheck shell=bash
# Build trees: build (release with debug information) and build-asan (sanitizers), and what starts
# from a finished build without being a test.

# build_tree DIRECTORY MESON-OPTION... — configures when the options changed, then builds.
build_tree() {
    build_configure "$@"
    say "building $1"
    ninja -C "$1" >&2
}

build_configure() {
    local directory=$1 stamp
    shift
    stamp=$directory/.options
    # A tree that was moved holds absolute paths of its old place.
    if [[ -f $stamp && $(head -n1 "$stamp") != "$ROOT" ]]; then rm -rf "$directory"; fi
    if [[ ! -f $directory/build.ninja || ! -f $stamp || $(<"$stamp") != "$ROOT"$'\n'"$*" ]]; then
        say "configuring $directory ($*)"
        if [[ -f $directory/build.ninja ]]; then
            meson configure "$directory" "$@" >&2
        else
            meson setup "$directory" "$@" >&2
        fi
        printf '%s\n%s' "$ROOT" "$*" >"$stamp"
    fi
}

# build_release [BUILDTYPE]
build_release() {
    packages_need "${PACKAGES_BUILD[@]}"
    if [[ ${1:-release} == release ]]; then
        # A release build with debug information; meson has no name for it.
        build_tree build -Doptimization=3 -Ddebug=true -Db_ndebug=true
    else
        build_tree build --buildtype="$1" -Db_ndebug=if-release
    fi
}

# Sanitizers leave symbols open that the program resolves, hence no check of undefined ones.
build_sanitized() {
    packages_need "${PACKAGES_BUILD[@]}"
    build_tree build-asan --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false
}

# build_threads TARGET... — with the thread sanitizer, and only these.
build_threads() {
    build_configure build-tsan --buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false
    say "building build-tsan"
    ninja -C build-tsan "$@" >&2
}

build_main() {
    local type=release sanitize=
    while [[ $# -gt 0 ]]; do
        case $1 in
        --buildtype)
            [[ $# -ge 2 ]] || die "build: --buildtype needs a value"
            type=$2
            shift
            ;;
        --buildtype=*) type=${1#*=} ;;
        --sanitize) sanitize=1 ;;
        *) die "build: unknown option $1 (--buildtype TYPE, --sanitize)" ;;
        esac
        shift
    done
    if [[ -n $sanitize ]]; then
        build_sanitized
        say "ready: build-asan/ouro"
    else
        build_release "$type"
        say "ready: build/ouro"
    fi
}

bench_main() {
    build_release
    if [[ ${1:-} == analyzer ]]; then
        shift
        exec tests/bench/analyzer "$@"
    fi
    exec tests/bench/run "$@"
}

clean_main() {
    case ${1:-} in
    '') ;;
    --all)
        say "removing $(suite_cache) and $(viewers_cache)"
        rm -rf "$(suite_cache)" "$(viewers_cache)"
        ;;
    *) die "clean: unknown option $1 (--all)" ;;
    esac
    say "removing build trees"
    rm -rf build build-asan build-tsan build-fuzz
}
