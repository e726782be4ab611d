"""What the kit's tests have in common, whatever engine stands in `self.engine`."""
import unittest

from careline_gateway import Gateway

PATIENCE_S = 20.0


class KitCase(unittest.TestCase):
    def client(self, kind=Gateway, name="phone-1", **more):
        client = kind(name, self.engine.commands, self.engine.events, **more)
        self.addCleanup(client.close, say_so=False)
        return client

    def take(self, follow, count):
        got = []
        while len(got) < count:
            event = follow.next(PATIENCE_S)
            self.assertIsNotNone(event, f"only {[e.position for e in got]} came")
            got.append(event)
        return got
