# shellcheck shell=bash
# The test interpreters: which there are, and how those come here that this machine's suite lacks.
#
# Owns the list (ID, version, path, kind), the table of wanted versions, and the folder
# $OURO_CACHE/interpreters through suite.sh.

# What the matrix covers, and where it can come from: when no interpreter of at least the minimum
# version is found, that package of that suite is fetched. No Debian suite had 3.8, 3.10 or 3.12.
interpreters_wanted() {
    cat <<'TABLE'
3.8
3.9 3.9.0 bullseye python3.9
3.10
3.11
3.12
3.13 3.13.5 trixie python3.13
3.14 3.14.0 forky python3.14
3.15 3.15.0 forky python3.15
TABLE
}

# Run by each candidate: version, kind, and the executable that really runs (a shim or a virtual
# environment may have led there). Also understood by Python 2.7, which has to be refused by name.
# shellcheck disable=SC2016
INTERPRETERS_PROBE='
import sys, posix, re
if getattr(sys, "implementation", None) is None or sys.implementation.name == "cpython":
    maps = open("/proc/self/maps").read()
    kind = ["shared" if re.search(r"/libpython[^/\n]*\.so", maps) else "static"]
    if "t" in getattr(sys, "abiflags", ""): kind.append("free-threaded")
    if hasattr(sys, "gettotalrefcount"): kind.append("debug")
    if sys.version_info < (3, 8): kind.append("unsupported")
    print("\t".join([sys.version.split()[0].rstrip("+"), posix.readlink("/proc/self/exe"), ",".join(kind)]))
'

# Paths of all candidates, each real file once, best known name first.
interpreters_candidates() {
    local directory file magic
    local -a found=() path=()
    IFS=: read -r -a path <<<"$PATH"
    for directory in /usr/bin "${path[@]}"; do
        [[ $directory == */shims ]] && continue
        found+=("$directory"/python3 "$directory"/python3.[0-9]*)
    done
    for directory in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*; do
        found+=("$directory"/bin/python "$directory"/bin/python3)
    done
    found+=("$(suite_cache)"/*/root/usr/bin/python3.[0-9]* "$(suite_cache)"/free-threaded*/bin/python3.[0-9]*)
    for file in "${found[@]}"; do
        [[ -x $file && ! -d $file && $file != *-config ]] || continue
        LC_ALL=C read -r -N4 magic <"$file" 2>/dev/null
        [[ $magic == $'\x7fELF' ]] && printf '%s\0' "$file"
    done | xargs -0r stat -L -c '%d:%i:%n' | awk -F: '!seen[$1 ":" $2]++' | cut -d: -f3-
}

# ID<TAB>VERSION<TAB>PATH<TAB>KIND of every interpreter that runs, oldest first.
interpreters_list() {
    local file line version path kind
    while IFS= read -r file; do
        [[ $file == "$(suite_cache)"/peers*/* ]] && continue
        line=$("$file" -E -s -S -c "$INTERPRETERS_PROBE" 2>/dev/null </dev/null) || continue
        IFS=$'\t' read -r version path kind <<<"$line"
        [[ -n $version ]] && printf '%s\t%s\t%s\n' "$version" "$path" "$kind"
    done < <(interpreters_candidates) | sort -s -t$'\t' -k1,1V | awk -F'\t' -v OFS='\t' '
        seen[$2]++ { next }
        {
            id = $1 ($3 ~ /free-threaded/ ? "t" : "") ($3 ~ /debug/ ? "d" : "")
            if (id in ids) {
                split($3, word, ",")
                id = id "-" word[1]
                for (n = 2; id in ids; n++) sub(/(-[0-9]+)?$/, "-" n, id)
            }
            ids[id]
            print id, $1, $2, $3
        }'
}

# interpreters_absent LIST — MISSING<TAB>VERSION<TAB>reason for each version of the matrix not in LIST.
interpreters_absent() {
    local list=$1 minor minimum suite package reason
    while read -r minor minimum suite package; do
        interpreters_have "$list" "$minor" "${minimum:-$minor.0}" && continue
        reason="none on PATH or in pyenv"
        if [[ -n $package ]]; then
            reason="not fetched yet: ./dev interpreters"
            [[ -f $(suite_cache)/$suite/failed ]] && reason=$(<"$(suite_cache)/$suite/failed")
        fi
        printf 'MISSING\t%s\t%s\n' "$minor" "$reason"
    done < <(interpreters_wanted)
    if ! grep -q 'free-threaded' <<<"$list"; then
        printf 'MISSING\tfree-threaded\tnone on PATH or in pyenv, not packaged: %s\n' \
            "./dev interpreters --free-threaded builds one"
    fi
}

# interpreters_have LIST MINOR MINIMUM — is there a plain build of that series, at least MINIMUM?
interpreters_have() {
    local list=$1 minor=$2 minimum=$3 version kind
    while IFS=$'\t' read -r _ version _ kind; do
        [[ $version == "$minor".* && $kind != *free-threaded* ]] || continue
        [[ $(printf '%s\n%s\n' "$minimum" "$version" | sort -V | head -n1) == "$minimum" ]] && return
    done <<<"$list"
    return 1
}

# Fetches what the matrix lacks. Never fails: what could not be had is remembered and listed.
interpreters_fetch() {
    local list=$1 suite minor minimum from package reason
    local -a programs
    local -A suites=()
    while read -r minor minimum from package; do
        [[ -n $package ]] || continue
        interpreters_have "$list" "$minor" "$minimum" || suites[$from]=1
    done < <(interpreters_wanted)
    for suite in "${!suites[@]}"; do
        programs=()
        while read -r minor minimum from package; do
            [[ $from == "$suite" ]] && programs+=("$package")
        done < <(interpreters_wanted)
        say "fetching ${programs[*]} of Debian $suite into $(suite_cache)/$suite (system untouched)"
        rm -f "$(suite_cache)/$suite/failed"
        mkdir -p "$(suite_cache)/$suite"
        if reason=$(interpreters_fetch_suite "$suite" "${programs[@]}" 2>&1 >/dev/null); then
            continue
        fi
        reason=${reason##*$'\n'}
        printf '%s\n' "${reason:-unpacking failed}" >"$(suite_cache)/$suite/failed"
        warn "$reason"
    done
}

# interpreters_fetch_suite SUITE PROGRAM... — on failure the last line on stderr is the reason.
interpreters_fetch_suite() {
    local suite=$1 root program
    local -a packages=()
    shift
    # The test suite brings _testcapi and the standard library's own tests; the headers are for the
    # sample extension. numpy, for those of the suite's interpreters that it is built for, is not
    # worth to go without them when the suite has none just now.
    for program; do packages+=("$program" "lib$program-testsuite" "lib$program-dev"); done
    packages_need patchelf || {
        echo "patchelf is missing" >&2
        return 1
    }
    suite_unpack "$suite" "$suite" "${packages[@]}" python3-numpy ||
        suite_unpack "$suite" "$suite" "${packages[@]}" || return
    root=$(suite_cache)/$suite/root
    for program; do
        suite_adopt "$root" "$root/usr/bin/$program" || return
        interpreters_check "$root/usr/bin/$program" || return
    done
}

# interpreters_check PYTHON — does it find its library, its modules, its children?
interpreters_check() {
    "$1" -E -s -c '
import ctypes, lzma, bz2, multiprocessing, sqlite3, ssl, subprocess, sys, zlib
assert sys.prefix in sys.executable and sys.prefix in ctypes.__file__
assert subprocess.run([sys.executable, "-c", "print(6*7)"], capture_output=True).stdout == b"42\n"
' || {
        echo "$1 does not run properly" >&2
        return 1
    }
}

interpreters_print() {
    local id version path kind
    while IFS=$'\t' read -r id version path kind; do
        [[ -n $id ]] && printf '%-16s %-10s %-28s %s\n' "$id" "$version" "${kind//,/, }" "$path"
    done <<<"$1"
}

interpreters_main() {
    local list mode=${1:-}
    case $mode in
    --list)
        list=$(interpreters_list)
        [[ -n $list ]] && printf '%s\n' "$list"
        interpreters_absent "$list" >&2
        return
        ;;
    '' | --refresh | --peers | --free-threaded) ;;
    *) die "interpreters: unknown option $mode (--list, --refresh, --peers, --free-threaded)" ;;
    esac
    mkdir -p "$(suite_cache)"
    # One at a time: two fetches into one folder would tear each other's files.
    exec 9>"$(suite_cache)/lock"
    flock 9
    [[ $mode == --refresh ]] && interpreters_forget
    interpreters_fetch "$(interpreters_list)"
    case $mode in
    --peers) peers_fetch ;;
    --free-threaded)
        shift
        freethreaded_build "$@"
        ;;
    esac
    exec 9>&-
    list=$(interpreters_list)
    interpreters_print "$list"
    interpreters_absent "$list" >&2
}

# Next fetch starts anew, to get the newer versions of the same suites.
interpreters_forget() {
    local suite
    while read -r _ _ suite _; do
        [[ -n $suite ]] && rm -rf "$(suite_cache)/${suite:?}" "$(suite_cache)/apt/$suite"
    done < <(interpreters_wanted)
}
