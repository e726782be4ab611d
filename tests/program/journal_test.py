#!/usr/bin/env python3
"""An engine whose journal cannot be written."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running_engine  # noqa: E402


def full_disk():
    os.dup2(os.open("/dev/full", os.O_WRONLY), 2)


def no_streams_but_the_ready_line():
    os.close(0)
    os.close(2)


class AnEngineWithoutAJournal(unittest.TestCase):
    def serves(self, prepare):
        engine = running_engine.Engine(prepare=prepare)
        self.addCleanup(engine.close)
        self.assertEqual(engine.get("/readyz")[0], 200)
        code, said = engine.send("queue.define", {"queue": "care"})
        self.assertEqual(code, 0, said)
        self.assertEqual(engine.end(), 0)
        return engine

    def test_the_disk_of_the_journal_is_full(self):
        self.serves(full_disk)

    def test_it_has_none_and_writes_into_no_file_of_its_own_instead(self):
        engine = self.serves(no_streams_but_the_ready_line)
        for folder, _, files in os.walk(engine.folder):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(b"careline: stopping", file.read(), name)


if __name__ == "__main__":
    unittest.main()
