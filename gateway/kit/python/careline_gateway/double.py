"""A test double of the engine, for a gateway's own tests: no program, no data folder, no waiting.

    with EngineDouble() as engine:
        gateway = Gateway("phone-1", engine.commands, engine.events)

It speaks the engine's wire (docs/wire.md) on free ports of this machine and answers as an engine
does that has queues and nobody signed in. What else should happen, the test says. It keeps
no leases: a session ends when it is closed.
"""
import collections
import dataclasses
import math
import threading
import time

import msgpack
import zmq

from . import wire
from .double_words import COMMANDS, PROBLEMS, QUERIES, No, Words, check

RECEIVED_MAX = 10_000  # commands in its record
NEXT_MAX = 1_000       # answers told beforehand, for each type
OUTCOMES = ("accepted", "refused", "busy", "invalid", "silence", "lost")
DEFAULT_PROBLEMS = {"refused": "routing.unknown_contact", "busy": "engine.busy",
                    "invalid": "command.field_invalid"}


@dataclasses.dataclass(frozen=True)
class Received:
    """A command as it came."""
    id: str
    type: str
    source: str
    data: dict


class EngineDouble:
    """Use it in a `with`. Any thread may call it; a mistake of its own, such as a record that is
    full, is raised by the next call and at the end of the block."""

    def __init__(self, queues=("care",), beat_s=0.1):
        """`beat_s`: how often log.head comes; an engine's comes each second."""
        self.commands = self.events = "tcp://127.0.0.1:*"
        self.is_away = True
        self._beat_s = beat_s
        self._words = Words()
        self._received = []
        self._answered = {}                                 # id: type, data and the reply
        self._next = collections.defaultdict(collections.deque)  # type: answers told beforehand
        self._to_lose = 0
        self._lost = set()                                  # positions that the bus does not tell
        self._failure = None
        self._changed = threading.Condition(threading.RLock())
        for queue in queues:
            self._words.write("queue.defined", {"queue": queue})

    def __enter__(self):
        self.come_back()
        return self

    def __exit__(self, kind, _value, _trace):
        if not self.is_away:
            self._stop()
        if kind is None:
            self._check()

    # What came.

    def received(self, kind=None):
        """The commands that came, in order, also those that were not answered; of one type, or all
        but beats and questions of the log. The same id sent again is there again."""
        with self._changed:
            self._check()
            return self._those(kind)

    def wait_for(self, kind, count=1, timeout_s=5.0):
        """The commands of a type, once `count` of them came. Raises TimeoutError."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: self._failure or len(self._those(kind)) >= count, timeout_s)
            self._check()
            if not came:
                others = sorted({command.type for command in self._received})
                raise TimeoutError(f"{len(self._those(kind))} of {count} {kind} came within "
                                   f"{timeout_s} s; others that came: {', '.join(others)}")
            return self._those(kind)

    def _those(self, kind):
        return [c for c in self._received if c.type == kind or
                (kind is None and c.type not in ("session.beat", "log.read"))]

    # What it should do.

    def answer_next(self, kind, outcome, /, times=1, problem=None, title=None, **more):
        """How the next command of a type, or the next `times` of it, are answered; nothing is done.

        `outcome`: accepted, refused, busy, invalid; or "silence", as if the command never came; or
        "lost", when all is done and the reply does not get through. `problem` is the code of a no;
        `more` are other keys of the reply: data, retry_ms, fallback, position.
        """
        if kind not in COMMANDS | QUERIES:
            raise ValueError(f"an engine has no command {kind!r}")
        if outcome not in OUTCOMES:
            raise ValueError(f"no outcome {outcome!r}: it is one of {', '.join(OUTCOMES)}")
        reply = {"outcome": outcome, **more}
        if outcome in DEFAULT_PROBLEMS:
            code = problem or DEFAULT_PROBLEMS[outcome]
            reply["problem"] = {"type": code, "title": title or PROBLEMS.get(code, ("", code))[1]}
        if outcome == "busy":
            reply.setdefault("retry_ms", 50)
        with self._changed:
            self._check()
            if not 1 <= times <= NEXT_MAX - len(self._next[kind]):
                raise ValueError(f"from 1 to {NEXT_MAX} answers to {kind} can be told beforehand")
            self._next[kind].extend([reply] * times)

    def publish(self, kind, /, actor="engine", lost=False, data=None, **fields):
        """Something became true: one event, with the fields of its data; gives it. `lost`: it is
        in the log, and the bus loses it. `data` is for fields that Python cannot name: from."""
        if "." not in kind or not kind.isascii():
            raise ValueError(f"an event's type is noun.past_participle, not {kind!r}")
        with self._changed:
            self._check()
            event = self._words.write(kind, {**(data or {}), **fields}, actor)
            if lost or self.is_away:
                self._lost.add(event["position"])
            else:
                self._lose([event["position"]])
            self._wake()
            return wire.Event.of(event)

    def lose_next(self, count=1):
        """The bus loses the next `count` events, whatever causes them; the log has them."""
        with self._changed:
            self._check()
            self._to_lose += count

    def go_away(self):
        """As an engine that died: nothing is answered and nothing told; what it knows, it keeps."""
        self._check()
        if self.is_away:
            raise RuntimeError("the double is away already")
        self._stop()

    def come_back(self):
        """At the addresses that it had. What was published meanwhile is in the log."""
        self._check()
        if not self.is_away:
            raise RuntimeError("the double is there already")
        self._context = zmq.Context()
        sockets = [self._context.socket(kind)
                   for kind in (zmq.ROUTER, zmq.XPUB, zmq.PAIR, zmq.PAIR)]
        self._router, self._pub, self._hear, self._ring = sockets
        for socket in sockets:
            socket.setsockopt(zmq.LINGER, 0)
        self._router.setsockopt(zmq.MAXMSGSIZE, 1 << 20)
        self._pub.setsockopt(zmq.XPUB_VERBOSE, 1)
        self._pub.setsockopt(zmq.SNDHWM, 100_000)
        self._router.bind(self.commands)
        self._pub.bind(self.events)
        self._hear.bind("inproc://bell")
        self._ring.connect("inproc://bell")
        self.commands = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self.events = self._pub.getsockopt_string(zmq.LAST_ENDPOINT)
        self._told = len(self._words.log)
        self._since = self._beats = 0
        self.is_away = False
        self._thread = threading.Thread(target=self._run, name="careline-double", daemon=True)
        self._thread.start()

    # How it does it: one thread owns the sockets; the lock guards all else.

    def _check(self):
        if self._failure:
            raise RuntimeError("the double failed") from self._failure

    def _stop(self):
        with self._changed:
            self.is_away = True
            self._wake()
        self._thread.join()
        for socket in (self._router, self._pub, self._hear, self._ring):
            socket.close()
        self._context.term()

    def _wake(self):
        try:
            self._ring.send(b"", zmq.DONTWAIT)
        except (zmq.ZMQError, AttributeError):
            pass  # it is ringing, or away

    def _run(self):
        try:
            self._serve()
        except Exception as error:  # whoever uses it is told
            with self._changed:
                self._failure = error
                self._changed.notify_all()

    def _serve(self):
        poller = zmq.Poller()
        for socket in (self._router, self._pub, self._hear):
            poller.register(socket, zmq.POLLIN)
        beat_at = time.monotonic()
        while True:
            ready = dict(poller.poll(max(0, math.ceil((beat_at - time.monotonic()) * 1000))))
            with self._changed:
                if self.is_away:
                    return
                if self._hear in ready:
                    self._hear.recv()
                if self._router in ready:
                    self._take(self._router.recv_multipart())
                self._tell()
                is_new = self._pub in ready and self._pub.recv()[:1] == b"\x01"
                if is_new or time.monotonic() >= beat_at:
                    self._beat(is_whole=is_new)
                    beat_at = time.monotonic() + self._beat_s

    def _tell(self):
        for event in self._words.log[self._told:]:
            if event["position"] in self._lost:
                continue
            self._pub.send_multipart([event["type"].encode(), wire.pack(event)])
        self._told = len(self._words.log)

    def _beat(self, is_whole):
        """The first, each tenth, and those for a new subscriber tell of all types."""
        since = 0 if is_whole or self._beats % 10 == 0 else self._since
        types = {event["type"]: event["position"] for event in self._words.log[since:]}
        beat = {"partition": "0", "head": self._told, "since": since, "types": types}
        self._pub.send_multipart([b"log.head", wire.pack(beat)])
        self._since = self._told
        self._beats += 1

    def _take(self, frames):
        before = len(self._words.log)
        reply = self._reply_to(frames[-1])
        self._lose(range(before + 1, len(self._words.log) + 1))
        if reply is not None:
            body = wire.pack({key: value for key, value in reply.items() if value is not None})
            self._router.send_multipart(frames[:-1] + [body])
        self._changed.notify_all()

    def _lose(self, positions):
        for position in list(positions)[:self._to_lose]:
            self._lost.add(position)
            self._to_lose -= 1

    def _reply_to(self, body):
        """None: nothing is said."""
        told, command_id = {}, ""
        try:
            command = command_of(body)
            command_id = command["id"]
            self._record(command)
            if self._next[command["type"]]:
                told = self._next[command["type"]].popleft()
            reply = self._told_or_once(command, told)
        except No as no:
            reply = {"id": command_id or id_of(body), **no.reply}
        return None if told.get("outcome") in ("silence", "lost") else reply

    def _told_or_once(self, command, told):
        if not told or told["outcome"] == "lost":
            return self._once(command)
        reply = {"id": command["id"], **told}
        self._remember(command, reply)
        return reply

    def _record(self, command):
        if len(self._received) >= RECEIVED_MAX:
            raise RuntimeError(f"the double's record takes {RECEIVED_MAX} commands and is full")
        self._received.append(
            Received(command["id"], command["type"], command["source"], command["data"]))

    def _once(self, command):
        """The reply; the one of before to an id that came before."""
        kind, data = command["type"], command["data"]
        check(kind, data, command["id"])
        before = self._answered.get(command["id"])
        if before:
            if before[:2] != (kind, data):
                raise No("command.id_reused", "id")
            return before[2]
        try:
            reply = {"id": command["id"], "outcome": "accepted", **self._words.does(command)}
        except No as no:
            reply = {"id": command["id"], **no.reply}
        self._remember(command, reply)
        return reply

    def _remember(self, command, reply):
        if reply["outcome"] in ("accepted", "refused") and command["type"] in COMMANDS and \
                command["type"] != "session.beat":
            self._answered[command["id"]] = (command["type"], command["data"], reply)


def command_of(body):
    """A command's keys, as an engine reads them. Raises No."""
    if len(body) > wire.BODY_BYTES_MAX:
        raise No("command.too_large")
    command = map_of(body)
    if command is None:
        raise No("command.malformed")
    for key, is_right in (("id", str), ("type", str), ("data", dict), ("source", str)):
        value = command.get(key)
        if value is None and key in ("id", "type"):
            raise No("command.field_missing", key)
        if value is not None and not isinstance(value, is_right):
            raise No("command.field_invalid", key, "a map is expected" if key == "data" else "text")
    data = {key: value for key, value in (command.get("data") or {}).items() if value is not None}
    return {"id": command["id"], "type": command["type"], "data": data,
            "source": command.get("source") or "anonymous"}


def map_of(body):
    try:
        value = wire.unpack(body)
    except (ValueError, TypeError, msgpack.UnpackException):
        return None
    return value if isinstance(value, dict) else None


def id_of(body):
    """So that a reply can name a command that cannot be taken."""
    found = (map_of(body) or {}).get("id") if len(body) <= wire.BODY_BYTES_MAX else ""
    return found if isinstance(found, str) else ""
