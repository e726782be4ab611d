"""The event socket: each event once and in order, whatever ZeroMQ loses."""
import collections
import math
import socket
import threading
import time

import msgpack
import zmq

from . import wire

PAGE = 1000
ASK_S = 5.0      # no page for so long: it is asked for anew
SILENCE_S = 3.0  # beats come each second; with none for so long the log is asked


class Follow:
    """Follows the log from behind `after` (None: from its head), for ever.

    `types` are exact types, or prefixes that end in "."; none = all. It subscribes first, sees what
    was lost by `position`, `previous` and the beat `log.head`, or by the beat's absence, and reads
    that from the log. With `types`, an event that was lost comes after younger ones of other types;
    inside one type the order holds. `at` is the place to begin again at after a restart. One thread
    uses it; any may close it.
    """

    def __init__(self, courier, types=(), after=None, events=None, on_reset=None):
        self._courier = courier
        self._types = tuple(types)
        self._on_reset = on_reset
        self._ready = collections.deque()
        self._using = threading.RLock()  # closing waits until the other thread is out
        self._is_ending = False
        self._page = None                # of the log, asked for and not taken yet: a Future
        self._heard_at = time.monotonic()
        self._context = zmq.Context()
        where = wire.address(events, "CARELINE_EVENTS", wire.EVENTS)
        self._socket = wire.connect(self._context, zmq.SUB, where, courier.key)
        self._hear, self._ring = socket.socketpair()
        for end in (self._hear, self._ring):
            end.setblocking(False)
        for topic in ("log.head",) + (self._types or ("",)):
            self._socket.subscribe(topic)
        try:
            self._start_at(self._head() if after is None else after)
        except BaseException:
            self.close()
            raise
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
        """The next event; None when `timeout_s` passes first, wherever the engine is. Raises Closed
        once this, or its client, is closed."""
        until = math.inf if timeout_s is None else time.monotonic() + timeout_s
        with self._using:
            while not self._ready:
                if self._is_ending:
                    raise wire.Closed
                page = self._take_page() if self._behind else None
                if page:
                    self._read_on(page)
                elif not self._behind and self._socket.poll(0):
                    self._take(self._socket.recv_multipart())
                elif time.monotonic() >= until:
                    return None
                else:
                    self._wait(until)
            return self._ready.popleft()

    def __iter__(self):
        """Ends when this, or its client, is closed."""
        while True:
            try:
                event = self.next()
            except wire.Closed:
                return
            yield event

    def close(self):
        """From any thread; one that waits in `next` gets out by Closed."""
        self._is_ending = True
        self._wake()
        with self._using:
            self._socket.close()
            self._context.term()
            self._hear.close()
            self._ring.close()

    def _wait(self, until):
        """Until a page or an event may be there, this is closed, or the time is over."""
        now = time.monotonic()
        poller = zmq.Poller()
        poller.register(self._hear, zmq.POLLIN)
        if not self._behind:
            if now >= self._heard_at + SILENCE_S:
                self._behind, self._heard_at = True, now  # nobody tells what is lost: ask the log
                return
            poller.register(self._socket, zmq.POLLIN)
            until = min(until, self._heard_at + SILENCE_S)
        poller.poll(None if until == math.inf else math.ceil(max(0.0, until - now) * 1000))
        try:
            self._hear.recv(4096)
        except BlockingIOError:
            pass

    def _wake(self, _page=None):
        try:
            self._ring.send(b".")
        except OSError:
            pass  # it is ringing, or nobody waits any more

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
                self._heard_at = time.monotonic()
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

    def _read_on(self, page):
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

    def _head(self):
        reply = self._courier.ask("log.read", {"after": 0, "limit": 1})
        if not reply.accepted:
            raise wire.NotAccepted(reply)
        return reply.data["head"]

    def _take_page(self):
        """The page after what is whole; None while it is not there, and asks for it, until the
        engine is back and its log can be read."""
        while self._page is None or self._page.done():
            page, self._page = self._page, None
            reply = page and self._answer_of(page)
            if reply and reply.accepted:
                return reply.data
            if reply and reply.problem.get("type") == "log.bad_position":
                return {"events": [], "next": 0, "head": 0}  # the log does not reach that far
            if reply and reply.outcome != "busy":
                raise wire.NotAccepted(reply)
            question = {"after": self._whole, "limit": PAGE, "types": list(self._types) or None}
            self._page = self._courier.send("log.read", question, patience_s=ASK_S)
            self._page.add_done_callback(self._wake)
        return None

    @staticmethod
    def _answer_of(page):
        try:
            return page.result()
        except wire.NoReply:
            return None
