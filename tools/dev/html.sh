# shellcheck shell=bash
# The page of HTML reports: html/src and the npm packages of html/package-lock.json, bundled into
# html/frame.html, which is part of the repository so that a build needs no front-end tools.
#
# Owns $OURO_CACHE/html. Which registry npm asks is npm's own configuration; the lock file has
# versions and checksums, and no address.

html_main() {
    local folder made
    viewers_node || die "html: node and npm are needed"
    if [[ ${1:-} == --lock ]]; then
        viewers_lock html
        return
    fi
    folder=$(html_install)
    made=$folder/made
    rm -rf "$folder/src" "$made"
    mkdir -p "$made"
    cp -R html/src html/build.js html/package.json html/package-lock.json "$folder"
    node "$folder/build.js" "$made"
    case ${1:-} in
    '')
        cp "$made/frame.html" "$made/LICENSES" html/
        say "html/frame.html: $(wc -c <html/frame.html) bytes"
        ;;
    --check)
        { cmp "$made/frame.html" html/frame.html && cmp "$made/LICENSES" html/LICENSES; } ||
            die "html/frame.html is not what html/src gives: run ./dev html"
        say "html/frame.html is what html/src gives"
        ;;
    *) die "html: unknown option $1 (--check, --lock)" ;;
    esac
}

# Prints the folder where the packages of the lock file are, which get there once.
html_install() {
    local sum folder
    sum=$(sha256sum html/package-lock.json)
    folder=${OURO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ouro}/html/${sum:0:12}
    if [[ ! -f $folder/.complete ]]; then
        say "installing the npm packages of html"
        rm -rf "$folder"
        mkdir -p "$folder"
        cp html/package.json html/package-lock.json "$folder"
        # No script of a package runs.
        (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >&2) || die "html: npm could not install them"
        touch "$folder/.complete"
    fi
    printf '%s\n' "$folder"
}

# Whether the page says that it was made from these sources: what can be told without npm.
html_stamp() {
    local sum
    sum=$(cd html && find src build.js package.json package-lock.json -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum)
    grep -q "name=\"ouro-sources\" content=\"${sum%% *}\"" html/frame.html && return
    printf 'html/frame.html: not made from html/src as it is; ./dev html\n'
    return 1
}
