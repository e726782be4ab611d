#!/usr/bin/env python3
"""A mixed load on the real program for hours: does anything grow that should not?

    tests/soak/soak.py --minutes 40 [--rate 50] [--sample-s 60] [--speed N] [--plant WHAT]

Starts $CARELINE_BIN (default: build/release/careline) on a folder of its own and lets people call,
write, leave, be called back and transferred, agents come and go, pages, subscribers, readers and
backups come and go, and clients die. Prints a line a sample, and a verdict for each figure at the
end: exit 1 where one grows, where an answer never came, or where a backup failed.

What has ended is remembered for a day. So that a soak of an hour sees that end too, engine time
runs faster (--speed; default: a day passes in the first quarter), and the agents' times with it.
Latencies are those of an open loop: a wait counts from when the contact was due.
"""
import argparse
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import debians_python  # noqa: E402,F401

os.environ.setdefault("CARELINE_BIN", str(ROOT / "build/release/careline"))
sys.path[:0] = [str(HERE), str(HERE.parent / "program")]
import running_engine  # noqa: E402
from bus_line import BusLine  # noqa: E402
from figures import MIB, SAMPLES_MIN, Watch, verdicts  # noqa: E402
from neighbours import PLANTS, Fetch, Neighbours  # noqa: E402
from people import People  # noqa: E402

DAY_S = 24 * 3600
SPEED_MAX = 150  # above it what must be done within 90 s of engine time is not done in time
COLUMNS = ("min", "events", "contacts", "MiB", "fds", "slots", "threads", "snap MiB", "B/event",
           "mail", "open p50", "p99", "p99.9", "max ms", "all p99")


def asked():
    parser = argparse.ArgumentParser(description="A mixed load on the real program for hours.")
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--rate", type=float, default=50, help="contacts a second")
    parser.add_argument("--sample-s", type=float, default=60, help="seconds between two samples")
    parser.add_argument("--speed", type=float, default=0, help="engine seconds a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", choices=PLANTS, default="none",
                        help="leave this behind at each sample, to see that it is noticed")
    parser.add_argument("--unjudged", action="append", default=[], metavar="FIGURE",
                        help="print this figure and say nothing of it")
    parser.add_argument("--nice", type=int, default=0, help="of engine and soak")
    given = parser.parse_args()
    given.seconds = given.minutes * 60 + given.hours * 3600
    if given.seconds / given.sample_s < SAMPLES_MIN * 1.5:
        parser.error("--minutes or --hours: at least nine samples are needed to judge anything")
    given.speed = given.speed or min(SPEED_MAX, max(1.0, DAY_S / (given.seconds / 4)))
    return given


def percentile_ms(waits, share):
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class Soak:
    def __init__(self, given):
        os.nice(given.nice)
        self.given = given
        flags = ["--speed", f"{given.speed:.2f}", "--grace-s", "1", "--snapshot-days", "1",
                 "--snapshot-events", str(int(max(500, 100_000 * given.sample_s / 60))),
                 "--log-level", "warning"]
        self.engine = running_engine.Engine(*flags, names={"ASAN_OPTIONS": "quarantine_size_mb=1"})
        self.line = BusLine(self.engine.at)
        self.people = People(self.line, given.rate, given.speed, given.seed)
        scale = given.sample_s / 60
        self.neighbours = Neighbours(self.line, self.engine, running_engine.PROGRAM, scale,
                                     given.plant)
        self.watch = Watch(self.engine.process.pid, self.engine.folder + "/data")
        self.samples = []
        self.is_prepared = False

    def run(self):
        self.people.prepare(self._prepared)
        self._turn_until(time.monotonic() + 60, lambda: self.is_prepared)
        if not self.is_prepared:
            raise RuntimeError("the soak could not be prepared within a minute")
        print(f"{self.given.rate:g} contacts/s, {len(self.people.agents)} agents, engine time "
              f"{self.given.speed:.1f} times ours, {self.given.seconds / 60:.1f} minutes, a sample "
              f"each {self.given.sample_s:g} s")
        print(" ".join(f"{name:>8}" for name in COLUMNS), flush=True)
        self.began = time.monotonic()
        self.people.begin()
        self.neighbours.begin()
        self._look()
        self._ask()
        self.line.after(self.given.sample_s, self._sample)
        self._turn_until(self.began + self.given.seconds + 0.5, lambda: False)
        return self._judge()

    def close(self):
        self.neighbours.end()
        self.line.close()
        self.engine.close()

    def _turn_until(self, until, done):
        while time.monotonic() < until and not done():
            self.line.turn(until)
            if self.engine.process.poll() is not None:
                raise RuntimeError("the engine ended: " + self.engine.said()[-2000:])

    def _prepared(self):
        self.is_prepared = True

    def _look(self):
        self.watch.look()
        self.line.give_up_old()
        self.line.after(min(1.0, self.given.sample_s / 4), self._look)

    def _ask(self):
        Fetch(self.line, self.engine.at["http"], "/metrics", self.watch.hear)
        self.line.after(self.given.sample_s / 6, self._ask)

    def _sample(self):
        taken = self.watch.sample()
        waits, self.line.waits = self.line.waits, {}
        if taken:
            self._print(taken, waits)
            self.samples.append((time.monotonic() - self.began, taken))
        self.neighbours.sampled()
        self.line.after(self.given.sample_s, self._sample)

    def _print(self, taken, waits):
        before = self.samples[-1][1] if self.samples else None
        grown = taken["log file"] - before["log file"] if before else 0
        events = taken["events"] - before["events"] if before else 0
        opened = waits.get("contact.open", [])
        every = [wait for some in waits.values() for wait in some]
        row = [f"{(time.monotonic() - self.began) / 60:.1f}", f"{taken['events']:.0f}",
               f"{self.people.count.get('opened', 0)}", f"{taken['private memory'] / MIB:.1f}",
               f"{taken['open descriptors']:.0f}", f"{taken['reader slots']:.0f}",
               f"{taken['threads']:.0f}", f"{taken['newest snapshots'] / MIB:.2f}",
               f"{grown / events:.0f}" if events else "-", f"{taken['in mailboxes']:.0f}",
               *(f"{percentile_ms(opened, share):.1f}" for share in (0.5, 0.99, 0.999, 1)),
               f"{percentile_ms(every, 0.99):.1f}"]
        print(" ".join(f"{word:>8}" for word in row), flush=True)

    def _judge(self):
        if len(self.samples) < SAMPLES_MIN:
            print(f"only {len(self.samples)} samples: nothing is judged")
            return 1
        is_good = True
        print("\nlevel, growth while it was judged (the last two thirds), what it may grow")
        for verdict in verdicts(self.samples):
            is_judged = verdict.figure not in self.given.unjudged
            is_good = is_good and (verdict.is_flat or not is_judged)
            word = ("flat" if verdict.is_flat else "GROWING") if is_judged else "-"
            print(f"{verdict.figure:<28} {word:<7} {verdict.said}")
        for what, counts in (("people", self.people.count), ("beside", self.neighbours.count),
                             ("answers", self.line.outcomes)):
            print(f"{what}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items())))
        ended = self.engine.end()
        wrong = self.neighbours.all_wrong() + [f"no answer to {kind}" for kind in self.line.lost]
        if ended != 0:
            wrong.append(f"the engine ended with {ended}: {self.engine.said()[-2000:]}")
        for what in wrong[:20]:
            print("wrong: " + what)
        is_good = is_good and not wrong
        print("nothing grows" if is_good else "NOT as it should be")
        return 0 if is_good else 1


def main():
    soak = Soak(asked())
    try:
        return soak.run()
    finally:
        soak.close()


if __name__ == "__main__":
    sys.exit(main())
