#!/bin/sh
# Brings what the kit needs from npm, as the lock file says: install.sh STAMP
# Nothing is compiled: zeromq brings its library with it.
set -eu
stamp=$1
cd "$(dirname "$0")"

. ../../npm_packages.sh
hold_folder
npm_packages "kit for Node" "It needs Node >= 18 and its packages once from the network; configure \
with -DCARELINE_PAGE=OFF to do without npm."
echo "$wanted" > "$stamp"
