#!/usr/bin/env python3
"""A client of the bus that reads nothing costs the engine no more than a fixed part of memory."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import debians_python  # noqa: E402,F401

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                str(pathlib.Path(__file__).resolve().parents[2] / "gateway/kit/python")]
import running_engine  # noqa: E402
import zmq  # noqa: E402
from careline_gateway.client import Gateway  # noqa: E402

MIB = 1024 * 1024
HELD_FOR_ONE = 64 * MIB        # what the bus keeps before it gives a subscriber up
PUBLISHED = 4 * HELD_FOR_ONE
SAID = 48 * 1024
AT_ONCE = 16


class ADeafSubscriber(unittest.TestCase):
    def deaf(self, engine):
        context = zmq.Context()
        self.addCleanup(context.destroy, 0)
        ear = context.socket(zmq.SUB)
        ear.setsockopt(zmq.RCVHWM, 1)
        ear.setsockopt(zmq.RCVBUF, 4096)
        ear.setsockopt(zmq.SUBSCRIBE, b"")
        ear.connect(engine.at["events"])
        return ear

    def test_it_is_disconnected_and_memory_stays_where_it_was(self):
        # Freed memory goes back at once under AddressSanitizer too.
        engine = running_engine.Engine(names={"ASAN_OPTIONS": "quarantine_size_mb=1"})
        self.addCleanup(engine.close)
        ear = self.deaf(engine)
        with Gateway("chat-1", engine.at["commands"], engine.at["events"]) as gateway:
            gateway.send("queue.define", queue="care")
            before = engine.figures()
            self.assertEqual(before["careline_bus_slow_subscribers_total"], 0)
            for chat in range(PUBLISHED // SAID // AT_ONCE):
                gateway.open("chat", f"C-{chat}", queue="care")
                told = [gateway.start("contact.say", contact=f"C-{chat}", text="x" * SAID,
                                      **{"from": "customer"}) for _ in range(AT_ONCE)]
                for one in told:
                    self.assertTrue(one.result().accepted)
            after = engine.figures()
        self.assertGreaterEqual(after["careline_bus_slow_subscribers_total"], 1)
        grown = after["process_private_memory_bytes"] - before["process_private_memory_bytes"]
        self.assertLess(grown, 2 * HELD_FOR_ONE)
        self.assertFalse(ear.closed)
        self.assertEqual(engine.get("/readyz")[0], 200)
        self.assertEqual(engine.end(), 0)


if __name__ == "__main__":
    unittest.main()
