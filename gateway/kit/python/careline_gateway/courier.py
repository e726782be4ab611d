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
        if len(self.body) > wire.BODY_BYTES_MAX:
            raise wire.TooLarge(command["type"], len(self.body))
        self.until = until
        self.again = 0.0
        self.last = None  # the latest `busy`
        self.future = concurrent.futures.Future()
        self.same = []    # asked under the same id meanwhile


class Courier:
    """Carries commands to the engine and the answers back.

    Each command has an id and is sent again, with the same id, until it is answered: after
    silence, after `busy` as long as that asks for, and after the engine came back. The engine
    does it once however often it comes.
    """

    def __init__(self, source, commands=None, beat_s=None, on_silence=None, key=None):
        self.source = source
        self.key = key
        self._context = zmq.Context()
        self._where = wire.address(commands, "CARELINE_COMMANDS", wire.COMMANDS)
        self._socket = wire.connect(self._context, zmq.DEALER, self._where, key)
        self._is_away = False          # there is no connection to an engine
        self._asked = queue.SimpleQueue()
        self._open = collections.OrderedDict()
        self._sent_at = time.monotonic()
        self._beat_s = beat_s          # so long without a command: call on_silence
        self._on_silence = on_silence
        self._lock = threading.Lock()  # what is asked is either taken in or refused
        self._is_closed = False        # nothing is asked any more
        self._is_ended = False
        self._hear, self._ring = self._context.socket(zmq.PAIR), self._context.socket(zmq.PAIR)
        self._hear.bind("inproc://bell")
        self._ring.connect("inproc://bell")
        self._thread = threading.Thread(target=self._run, name="careline-courier", daemon=True)
        self._thread.start()

    def send(self, kind, data, command_id=None, patience_s=20.0):
        """Starts a command; its Future gives the Reply, or raises NoReply after `patience_s`.

        Raises TooLarge, and Closed. What is called when the Future is done is called on this
        courier's thread: it may start the next command, and must not wait for anything.
        """
        command = {"id": command_id or wire.new_id(), "type": kind, "source": self.source}
        command["data"] = {key: value for key, value in data.items() if value is not None}
        opened = _Open(command, time.monotonic() + patience_s)
        with self._lock:
            if self._is_closed:
                raise wire.Closed
            self._asked.put(opened)
            self._wake()
        return opened.future

    def ask(self, kind, data, command_id=None, patience_s=20.0):
        """The Reply to a command, whatever its outcome. Raises NoReply, TooLarge, Closed."""
        return self.send(kind, data, command_id, patience_s).result()

    def close(self):
        """What is still open is NoReply; what is asked from now on is Closed."""
        with self._lock:
            if self._is_ended:
                return
            self._is_closed = self._is_ended = True
            self._wake()
        self._thread.join()
        self._ring.close()
        self._context.term()

    def _wake(self):
        try:
            self._ring.send(b"", zmq.DONTWAIT)
        except zmq.Again:
            pass  # it is ringing

    def _run(self):
        try:
            self._carry()
        finally:  # also after a mistake in here: nobody must wait for what never comes
            with self._lock:
                self._is_closed = True
            self._take_in()
            for opened in self._open.values():
                self._give_up(opened)
            self._socket.close()
            self._hear.close()

    def _carry(self):
        poller = zmq.Poller()
        poller.register(self._hear, zmq.POLLIN)
        while not self._is_closed:
            poller.register(self._socket, zmq.POLLIN | (zmq.POLLOUT if self._is_away else 0))
            ready = dict(poller.poll(self._wait_ms()))
            if ready.get(self._socket, 0) & zmq.POLLOUT:
                self._is_away = False
            while self._hear.poll(0):
                self._hear.recv()
            self._take_in()
            self._take_replies()
            self._send_due(time.monotonic())
            self._beat_if_due()

    def _take_in(self):
        while not self._asked.empty():
            opened = self._asked.get()
            if not opened.future.set_running_or_notify_cancel():
                continue  # cancelled before it was sent; from here on it cannot be
            before = self._open.setdefault(opened.id, opened)
            if before is not opened:
                before.same.append(opened.future)
                before.until = max(before.until, opened.until)

    def _wait_ms(self):
        due = [opened.until if self._is_away else min(opened.again, opened.until)
               for opened in self._open.values()]
        if self._beat_s:
            due.append(self._sent_at + self._beat_s)
        return max(0, int((min(due, default=time.monotonic() + 60) - time.monotonic()) * 1000) + 1)

    def _take_replies(self):
        while self._socket.poll(0):
            body = self._socket.recv_multipart()[-1]
            try:
                reply = wire.Reply.of(wire.unpack(body))
            except (ValueError, TypeError, AttributeError, msgpack.UnpackException):
                continue  # not from an engine; it will be asked again
            opened = self._open.get(reply.id)
            if opened and reply.outcome == "busy":
                opened.again = time.monotonic() + reply.retry_ms / 1000
                opened.last = reply
            elif opened:
                del self._open[reply.id]
                self._answer(opened, reply)

    def _send_due(self, now):
        for opened in list(self._open.values()):
            if now >= opened.until:
                del self._open[opened.id]
                self._give_up(opened)
            elif now >= opened.again and not self._is_away:
                try:
                    self._socket.send_multipart([b"", opened.body], zmq.DONTWAIT)
                except zmq.Again:
                    self._is_away = True  # it is sent once there is a connection
                    continue
                opened.again = now + RETRY_S
                self._sent_at = now

    def _answer(self, opened, reply):
        for future in [opened.future, *opened.same]:
            future.set_result(reply)

    def _give_up(self, opened):
        if opened.last:
            self._answer(opened, opened.last)
            return
        no_way = wire.no_way_to(self._where, self.key) if self._is_away else ""
        for future in [opened.future, *opened.same]:
            future.set_exception(wire.NoReply(opened.id, no_way))

    def _beat_if_due(self):
        if self._beat_s and time.monotonic() >= self._sent_at + self._beat_s:
            self._sent_at = time.monotonic()
            self._on_silence()
