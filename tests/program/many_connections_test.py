#!/usr/bin/env python3
"""Ten thousand connections that ask and never finish: each is answered, nothing else suffers."""
import os
import resource
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running_engine  # noqa: E402

WANTED = 10_000


def most_here():
    """This process may hold as many as it is allowed, less a few of its own."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(WANTED, hard - 200)


class ManyConnections(unittest.TestCase):
    def setUp(self):
        self.engine = running_engine.Engine()
        self.addCleanup(self.engine.close)

    def flood(self, count):
        held = []
        self.addCleanup(lambda: [line.close() for line in held])
        for _ in range(count):
            line = self.engine.connect()
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            held.append(line)
        return held

    def test_each_is_answered_and_counted_and_commands_go_on(self):
        count = most_here()
        before = self.engine.figures()
        limit = int(before["careline_http_connections_max"])
        self.assertGreater(count, limit, "too few files may be open here to prove anything")
        held = self.flood(count)
        code, told = self.engine.send("queue.define", {"queue": "care"})
        self.assertEqual(code, 0, told)
        # The first answer in turn is one of those that held a place: their header never came.
        answers = [line.recv(4096).split(b" ")[1] for line in held]
        self.assertEqual(set(answers), {b"408", b"503"})
        self.assertLessEqual(answers.count(b"408"), limit + 1)
        # Their places are free again a moment after the answer, at the latest.
        refused = 0
        while not (after := self.engine.figures()):
            refused += 1
        for reason, number in (("slow_request", answers.count(b"408")),
                               ("too_many", answers.count(b"503") + refused)):
            row = f'careline_http_ended_total{{reason="{reason}"}}'
            self.assertEqual(after[row] - before[row], number)
        while self.engine.get("/readyz")[0] != 200:
            pass
        self.assertEqual(self.engine.end(), 0)


if __name__ == "__main__":
    unittest.main()
