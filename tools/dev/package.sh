# shellcheck shell=bash
# The Debian package: built from what is committed and what is not yet, checked by lintian, and tried.

package_main() {
    local clean='' checks=nocheck work version deb
    while [[ $# -gt 0 ]]; do
        case $1 in
        --clean) clean=1 ;;
        --check) checks='' ;;
        *) die "package: unknown option $1 (--check, --clean)" ;;
        esac
        shift
    done
    packages_need "${PACKAGES_BUILD[@]}" "${PACKAGES_PACKAGE[@]}"
    version=$(dpkg-parsechangelog -S Version)
    [[ $version == "$(sed -n "s/^ *version: '\(.*\)',$/\1/p" meson.build | head -n1)" ]] ||
        die "package: debian/changelog is about $version, meson.build about another version"
    work=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    mkdir "$work/ouro-$version"
    git ls-files --cached --others --exclude-standard -z | tar -cf - --null -T - | tar -xf - -C "$work/ouro-$version"

    say "building ouro $version"
    (cd "$work/ouro-$version" && DEB_BUILD_OPTIONS="$checks parallel=$(nproc)" dpkg-buildpackage -us -uc -b) \
        >"$work/build.log" 2>&1 || {
        tail -n40 "$work/build.log" >&2
        die "package: dpkg-buildpackage failed"
    }
    deb=$(echo "$work"/ouro_*.deb)
    say "lintian"
    lintian --info --fail-on error,warning --allow-root "$work"/*.changes >&2 || die "package: lintian found something"

    say "from an unpacked copy"
    dpkg-deb -x "$deb" "$work/root"
    package_try "$work/root/usr/bin/ouro" /usr/bin/python3 "$work/run.ouro"
    mkdir -p build/package
    cp "$work"/ouro*.deb build/package/
    if [[ -n $clean ]]; then
        say "in a clean root"
        # shellcheck disable=SC2016
        tools/dev/clean-root --copy "build/package/${deb##*/}" -- bash -euc '
            apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install python3 "$HOME"/*.deb
            . tools/dev/package.sh
            package_try ouro /usr/bin/python3 "$HOME/run.ouro"
            apt-get -q -y purge ouro
            [[ ! -e /usr/bin/ouro ]]
        ' >&2 || die "package: it does not work in a clean root"
    fi
    say "ready: build/package/${deb##*/}"
}

# package_try OURO PYTHON RUN — does an installed ouro do its work?
package_try() {
    "$1" doctor "$2" >&2 &&
        "$1" run -q -o "$3" -- "$2" samples/tree.py >/dev/null &&
        "$1" report "$3" | grep -q '__main__.Node'
}
