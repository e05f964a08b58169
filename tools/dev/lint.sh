# shellcheck shell=bash
# Formatting, static analysis, shell scripts and the rules of the house. Every check runs; the exit
# code says whether one found something.

lint_main() {
    local status=0 fix=
    case ${1:-} in
    '') ;;
    --fix) fix=1 ;;
    *) die "lint: unknown option $1 (--fix)" ;;
    esac
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_LINT[@]}"
    mapfile -t lint_files < <(lint_list)
    mapfile -t lint_c < <(printf '%s\n' "${lint_files[@]}" | grep -E '\.[ch]$')
    if [[ -n $fix ]]; then
        say "formatting ${#lint_c[@]} files"
        clang-format -i "${lint_c[@]}"
    fi
    say "format of ${#lint_c[@]} files"
    lint_format || status=1
    lint_shell || status=1
    lint_house || status=1
    build_release
    lint_tidy || status=1
    [[ $status -eq 0 ]] && say "lint: nothing found"
    return "$status"
}

# Files of the repository, or of an unpacked archive of it, but inputs that a fuzzer made up.
lint_list() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard
    else
        find . -type f -not -path './build*' -printf '%P\n'
    fi | while IFS= read -r file; do
        [[ $file == tests/fuzz/corpus/* ]] && continue
        [[ -f $file ]] && printf '%s\n' "$file"
    done
}

lint_format() {
    local file status=0
    for file in "${lint_c[@]}"; do
        clang-format --dry-run -Werror "$file" >/dev/null 2>&1 && continue
        printf '%s: not formatted; ./dev lint --fix\n' "$file"
        status=1
    done
    return "$status"
}

lint_shell() {
    local file line
    local -a scripts=()
    for file in "${lint_files[@]}"; do
        line=
        IFS= read -r line <"$file" 2>/dev/null || true
        [[ $line == '#!'*sh || $line == '# shellcheck shell='* ]] && scripts+=("$file")
    done
    say "shellcheck on ${#scripts[@]} scripts"
    shellcheck -x "${scripts[@]}"
}

# clang-tidy on what the build compiles. A file is looked at again when it, a header or the list of
# checks is newer than its last clean pass.
lint_tidy() {
    local file stamps=build/lint newest
    local -a due=()
    mkdir -p "$stamps"
    newest=$(printf '%s\n' .clang-tidy "${lint_c[@]}" | grep -v '\.c$' | xargs -r ls -t | head -n1)
    while IFS= read -r file; do
        file=${file#../}
        local stamp=$stamps/${file//\//_}.clean
        [[ -f $stamp && $stamp -nt $file && $stamp -nt $newest ]] || due+=("$file")
    done < <(sed -n 's/^ *"file": "\.\.\/\(.*\)",\{0,1\}$/..\/\1/p' build/compile_commands.json | sort -u)
    say "clang-tidy on ${#due[@]} files"
    [[ ${#due[@]} -gt 0 ]] || return 0
    # One process a file, as many as there are processors. Options that only gcc knows are no finding.
    # shellcheck disable=SC2016
    printf '%s\0' "${due[@]}" | xargs -0 -P "$(nproc)" -I'{}' bash -c '
        name=${1//\//_}
        if output=$(clang-tidy -quiet -p build --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null); then
            touch "$2/$name.clean"
        else
            printf "%s\n" "$output"
            exit 1
        fi' lint '{}' "$stamps"
}

lint_house() {
    local file lines status=0
    say "house rules"
    for file in "${lint_files[@]}"; do
        [[ $file =~ \.(c|h|py|sh)$ || $file == dev ]] || continue
        lines=$(wc -l <"$file")
        if [[ $lines -gt 600 ]] && ! head -n20 "$file" | grep -qi 'longer than 600 lines'; then
            printf '%s: %d lines; split it, or say at its top why it is longer than 600 lines\n' "$file" "$lines"
            status=1
        fi
    done
    # Paths of one machine: what a developer has there, nobody else has.
    lint_grep 'path of one machine' '(^|[^A-Za-z0-9_.~$}*-])/(root|work|srv|mnt|home/[a-z0-9_-]+)/' '/home/user/' || status=1
    # The repository points to documentation, never to a registry or a mirror to fetch from.
    lint_grep 'host that is not on the list' 'https?://[A-Za-z0-9.-]+' \
        'https?://([a-z0-9-]+\.)*(python\.org|www\.debian\.org|gnu\.org|kernel\.org|man7\.org|json-schema\.org|oasis-open\.org|w3\.org|ietf\.org|rfc-editor\.org|facebook\.github\.io|speedscope\.app|sqlite\.org|numpy\.org|clickhouse\.com|example\.(com|org|net)|localhost|127\.0\.0\.1)' || status=1
    html_stamp || status=1
    lint_layers || status=1
    lint_grep 'trailing white space' '[ 	]+$' || status=1
    return "$status"
}

# Data flows down the folders of the analyzer (docs/design.md): no file includes one of a later folder.
lint_layers() {
    local -a layers=('structure text' 'trace load model' graph 'cycles patterns' 'analysis growth units'
        'report compare' 'export sql' 'run command')
    local -A rank=()
    local level folder file included status=0
    for level in "${!layers[@]}"; do
        for folder in ${layers[level]}; do rank[$folder]=$level; done
    done
    while IFS=: read -r file included; do
        folder=${file#analyzer/}
        folder=${folder%%/*}
        included=${included#*\"}
        if [[ ${rank[${included%%/*}]:-0} -gt ${rank[$folder]:-99} ]]; then
            printf '%s: includes %s of a later folder\n' "$file" "${included%\"}"
            status=1
        fi
    done < <(grep -oHE '^#include "[a-z]+/[a-z_]+\.h"' analyzer/*/*.[ch])
    return "$status"
}

# lint_grep WHAT PATTERN [ALLOWED] — lines with a match of PATTERN that is no match of ALLOWED.
lint_grep() {
    local what=$1 pattern=$2 allowed=${3:-} found
    found=$(printf '%s\0' "${lint_files[@]}" | grep -zv '^tools/dev/lint\.sh$' |
        xargs -0 grep -InHE -- "$pattern" |
        while IFS= read -r line; do
            if [[ -n $allowed ]]; then
                sed -E "s#$allowed##g" <<<"${line#*:*:}" | grep -qE -- "$pattern" || continue
            fi
            printf '%s: %s\n' "$line" "$what"
        done) || true
    [[ -z $found ]] && return
    printf '%s\n' "$found"
    return 1
}
