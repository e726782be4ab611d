#!/bin/sh
# Brings what the kit needs from npm, as the lock file says: install.sh STAMP
# node_modules stands beside the sources and is shared by all build folders: one at a time, and
# nothing is done that was done before. Nothing is compiled: zeromq brings its library with it.
set -eu
stamp=$1
cd "$(dirname "$0")"

if [ "${CARELINE_KIT_LOCKED:-}" != 1 ]; then
  CARELINE_KIT_LOCKED=1 exec flock package.json "./$(basename "$0")" "$stamp"
fi

wanted=$(cat package.json package-lock.json .npmrc | sha256sum)
if [ "$(cat node_modules/.careline 2>/dev/null)" != "$wanted" ]; then
  echo "kit for Node: npm ci"
  npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "kit for Node: npm ci failed. It needs Node >= 18 and its packages once from the" \
      "network; configure with -DCARELINE_PAGE=OFF to do without npm." >&2
    exit 1
  }
  echo "$wanted" > node_modules/.careline
fi
echo "$wanted" > "$stamp"
