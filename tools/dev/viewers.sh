# shellcheck shell=bash
# The programs that exports are for, so that tests can open them there: Debian packages, and npm
# packages as tests/viewers/package-lock.json pins them. Optional: a test whose viewer is missing is
# skipped by name.
#
# Owns $OURO_CACHE/viewers. Which registry npm asks is npm's own configuration; the lock file has
# versions and checksums, and no address.

viewers_cache() { printf '%s/viewers' "${OURO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ouro}"; }

# Gets what can be had, and tells the tests where: OURO_VIEWERS is the folder with node_modules.
viewers_install() {
    local package
    for package in "${PACKAGES_VIEWERS[@]}"; do
        packages_need "$package" || true
    done
    viewers_node || return 0
    viewers_npm || warn "the npm packages of tests/viewers cannot be had (see above)"
}

# Node with npm. One that is there already may come from elsewhere than Debian, whose npm would replace it.
viewers_node() {
    command -v node >/dev/null && command -v npm >/dev/null && return
    packages_need nodejs npm
}

# Installs what the lock file names into a folder of that lock file's own, once.
viewers_npm() {
    local lock=tests/viewers/package-lock.json sum folder
    sum=$(sha256sum "$lock")
    folder=$(viewers_cache)/npm-${sum:0:12}
    if [[ ! -f $folder/.complete ]]; then
        say "installing the npm packages of tests/viewers"
        rm -rf "$folder"
        mkdir -p "$folder"
        cp tests/viewers/package.json "$lock" "$folder"
        # No script of a package runs.
        (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >&2) || return 1
        touch "$folder/.complete"
    fi
    export OURO_VIEWERS=$folder
}

# viewers_lock [FOLDER] — writes a package-lock.json anew after package.json was changed.
viewers_lock() {
    local folder=${1:-tests/viewers}
    viewers_node || die "npm is needed to write the lock file"
    (cd "$folder" && rm -f package-lock.json &&
        npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund >&2)
    # Where packages ask for money is no part of what is locked.
    python3 - "$folder/package-lock.json" <<'PY'
import json, sys

with open(sys.argv[1]) as file:
    lock = json.load(file)
for package in lock["packages"].values():
    package.pop("funding", None)
    if package.pop("resolved", None):
        sys.exit("%s: npm wrote an address; it is too old for --omit-lockfile-registry-resolved" % sys.argv[1])
with open(sys.argv[1], "w") as file:
    json.dump(lock, file, indent=2)
    file.write("\n")
PY
}
