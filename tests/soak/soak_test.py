#!/usr/bin/env python3
"""The soak itself, in its shortest form: it runs, finds nothing, and finds what is planted."""
import itertools
import os
import pathlib
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import debians_python  # noqa: E402,F401

HERE = pathlib.Path(__file__).resolve().parent
DEV = str(HERE.parents[1] / "build/dev/careline")
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "gateway/kit/python")]
import figures  # noqa: E402
import neighbours  # noqa: E402

# Seconds are not enough for it to settle, and a sanitizer keeps what was given back.
NO_MEMORY = ("--unjudged", "private memory")
SHORT = ("--minutes", "0.25", "--sample-s", "1.5", "--rate", "8", *NO_MEMORY)
LONG = ("--minutes", "40", "--rate", "20", *NO_MEMORY)


def soak(*words):
    environment = {**os.environ}
    environment.setdefault("CARELINE_BIN", DEV)
    done = subprocess.run([sys.executable, str(HERE / "soak.py"), *words], env=environment,
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class TheSoak(unittest.TestCase):
    def test_nothing_is_left_behind_by_those_who_come_and_go(self):
        how = SHORT
        if os.environ.get("TESTS_LONG"):
            how = LONG
        code, said = soak(*how)
        self.assertEqual(code, 0, said)
        self.assertIn("nothing grows", said)
        for what in ("backups", "clients that died", "readers that died", "subscribers"):
            self.assertIn(what, said)

    def test_what_is_left_behind_is_noticed_and_named(self):
        code, said = soak(*SHORT, "--plant", "pages")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, "open descriptors +GROWING")


class TheNeighbours(unittest.TestCase):
    def test_events_out_of_order_are_wrong(self):
        engine = unittest.mock.Mock(folder="")
        beside = neighbours.Neighbours(None, engine, None, 1, "none")
        self.assertEqual(beside.all_wrong(), [])
        beside._out_of_order.append((7, 5))
        self.assertEqual(beside.all_wrong(), ["events out of order: [(7, 5)]"])


class TheRule(unittest.TestCase):
    RULE = figures.Rule(0.05, 10)

    def verdict(self, values):
        samples = [(at * 60, {"it": value}) for at, value in enumerate(values)]
        return figures.verdict_of("it", self.RULE, samples).is_flat

    def test_one_that_goes_up_and_down_is_flat(self):
        self.assertTrue(self.verdict([100, 130, 90, 110, 100, 95, 120, 100, 105, 98]))

    def test_one_odd_sample_bends_nothing_not_even_the_last(self):
        self.assertTrue(self.verdict([100] * 9 + [900]))

    def test_one_that_rises_a_little_each_time_grows(self):
        self.assertFalse(self.verdict([100 + 2 * n for n in range(10)]))

    def test_what_came_before_the_last_two_thirds_is_not_judged(self):
        samples = [(at, {"it": min(at, 10)}) for at in range(30)]
        self.assertTrue(figures.verdict_of("it", self.RULE, figures.judged(samples)).is_flat)

    def test_a_log_that_costs_more_an_event_than_it_did_grows(self):
        def log(costs):
            size = itertools.accumulate(100_000 * cost for cost in costs)
            return [(60 * n, {"events": 100_000 * n, "log": at}) for n, at in enumerate(size)]
        self.assertTrue(figures.verdict_per_event("log", log([400] * 10)).is_flat)
        self.assertFalse(figures.verdict_per_event("log", log([400] * 5 + [500] * 5)).is_flat)


if __name__ == "__main__":
    unittest.main()
