#!/bin/sh
# All what-ifs of docs/what-if.md over a call log, into docs/plots/data:
#   docs/plots/measure.sh CALLS.csv [CARELINE [SEEDS]]
# Each is the log played once for each seed as it was, and once otherwise.
set -eu
calls=$1
careline=${2:-build/release/careline}
seeds=${3:-8}
data=$(dirname "$0")/data
policy=$(dirname "$0")/callback.jsonl

play() {
  name=$1
  shift
  "$careline" simulate --call-log "$calls" --json --seeds "$seeds" "$@" >"$data/$name.json"
  echo "$name"
}
for n in 1 2 4; do
  play "agents-$n" --more-agents "$n"
done
play pooled --pool-skills
play no-credit --credit 0
for percent in 25 50 100; do
  play "callback-$percent" --policy "$policy" --take-callback "$percent"
done
play two-pooled-callback --more-agents 2 --pool-skills --policy "$policy" --take-callback 50

# Day by day, one seed.
day() {
  name=$1
  shift
  "$careline" simulate --call-log "$calls" --json "$@" |
    sed 's/.*\("days":\[.*\]\),"rows".*/{\1}/' >"$data/$name.json"
}
day days-recorded
day days-agents-2 --more-agents 2
day days-pooled --pool-skills
day days-callback-50 --policy "$policy" --take-callback 50
