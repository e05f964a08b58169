# shellcheck shell=bash
# Every test, in the order in which a failure says most: unit tests, unit tests with sanitizers,
# end-to-end tests on each interpreter. All run even when an earlier one failed.

test_passed=0 test_failed=0 test_skipped=0

test_main() {
    local quick='' set=''
    local -a patterns=()
    while [[ $# -gt 0 ]]; do
        case $1 in
        --quick) quick=1 ;;
        --slow | --viewers) set=$1 ;;
        --tsan)
            test_threads
            return
            ;;
        --memcheck)
            shift
            test_memory "$@"
            return
            ;;
        -*) die "test: unknown option $1 (--quick, --slow, --viewers, --tsan, --memcheck, PATTERN...)" ;;
        *) patterns+=("$1") ;;
        esac
        shift
    done
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_TEST[@]}"
    build_release
    if [[ $set == --viewers ]]; then
        quick=1 # the oldest, the distribution's own and the newest interpreter will do
        viewers_install
    fi
    [[ -n $set ]] || test_unit build unit "${patterns[@]}"
    if [[ -z $quick && -z $set ]]; then
        build_sanitized
        test_unit build-asan unit-sanitized "${patterns[@]}"
    fi
    test_end_to_end "$quick" "$set" "${patterns[@]}"
    [[ $((test_passed + test_failed + test_skipped)) -gt 0 ]] || die "no test matches: ${patterns[*]}"
    printf '%d passed, %d failed, %d skipped\n' "$test_passed" "$test_failed" "$test_skipped"
    [[ $test_failed -eq 0 ]]
}

# test_count PASSED FAILED SKIPPED
test_count() {
    test_passed=$((test_passed + $1))
    test_failed=$((test_failed + $2))
    test_skipped=$((test_skipped + $3))
}

# test_unit DIRECTORY LABEL [PATTERN...]
test_unit() {
    local directory=$1 label=$2 log=$1/meson-logs/testlog.json counts pattern
    local -a names=() chosen=()
    shift 2
    if [[ $# -gt 0 ]]; then
        mapfile -t names < <(meson test -C "$directory" --no-rebuild --list 2>/dev/null | sed 's/.* \/ //')
        for pattern; do
            mapfile -t -O "${#chosen[@]}" chosen < <(printf '%s\n' "${names[@]}" | grep -F -- "$pattern")
        done
        [[ ${#chosen[@]} -gt 0 ]] || return 0
    fi
    say "$label tests"
    rm -f "$log"
    # Leaks count too: the analyzer frees what it allocates. A report must not scroll by unseen.
    ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1} \
        UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1} \
        meson test -C "$directory" --no-rebuild --print-errorlogs --timeout-multiplier 3 "${chosen[@]}" >&2 || true
    if [[ ! -s $log ]]; then
        warn "$label tests: nothing ran"
        test_count 0 1 0
        return
    fi
    counts=$(tools/dev/count-tests "$label" "$log")
    # shellcheck disable=SC2086
    test_count $counts
}

# The shim's core with a runtime made up, under the thread sanitizer (tests/stress).
test_threads() {
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_TEST[@]}"
    build_release
    build_threads tests/stress/shim_stress
    tests/stress/run --program build-tsan/tests/stress/shim_stress --ouro build/ouro
}

# test_memory [OPTION...] [SAMPLE...] — samples under valgrind's memcheck (tests/stress/memcheck).
test_memory() {
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_MEMCHECK[@]}"
    build_release
    tests/stress/memcheck --build build "$@"
}

# test_end_to_end QUICK SET [PATTERN...] — SET: --slow, --viewers, or empty for the everyday tests.
test_end_to_end() {
    local quick=$1 set=$2 list=build/interpreters.txt absent=build/interpreters-absent.txt log=build/e2e.log
    local passed failed skipped line status=0
    local -a run=(tests/e2e/run --build "$ROOT/build" --jobs "$(nproc)" --interpreters "$list" ${set:+"$set"})
    shift 2
    say "interpreters"
    # Best effort: what cannot be had is skipped by name. Building a free-threaded interpreter takes
    # minutes, which continuous integration has and somebody who waits has not.
    (interpreters_main ${CI:+--free-threaded}) >/dev/null 2>build/interpreters.log || true
    (interpreters_main --list >"$list.all" 2>"$absent")
    test_choose "$quick" "$list.all" >"$list"
    cut -f1 "$list" | paste -sd' ' >&2
    if [[ $# -gt 0 ]]; then
        [[ -n $("${run[@]}" --list "$@") ]] || return 0
    elif [[ -z $quick ]]; then
        cat "$absent" >>"$list"
    fi
    say "end-to-end tests"
    "${run[@]}" "$@" 2>&1 | tee "$log" >&2 || status=$?
    line=$(tail -n1 "$log")
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]} skipped=${BASH_REMATCH[3]}
        # A runner that fails without naming a failed test must not pass for a success.
        [[ $status -ne 0 && $failed -eq 0 ]] && failed=1
        test_count "$passed" "$failed" "$skipped"
    else
        warn "end-to-end tests ended without a summary (exit code $status)"
        test_count 0 1 0
    fi
}

# test_choose QUICK LIST — all of them, or the oldest, the distribution's own and the newest.
test_choose() {
    if [[ -z $1 ]]; then
        cat "$2"
    else
        awk -F'\t' '$4 !~ /unsupported|free-threaded/ {
                rows[++n] = $0
                if ($3 ~ /^\/usr\/bin\//) own = n
            }
            END { for (i = 1; i <= n; i++) if (i == 1 || i == own || i == n) print rows[i] }' "$2"
    fi
}
