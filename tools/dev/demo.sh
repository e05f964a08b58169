# shellcheck shell=bash
# The two-minute tour: one leaky sample, profiled with the distribution's own interpreter.

demo_main() {
    local run=build/demo/tree.ouro python=/usr/bin/python3
    build_release
    rm -rf "$run"
    mkdir -p build/demo
    say "profiling: build/ouro run -o $run -- $python samples/tree.py"
    build/ouro run -o "$run" -- "$python" samples/tree.py
    say "the report: build/ouro report $run"
    build/ouro report "$run"
    cat >&2 <<TEXT

The run is in $run. Next, try
    build/ouro report --format json $run     the same for a program to read
    build/ouro info $run                     what was recorded
    build/ouro run -- python3 YOUR_PROGRAM.py
TEXT
}
