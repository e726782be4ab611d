"""The event socket: each event once and in order, whatever ZeroMQ loses."""
import collections
import time

import msgpack
import zmq

from . import wire

PAGE = 1000


class Follow:
    """Follows the log from behind `after` (None: from its head), for ever.

    `types` are exact types, or prefixes that end in "."; none = all. It subscribes first, sees what
    was lost by `position`, `previous` and the beat `log.head`, and reads that from the log. With
    `types`, an event that was lost comes after younger ones of other types; inside one type the
    order holds. `at` is the place to begin again at after a restart. One thread uses it.
    """

    def __init__(self, courier, types=(), after=None, events=None, on_reset=None):
        self._courier = courier
        self._types = tuple(types)
        self._on_reset = on_reset
        self._ready = collections.deque()
        self._context = zmq.Context()
        where = wire.address(events, "CARELINE_EVENTS", wire.EVENTS)
        self._socket = wire.connect(self._context, zmq.SUB, where)
        for topic in ("log.head",) + (self._types or ("",)):
            self._socket.subscribe(topic)
        self._start_at(self._page(0, 1)["head"] if after is None else after)
        self._behind = True  # what came before the subscription is in the log

    def _start_at(self, after):
        self._whole = after       # everything asked for up to here was handed on
        self._last = {}           # by type, where above that
        self._handed = set()      # positions above that
        self._behind = False

    @property
    def at(self):
        """Where to begin again: nothing up to here is missing, nor waits in this object."""
        return min([self._whole] + [event.position - 1 for event in self._ready])

    def next(self, timeout_s=None):
        """The next event; None when `timeout_s` passes first."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._ready:
            if self._behind:
                self._read_on()
                continue
            left = None if until is None else max(0.0, until - time.monotonic())
            if self._socket.poll(None if left is None else int(left * 1000)):
                self._take(self._socket.recv_multipart())
            elif until is not None and time.monotonic() >= until:
                return None
        return self._ready.popleft()

    def __iter__(self):
        while True:
            yield self.next()

    def close(self):
        self._socket.close()
        self._context.term()

    def _wants(self, kind):
        return not self._types or any(kind == t or (t.endswith(".") and kind.startswith(t))
                                      for t in self._types)

    def _last_of(self, kind):
        return max(self._last.get(kind, 0), self._whole)

    def _take(self, frames):
        try:
            body = wire.unpack(frames[-1])
            if frames[0] == b"log.head":
                self._heard(body["head"], body["since"], body["types"])
            elif self._wants(body["type"]):
                self._came(wire.Event.of(body))
        except (ValueError, KeyError, TypeError, msgpack.UnpackException):
            pass  # not from an engine; were it an event, its absence would show

    def _came(self, event):
        """One that shows a gap is not taken: the log will bring it."""
        before = self._last_of(event.type) if self._types else self._whole
        if event.position <= before:
            return
        missed = event.previous > before if self._types else event.position != before + 1
        if missed:
            self._behind = True
        elif self._types:
            self._last[event.type] = event.position
            self._handed.add(event.position)
            self._ready.append(event)
        else:
            self._whole = event.position
            self._ready.append(event)

    def _heard(self, head, since, types):
        if not self._types:
            self._behind = head != self._whole
            return
        self._behind = (head < self._whole or since > self._whole or any(
            self._wants(kind) and at > self._last_of(kind) for kind, at in types.items()))
        if not self._behind:
            self._is_whole_up_to(head)

    def _read_on(self):
        page = self._page(self._whole, PAGE)
        if page["head"] < self._whole:  # another log
            was = self._whole
            self._start_at(0)
            self._behind = True
            if self._on_reset:
                self._on_reset(was)
            return
        for event in map(wire.Event.of, page["events"]):
            if event.position > self._whole and event.position not in self._handed:
                self._last[event.type] = max(event.position, self._last.get(event.type, 0))
                self._ready.append(event)
        self._is_whole_up_to(max(self._whole, page["next"]))
        self._behind = page["next"] < page["head"]

    def _is_whole_up_to(self, at):
        self._whole = at
        self._handed = {p for p in self._handed if p > at}
        self._last = {kind: p for kind, p in self._last.items() if p > at}

    def _page(self, after, limit):
        question = {"after": after, "limit": limit, "types": list(self._types) or None}
        while True:
            try:
                reply = self._courier.ask("log.read", question)
            except wire.NoReply:
                continue  # the engine is away: it will be asked until it is back
            if reply.accepted:
                return reply.data
            if reply.problem.get("type") == "log.bad_position":
                return {"events": [], "next": 0, "head": 0}
            if reply.outcome != "busy":
                raise wire.NotAccepted(reply)
