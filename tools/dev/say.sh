# shellcheck shell=bash
# How ./dev talks: what it does goes to stderr with one mark in front, results go to stdout.

say() { printf '==> %s\n' "$*" >&2; }
warn() { printf 'dev: %s\n' "$*" >&2; }
die() {
    warn "$@"
    exit 1
}
