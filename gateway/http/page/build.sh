#!/bin/sh
# Builds the page and writes it as C++: build.sh OUT.cpp
# node_modules and dist stand beside the sources and are shared by all build folders: one build at a
# time, and nothing is done that was done before.
set -eu
out=$1
cd "$(dirname "$0")"

if [ "${CARELINE_PAGE_LOCKED:-}" != 1 ]; then
  CARELINE_PAGE_LOCKED=1 exec flock package.json "./$(basename "$0")" "$out"
fi

wanted=$(cat package.json package-lock.json .npmrc | sha256sum)
if [ "$(cat node_modules/.careline 2>/dev/null)" != "$wanted" ]; then
  echo "page: npm ci"
  npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "page: npm ci failed. The board page needs Node >= 18.20 and its packages once from the" \
      "network; configure with -DCARELINE_PAGE=OFF to build the engine without the page." >&2
    exit 1
  }
  echo "$wanted" > node_modules/.careline
fi

sources=$(find src public index.html vite.config.ts tsconfig.json package-lock.json \
  -type f ! -name '*.test.ts' |
  LC_ALL=C sort | xargs sha256sum | sha256sum)
if [ "$(cat dist.stamp 2>/dev/null)" != "$sources" ] || [ ! -f dist/index.html ]; then
  echo "page: vite build"
  npm run --silent build -- --logLevel warn
  echo "$sources" > dist.stamp
fi
node embed.mjs dist "$out"
