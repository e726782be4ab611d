"""The command socket: one thread owns it, any thread asks."""
import collections
import concurrent.futures
import queue
import threading
import time

import msgpack
import zmq

from . import wire

RETRY_S = 2.0  # no reply for so long: the same id again


class _Open:
    """A command that was not answered for good yet."""

    def __init__(self, command, until):
        self.id = command["id"]
        self.body = wire.pack(command)
        self.until = until
        self.again = 0.0
        self.last = None  # the latest `busy`
        self.future = concurrent.futures.Future()


class Courier:
    """Carries commands to the engine and the answers back.

    Each command has an id and is sent again, with the same id, until it is answered: after
    silence, after `busy` as long as that asks for, and after the engine came back. The engine
    does it once however often it comes.
    """

    def __init__(self, source, commands=None, beat_s=None, on_silence=None):
        self.source = source
        self._context = zmq.Context()
        where = wire.address(commands, "CARELINE_COMMANDS", wire.COMMANDS)
        self._socket = wire.connect(self._context, zmq.DEALER, where)
        self._asked = queue.SimpleQueue()
        self._open = collections.OrderedDict()
        self._sent_at = time.monotonic()
        self._beat_s = beat_s          # so long without a command: call on_silence
        self._on_silence = on_silence
        self._ending = threading.Event()
        self._hear, self._ring = self._context.socket(zmq.PAIR), self._context.socket(zmq.PAIR)
        self._hear.bind("inproc://bell")
        self._ring.connect("inproc://bell")
        self._ring_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="careline-courier", daemon=True)
        self._thread.start()

    def send(self, kind, data, command_id=None, patience_s=20.0):
        """Starts a command; its Future gives the Reply, or raises NoReply after `patience_s`."""
        command = {"id": command_id or wire.new_id(), "type": kind, "source": self.source}
        command["data"] = {key: value for key, value in data.items() if value is not None}
        opened = _Open(command, time.monotonic() + patience_s)
        self._asked.put(opened)
        self._wake()
        return opened.future

    def ask(self, kind, data, command_id=None, patience_s=20.0):
        """The Reply to a command, whatever its outcome. Raises NoReply."""
        return self.send(kind, data, command_id, patience_s).result()

    def close(self):
        if not self._ending.is_set():
            self._ending.set()
            self._wake()
            self._thread.join()
            self._ring.close()
            self._context.term()

    def _wake(self):
        with self._ring_lock:
            try:
                if not self._ring.closed:
                    self._ring.send(b"", zmq.DONTWAIT)
            except zmq.Again:
                pass  # it is ringing

    def _run(self):
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._hear, zmq.POLLIN)
        while not self._ending.is_set():
            poller.poll(self._wait_ms())
            while self._hear.poll(0):
                self._hear.recv()
            while not self._asked.empty():
                opened = self._asked.get()
                self._open[opened.id] = opened
            self._take_replies()
            self._send_due(time.monotonic())
            self._beat_if_due()
        for opened in self._open.values():
            opened.future.set_exception(wire.NoReply(opened.id))
        self._socket.close()
        self._hear.close()

    def _wait_ms(self):
        due = [min(opened.again, opened.until) for opened in self._open.values()]
        if self._beat_s:
            due.append(self._sent_at + self._beat_s)
        return max(0, int((min(due, default=time.monotonic() + 60) - time.monotonic()) * 1000) + 1)

    def _take_replies(self):
        while self._socket.poll(0):
            body = self._socket.recv_multipart()[-1]
            try:
                reply = wire.Reply.of(wire.unpack(body))
            except (ValueError, AttributeError, msgpack.UnpackException):
                continue  # not from an engine; it will be asked again
            opened = self._open.get(reply.id)
            if opened and reply.outcome == "busy":
                opened.again = time.monotonic() + reply.retry_ms / 1000
                opened.last = reply
            elif opened:
                del self._open[reply.id]
                opened.future.set_result(reply)

    def _send_due(self, now):
        for opened in list(self._open.values()):
            if now >= opened.until:
                del self._open[opened.id]
                if opened.last:
                    opened.future.set_result(opened.last)
                else:
                    opened.future.set_exception(wire.NoReply(opened.id))
            elif now >= opened.again:
                try:
                    self._socket.send_multipart([b"", opened.body], zmq.DONTWAIT)
                except zmq.Again:
                    pass  # the engine is away and the socket full: later
                opened.again = now + RETRY_S
                self._sent_at = now

    def _beat_if_due(self):
        if self._beat_s and time.monotonic() >= self._sent_at + self._beat_s:
            self._sent_at = time.monotonic()
            self._on_silence()
