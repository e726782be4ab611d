"""The one connection and the one timetable of the soak: commands, their answers, what is due when.

One thread does all of it, so that a wait is the engine's and not that of another thread here.
"""
import heapq
import itertools
import pathlib
import sys
import time

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "gateway/kit/python"))
from careline_gateway import wire  # noqa: E402

UNANSWERED_S = 60  # an answer that takes longer is lost


class Open:
    """A command under way."""
    __slots__ = ("kind", "body", "due", "then")

    def __init__(self, kind, body, due, then):
        self.kind, self.body, self.due, self.then = kind, body, due, then


class BusLine:
    """Sends commands for many clients, and calls back at the answer, at an event, at a time."""

    def __init__(self, at):
        self.context = zmq.Context()
        self.poller = zmq.Poller()
        self.commands = wire.connect(self.context, zmq.DEALER, at["commands"])
        self.events = wire.connect(self.context, zmq.SUB, at["events"])
        self.open = {}        # by the command's id
        self.waits = {}       # by the command's type: seconds from due to its answer
        self.outcomes = {}    # by outcome and, where there is one, the problem
        self.lost = []        # types of commands that nobody answered
        self._timers, self._order = [], itertools.count()
        self._listeners = {}  # by the event's type
        self._ears = {}       # sockets, and files by number: what to call
        self.listen(self.commands, self._take_answers)
        self.listen(self.events, self._take_events)

    def close(self):
        self.context.destroy(0)

    def listen(self, ear, then):
        self._ears[ear] = then
        self.poller.register(ear, zmq.POLLIN)

    def deafen(self, ear):
        del self._ears[ear]
        self.poller.unregister(ear)

    def on(self, kind, then):
        """Calls `then(data)` at each event of that type."""
        self.events.subscribe(kind)
        self._listeners[kind] = then

    def at(self, when, then):
        heapq.heappush(self._timers, (when, next(self._order), then))

    def after(self, seconds, then):
        self.at(time.monotonic() + seconds, then)

    def send(self, source, kind, data, then=None, due=None):
        """One command; `then(reply)` once it is accepted, refused or invalid. After `busy` it is
        sent again under its id, and the wait goes on; it counts from `due`."""
        name = wire.new_id()
        body = wire.pack({"id": name, "type": kind, "source": source, "data": data})
        self.open[name] = Open(kind, body, due or time.monotonic(), then)
        self.commands.send_multipart([b"", body])

    def turn(self, until):
        """One round: what is due, then what came; sleeps no longer than `until`."""
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        next_at = min(until, self._timers[0][0]) if self._timers else until
        wait_ms = max(0, int((next_at - time.monotonic()) * 1000) + 1)
        for ear, _how in self.poller.poll(min(wait_ms, 1000)):
            if ear in self._ears:
                self._ears[ear]()

    def give_up_old(self):
        now = time.monotonic()
        for name in [n for n, o in self.open.items() if now - o.due > UNANSWERED_S]:
            self.lost.append(self.open.pop(name).kind)

    def _take_answers(self):
        while self.commands.poll(0):
            reply = wire.Reply.of(wire.unpack(self.commands.recv_multipart()[-1]))
            code = reply.problem.get("type")
            said = f"{reply.outcome} {code}" if code else reply.outcome
            self.outcomes[said] = self.outcomes.get(said, 0) + 1
            under_way = self.open.get(reply.id)
            if not under_way:
                continue  # of one that was given up
            if reply.outcome == "busy":
                self.after(reply.retry_ms / 1000, lambda o=under_way: self._again(o))
                continue
            del self.open[reply.id]
            waited = time.monotonic() - under_way.due
            self.waits.setdefault(under_way.kind, []).append(waited)
            if under_way.then:
                under_way.then(reply)

    def _again(self, under_way):
        self.commands.send_multipart([b"", under_way.body])

    def _take_events(self):
        while self.events.poll(0):
            topic, body = self.events.recv_multipart()
            listener = self._listeners.get(topic.decode())
            if listener:
                listener(wire.unpack(body)["data"])
