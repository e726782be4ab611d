# What tools/run and tools/test share. Sourced, never run: sets `root` and brings `say`, `die`,
# `install_packages` and `build PRESET [TARGET...]`.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

install_packages() {
  "$root/tools/install" || die "The packages above are missing. tools/install tells more."
}

# As many compilers at once as there are cores, but none without 1.5 GiB of memory of its own.
jobs_that_fit() {
  local cores memory_kib
  cores=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || echo 0)
  local fit=$((memory_kib / (1536 * 1024)))
  [ "$fit" -ge 1 ] || fit=1
  [ "$fit" -lt "$cores" ] || fit=$cores
  echo "$fit"
}

configure() {
  local preset=$1 folder="$root/build/$1"
  # A tree that was moved or copied cannot be built on: CMake keeps whole paths.
  if [ -f "$folder/CMakeCache.txt" ] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  if [ -f "$folder/build.ninja" ] && [ "$folder/build.ninja" -nt "$root/CMakePresets.json" ]; then
    return 0 # ninja itself configures again when a CMake file changed
  fi
  local journal="$folder/configure.log"
  mkdir -p "$folder"
  (cd "$root" && cmake --preset "$preset") >"$journal" 2>&1 || {
    tail -25 "$journal" >&2
    die "CMake could not configure build/$preset. The whole journal is build/$preset/configure.log."
  }
}

# build PRESET [TARGET...]: shows how far it is on a terminal, and only failures in a pipe.
build() {
  local preset=$1 quiet=()
  shift
  configure "$preset"
  # A clone in another folder finds what this one compiled.
  export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
  [ -t 1 ] || quiet=(--quiet)
  local started=$SECONDS
  NINJA_STATUS="build/$preset: %f of %t done, %e s | " \
    ninja -C "$root/build/$preset" "${quiet[@]}" -j "$(jobs_that_fit)" "$@" >&2 ||
    die "Building build/$preset failed; the compiler's words are above."
  [ $((SECONDS - started)) -lt 5 ] || say "built build/$preset in $((SECONDS - started)) s"
}
