# Shared by the scripts of tools/ and .ci/: sourced, never run. Puts the caller in the root of the project.
# shellcheck shell=bash

KASA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Everything that is fetched or installed for this clone alone lies here, and is not tracked.
KASA_CACHE=$KASA_ROOT/.cache
KASA_SCRIPT=$(basename "$0")
cd "$KASA_ROOT" || exit 1

# say TEXT...: one line of progress, with the script that speaks and the seconds since it started.
say() { printf '[%s %3ds] %s\n' "$KASA_SCRIPT" "$SECONDS" "$*"; }

# die TEXT...: says why, on standard error, and ends the script with status 1.
die() {
  printf '[%s] error: %s\n' "$KASA_SCRIPT" "$*" >&2
  exit 1
}

# have COMMAND: whether the command can be found.
have() { command -v "$1" >/dev/null 2>&1; }

# works COMMAND ARG...: whether the command is there and runs (a shim that leads nowhere does not).
works() { "$@" >/dev/null 2>&1; }

# logged NAME COMMAND...: runs the command with its output in .cache/log/NAME.log, and shows the end of it
# when it fails. For installers, whose output matters only then.
logged() {
  local log=$KASA_CACHE/log/$1.log
  shift
  mkdir -p "$KASA_CACHE/log"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "'$*' failed; the whole output is in ${log#"$KASA_ROOT"/}"
  fi
}

# digest FILE...: one word that changes when any of the files does.
digest() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

# presets: the names of the configurations that CMakePresets.json offers, one a line.
presets() { printf '%s\n' debug release asan tsan mutants; }

# check_preset NAME: ends the script with a clear message when there is no such preset.
check_preset() {
  presets | grep -qxF -- "$1" || die "no preset '$1'; there are: $(presets | paste -sd ' ')"
}

# build_preset NAME [TARGET...]: configures build/NAME and builds the targets, or everything.
build_preset() {
  local preset=$1
  shift
  say "configuring build/$preset"
  mkdir -p "build/$preset"
  logged "configure-$preset" cmake --preset "$preset"
  say "building build/$preset with $(nproc) jobs"
  cmake --build "build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
  say "built build/$preset"
}
