# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # ballast, source
# What the tests of `ballast sweep` share. They set $ballast, the program, and $source, the project's folder.
failures=0
failed() { echo "FAILED: $*"; failures=$((failures + 1)); }

# expect CODE PATTERN COMMAND…: exit code, and a line on stdout or stderr that matches the pattern.
expect() {
    local code=$1 pattern=$2 got
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" != "$code" ] || ! grep -qE -- "$pattern" "$work/out" "$work/err"; then
        failed "$* -> exit $got (wanted $code), looking for: $pattern"
        cat "$work/err" "$work/out" | head -20
    fi
}

# The runs of a folder, in any order, without what a run took.
runs_of() { cat "$1"/runs-*.jsonl | sed -E 's/"(wall_s|peak_rss_bytes)":[^,}]*,?//g' | LC_ALL=C sort; }
lines_in() { cat "$1"/runs-*.jsonl 2>/dev/null | wc -l; }

# same_results FOLDER: its runs and what merge makes of them are those of the undisturbed sweep in $work/calm.
same_results() {
    cmp <(runs_of "$work/calm") <(runs_of "$1") || failed "$1: the runs differ"
    "$ballast" sweep merge "$work/calm" --json >"$work/calm.json" || failed "the undisturbed sweep cannot be merged"
    "$ballast" sweep merge "$1" --json | cmp - "$work/calm.json" || failed "$1: the merged documents differ"
}

# make_day VMS: $work/day, the first of the VMs of the real day.
make_day() {
    mkdir "$work/day" "$work/whole"
    tar -xJf "$source/simulator/data/planetlab-20110303.tar.xz" -C "$work/whole"
    find "$work/whole" -type f | LC_ALL=C sort | sed -n "1,$1p" | while read -r file; do mv "$file" "$work/day/"; done
    rm -r "$work/whole"
}

# The processes that this test has started and that know its folder from their arguments or their environment.
own_processes() { grep -lsF -- "$work" /proc/[0-9]*/cmdline /proc/[0-9]*/environ | cut -d / -f 3 | sort -u; }

# own_process VARIABLE=VALUE: the sweep that a launcher has given this environment.
own_process() {
    local pid
    for pid in $(own_processes); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ballast ] || continue
        tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF -- "$1" && echo "$pid" && return
    done
}

# kill_one VARIABLE=VALUE FOLDER LINES: kill -9 of that sweep as soon as the folder has so many runs.
kill_one() {
    local pid="" tries=0
    until [ -n "$pid" ] && [ "$(lines_in "$2")" -ge "$3" ]; do
        tries=$((tries + 1))
        [ $tries -lt 1000 ] || { failed "no process with $1, or not $3 runs in $2"; return; }
        [ -n "$pid" ] || pid=$(own_process "$1")
        sleep 0.02
    done
    kill -9 "$pid" || failed "$1 ended before it was killed: make its runs longer"
}

clean_up() {
    local pids
    pids=$(own_processes)
    # shellcheck disable=SC2086  # a list
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null
    rm -rf "$work"
}

# own_folder NAME: $work, which is removed with all that runs there when this script ends, also by kill -9: then the
# guard does it. It is told the folder's name in a way that does not make it one of own_processes.
own_folder() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/ballast-$1.XXXXXX")
    chmod 755 "$work"
    setsid bash -c "read -r work; $(declare -f own_processes clean_up); tail --pid=$$ -f /dev/null; clean_up" \
        <<<"$work" >/dev/null 2>&1 &
    guard=$!
    disown
    trap 'kill -- -$guard; clean_up' EXIT
    trap 'exit 130' INT TERM
    # No launcher but those of the tests.
    unset "${!SLURM_@}" "${!OMPI_@}"
}

# skip REASON: seen by scripts/test; a failure where everything must be there.
skip() {
    echo "SKIPPED: $1"
    [ "${CI:-}" = true ] && exit 1
    exit 77
}
