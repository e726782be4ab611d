#!/bin/sh
# Builds the page and writes it as C++: build.sh OUT.cpp
# dist, too, stands beside the sources.
set -eu
out=$1
cd "$(dirname "$0")"

. ../../npm_packages.sh
hold_folder
npm_packages page "The board page needs Node >= 18.20 and its packages once from the network; \
configure with -DCARELINE_PAGE=OFF to build the engine without the page."

sources=$(find src public index.html vite.config.ts tsconfig.json package-lock.json \
  -type f ! -name '*.test.ts' |
  LC_ALL=C sort | xargs sha256sum | sha256sum)
if [ "$(cat dist.stamp 2>/dev/null)" != "$sources" ] || [ ! -f dist/index.html ]; then
  echo "page: vite build"
  npm run --silent build -- --logLevel warn
  echo "$sources" > dist.stamp
fi
node embed.mjs dist "$out"
