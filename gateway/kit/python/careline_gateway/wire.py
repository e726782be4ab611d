"""What goes over the wire, as Python sees it. See docs/wire.md."""
import dataclasses
import os
import re
import stat
import time
import uuid

import msgpack
import zmq

COMMANDS = "tcp://127.0.0.1:5570"
EVENTS = "tcp://127.0.0.1:5571"
BODY_BYTES_MAX = 64 * 1024  # of a command; the engine refuses more, and drops far more unread


def address(given, variable, default):
    """The address given, or the one in the environment, or the engine's default."""
    return given or os.environ.get(variable) or default


def new_id():
    """A UUID of version 7: the engine knows from it how old a command is."""
    bits = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    bits = bits & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def unpack(body):
    return msgpack.unpackb(body, raw=False)


class Key:
    """A client's key file, as `careline key make` writes it; see docs/security.md."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise PermissionError(f"{path} may be read by others: chmod 600 {path}")
            lines = re.findall(r'^(\w+) *= *"(.*)"$', file.read(), re.MULTILINE)
        self._said = {word: re.sub(r"\\(.)", r"\1", text) for word, text in lines}
        for word in ("client", "public", "secret", "server"):
            if not self._said.get(word):
                raise ValueError(f"{path} has no line \"{word}\"")
        self.client = self._said["client"]

    def put_on(self, socket):
        """The engine knows by it who connects, and the client that it is the engine."""
        socket.curve_publickey = self._said["public"].encode()
        socket.curve_secretkey = self._said["secret"].encode()
        socket.curve_serverkey = self._said["server"].encode()


def key_of(key_file):
    """The key in the file given, or in the one that the environment names; None: neither."""
    path = key_file or os.environ.get("CARELINE_KEY")
    return Key(path) if path else None


def no_way_to(where, key):
    """Where there is no connection. To whom an engine turns away for its key it is as if nobody
    were there."""
    asks = "does it accept this client's key" if key else "does it ask for a key"
    return f"there is no connection to {where}: is the engine there, and {asks}?"


def connect(context, kind, where, key=None):
    """A socket that notices a dead engine within seconds and connects again by itself."""
    socket = context.socket(kind)
    if key:
        key.put_on(socket)
    socket.setsockopt(zmq.LINGER, 200)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 2000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 6000)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    socket.setsockopt(zmq.RCVHWM, 100_000)
    if kind == zmq.DEALER:
        # Nothing waits inside ZeroMQ for an engine that is away: what was given up by then must
        # not reach it when it is back.
        socket.setsockopt(zmq.IMMEDIATE, 1)
    socket.connect(where)
    return socket


@dataclasses.dataclass(frozen=True)
class Reply:
    """The one answer to a command or query."""
    id: str
    outcome: str              # accepted, refused, busy, invalid
    position: int             # of the last event that the command caused; 0: it caused none
    data: dict
    problem: dict             # type, title, field, detail; empty when accepted
    retry_ms: int
    fallback: str             # with busy: where else to send the person

    @staticmethod
    def of(body):
        return Reply(body.get("id", ""), body.get("outcome", ""), body.get("position", 0),
                     body.get("data") or {}, body.get("problem") or {},
                     int(body.get("retry_ms", 100)), body.get("fallback", ""))

    @property
    def accepted(self):
        return self.outcome == "accepted"


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that became true. Personal values in `data` are sealed: bytes, not text."""
    type: str                 # contact.queued
    position: int             # 1, 2, 3, … without gaps
    previous: int             # of the event before of the same type; 0: none
    subject: str              # contact/C-1
    time: str                 # RFC 3339 UTC
    data: dict
    body: dict                # all keys, as they came

    @staticmethod
    def of(body):
        return Event(body["type"], body["position"], body.get("previous", 0),
                     body.get("subject", ""), body.get("time", ""), body.get("data") or {}, body)


class NotAccepted(Exception):
    """The engine said no. `reply` holds its reason: `reply.problem["type"]` is a stable code."""

    def __init__(self, reply):
        problem = reply.problem
        where = f" ({problem['field']})" if problem.get("field") else ""
        super().__init__(f"{problem.get('type', reply.outcome)}: {problem.get('title', '')}{where}")
        self.reply = reply


class NoReply(Exception):
    """Nothing was heard in time: unknown, not refused. Ask again with the same `id`."""

    def __init__(self, command_id, no_way=""):
        super().__init__(f"no reply to {command_id}: send the same id again" +
                         (f"; {no_way}" if no_way else ""))
        self.id = command_id


class TooLarge(ValueError):
    """The command was not sent: the engine takes no body of that size."""

    def __init__(self, kind, size):
        super().__init__(f"{kind} has {size} bytes; the engine takes at most {BODY_BYTES_MAX}")


class Closed(RuntimeError):
    """The client was closed: nothing is sent, or followed, by it any more."""

    def __init__(self):
        super().__init__("the client was closed")
