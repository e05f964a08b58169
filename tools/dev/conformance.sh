# shellcheck shell=bash
# CPython's own test suite, plain and recorded, on every interpreter there is.

conformance_main() {
    local list=build/interpreters.txt
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_CONFORMANCE[@]}"
    build_release
    say "interpreters"
    (interpreters_main) >/dev/null 2>build/interpreters.log || true
    (interpreters_main --list >"$list" 2>/dev/null) || true
    exec tests/conformance/run --build "$ROOT/build" --interpreters "$list" "$@"
}
