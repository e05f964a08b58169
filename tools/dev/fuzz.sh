# shellcheck shell=bash
# Fuzzing: libFuzzer on every way in which foreign bytes come into the analyzer (tests/fuzz). What it
# found new is kept in build-fuzz/found, files that break a target in build-fuzz/broken.

fuzz_main() {
    local seconds=60 merge='' target status=0 executed
    local -a targets=() known=(chunks trace commands folder baseline policy words)
    while [[ $# -gt 0 ]]; do
        case $1 in
        --seconds)
            [[ ${2:-} =~ ^[0-9]+$ ]] || die "fuzz: --seconds needs a number"
            seconds=$2
            shift
            ;;
        --seconds=*) seconds=${1#*=} ;;
        --merge) merge=1 ;;
        -*) die "fuzz: unknown option $1 (--seconds N, --merge, TARGET...)" ;;
        *)
            [[ " ${known[*]} " == *" $1 "* ]] || die "fuzz: no target $1 (${known[*]})"
            targets+=("$1")
            ;;
        esac
        shift
    done
    [[ ${#targets[@]} -gt 0 ]] || targets=("${known[@]}")
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_FUZZ[@]}"
    fuzz_build "${known[@]}"
    for target in "${targets[@]}"; do
        if [[ -n $merge ]]; then
            fuzz_merge "$target" "$(fuzz_share "$target")"
            continue
        fi
        say "fuzzing $target for $seconds s"
        if fuzz_run "$target" -max_total_time="$seconds" -print_final_stats=1 \
            "build-fuzz/found/$target" "tests/fuzz/corpus/$target" >"build-fuzz/$target.log" 2>&1; then
            executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$target.log")
            printf '%-10s %12s inputs in %s s, nothing found\n' "$target" "$executed" "$seconds"
        else
            printf '%-10s BROKEN: build-fuzz/broken/, build-fuzz/%s.log\n' "$target" "$target"
            grep -m5 -E '^fuzz: |runtime error|^SUMMARY|^==[0-9]+==ERROR' "build-fuzz/$target.log" || true
            status=1
        fi
    done
    return "$status"
}

# fuzz_build TARGET...
fuzz_build() {
    # The compiler is chosen when a tree is configured, and only then.
    [[ -f build-fuzz/build.ninja ]] ||
        CC=clang meson setup build-fuzz -Dfuzz=true -Dwerror=false --buildtype=debugoptimized \
            -Db_sanitize=address,undefined -Db_lundef=false >&2
    say "building build-fuzz"
    ninja -C build-fuzz "${@/#/tests/fuzz/fuzz_}" >&2
    mkdir -p build-fuzz/broken "${@/#/build-fuzz/found/}"
}

# fuzz_run TARGET LIBFUZZER-ARGUMENT...
fuzz_run() {
    local target=$1
    shift
    ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1} \
        nice -n 10 "build-fuzz/tests/fuzz/fuzz_$target" -max_len=20000 -timeout=20 -rss_limit_mb=2048 \
        -malloc_limit_mb=512 -artifact_prefix="build-fuzz/broken/$target-" "$@"
}

# Of all that was found, what reaches most for its size becomes the corpus to commit. What has a name of its
# own, not one made of its contents, stays: a defect was found with it.
fuzz_merge() {
    local target=$1 bytes=$2 corpus=tests/fuzz/corpus/$1 merged control
    merged=$(mktemp -d)
    control=$merged/control
    mkdir "$merged/all" "$merged/new"
    say "choosing the corpus of $target"
    # Lines reached, not how often: the latter would keep thousands of files.
    fuzz_run "$target" -merge=1 -use_counters=0 -merge_control_file="$control" "$merged/all" "$corpus" \
        "build-fuzz/found/$target" >"build-fuzz/$target.log" 2>&1 || die "fuzz: $target: see build-fuzz/$target.log"
    tools/dev/choose-corpus "$control" "$merged/new" "$bytes"
    find "${corpus:?}" -type f -regextype posix-extended -regex '.*/[0-9a-f]{12}' -delete
    cp "$merged"/new/* "$corpus/"
    rm -rf "${merged:?}"
}

# How much of the corpus, which stays below 300 kB, a target may have.
fuzz_share() {
    case $1 in
    commands) echo 120000 ;;
    trace) echo 60000 ;;
    folder) echo 80000 ;;
    *) echo 14000 ;;
    esac
}
