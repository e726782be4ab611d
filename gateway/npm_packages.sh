# Sourced in the folder of a package.json. node_modules stands beside the sources and is shared by
# all build folders: one at a time, and nothing is done that was done before.

# Until the script ends nobody else works in this folder.
hold_folder() {
  exec 9< package.json
  flock 9
}

# npm_packages WHO NEEDS: brings what the lock file names; WHO and NEEDS are for the sentence when
# that fails. Leaves in `wanted` what tells one set of packages from another.
npm_packages() {
  wanted=$(cat package.json package-lock.json .npmrc | sha256sum)
  if [ "$(cat node_modules/.careline 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  echo "$1: npm ci"
  npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "$1: npm ci failed. $2" >&2
    exit 1
  }
  echo "$wanted" > node_modules/.careline
}
