"""Who comes and goes beside the load: pages, subscribers, readers, backups, clients that die.

Each comes at a time of its own and leaves nothing behind, in its own good order or without a word:
what the engine keeps for one of them after that is a leak. With `plant`, the soak itself leaves
something behind, to show that it would notice.
"""
import signal
import socket
import subprocess

import zmq

from careline_gateway import wire

# What comes, how often, and how long it stays, in seconds, where a sample is taken each minute.
PAGE_EACH, PAGE_STAYS = 4, 12
SUBSCRIBER_EACH, SUBSCRIBER_STAYS = 5, 12
DEAF_EACH, DEAF_STAYS = 30, 20
MORTAL_EACH, MORTALS = 12, 8
MORTAL_AWAY_S = 5                 # of our time: longer than its lease and the grace after it
QUERY_EACH = 0.5
SEEN_EACH = 3                     # one HTTP request that ends by itself
BACKUP_EACH = 60
READ_EACH, KILLED_READ_EACH = 20, 45
STAT_EACH = 90
PLANTS = ("none", "pages", "readers", "contacts")


class Fetch:
    """One HTTP request without waiting: `then(body)` once the engine has closed, or at `end`."""

    def __init__(self, line, http, path, then=None):
        host, port = http.removeprefix("http://").rsplit(":", 1)
        self.line, self.then, self.body = line, then, b""
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.socket.setblocking(False)
        self.socket.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                         .encode())
        self.line.listen(self.socket.fileno(), self._read)
        self.file = self.socket.fileno()
        self.is_open = True

    def _read(self):
        try:
            got = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionError:
            got = b""
        if not got:
            self.end()
        elif self.then:
            self.body += got

    def end(self):
        if not self.is_open:
            return
        self.is_open = False
        self.line.deafen(self.file)
        self.socket.close()
        if self.then:
            self.then(self.body.partition(b"\r\n\r\n")[2].decode())


class Subscriber:
    """Hears all events for a while, in their order and without a gap."""

    def __init__(self, line, events, gaps):
        self.line, self.gaps, self.last = line, gaps, 0
        self.context = zmq.Context()
        self.socket = wire.connect(self.context, zmq.SUB, events)
        for topic in ("contact.", "offer.", "agent.", "dial.", "session."):
            self.socket.subscribe(topic)
        line.listen(self.socket, self._read)

    def _read(self):
        # A few at a time: the load's own answers must not wait behind these.
        for _ in range(50):
            if not self.socket.poll(0):
                return
            at = wire.unpack(self.socket.recv_multipart()[-1])["position"]
            if self.last and at <= self.last:
                self.gaps.append((self.last, at))
            self.last = at

    def end(self):
        self.line.deafen(self.socket)
        self.context.destroy(0)


class Neighbours:
    """All of them. `scale` is the time between two samples over a minute. `wrong` gathers what
    failed that should not have."""

    def __init__(self, line, engine, program, scale, plant):
        self.line, self.engine, self.program = line, engine, program
        self.scale, self.plant = scale, plant
        self.wrong = []
        self.count = {}
        self._out_of_order = []
        self._kept = []          # what is planted
        self._running = {}       # by what it does: a process
        self._turn = 0
        self._backup = engine.folder + "/backup"
        self._mortals = 0

    def begin(self):
        for each, what in ((PAGE_EACH, self._page), (SUBSCRIBER_EACH, self._subscriber),
                           (DEAF_EACH, self._deaf),
                           (max(MORTAL_EACH, MORTAL_AWAY_S / MORTALS / self.scale), self._mortal),
                           (QUERY_EACH, self._query), (SEEN_EACH, self._seen),
                           (BACKUP_EACH, self._back_up), (READ_EACH, self._read),
                           (KILLED_READ_EACH, self._read_and_die), (STAT_EACH, self._stat)):
            self._each(each * self.scale, what)

    def end(self):
        for process in [*self._running.values(), *self._kept]:
            if isinstance(process, subprocess.Popen):
                process.kill()
                process.wait()

    def all_wrong(self):
        """What went wrong beside the load, one sentence each."""
        disorder = [f"events out of order: {self._out_of_order[:3]}"] if self._out_of_order else []
        return self.wrong + disorder

    def sampled(self):
        """Leaves something behind, where it is asked to."""
        if self.plant == "pages":
            self._kept += [Fetch(self.line, self.engine.at["http"], "/api/events")
                           for _ in range(3)]
        elif self.plant == "readers":
            self._kept.append(self._start(["log", "read"], stdout=subprocess.PIPE))
        elif self.plant == "contacts":
            for _ in range(100):
                self.line.send("gateway-0", "contact.open", {"channel": "web", "queue": "crowd"})

    def _each(self, seconds, what):
        def again():
            what()
            self.line.after(seconds, again)
        self.line.after(seconds, again)

    def _counted(self, what):
        self.count[what] = self.count.get(what, 0) + 1

    def _page(self):
        page = Fetch(self.line, self.engine.at["http"], "/api/events")
        self.line.after(PAGE_STAYS * self.scale, page.end)
        self._counted("pages")

    def _seen(self):
        self._turn += 1
        path = ("/", "/readyz?verbose", "/api/board", "/livez")[self._turn % 4]
        Fetch(self.line, self.engine.at["http"], path)
        self._counted("requests")

    def _subscriber(self):
        ear = Subscriber(self.line, self.engine.at["events"], self._out_of_order)
        self.line.after(SUBSCRIBER_STAYS * self.scale, ear.end)
        self._counted("subscribers")

    def _deaf(self):
        context = zmq.Context()
        ear = context.socket(zmq.SUB)
        ear.setsockopt(zmq.RCVHWM, 1)
        ear.setsockopt(zmq.RCVBUF, 4096)
        ear.subscribe("")
        ear.connect(self.engine.at["events"])
        self.line.after(DEAF_STAYS * self.scale, lambda: context.destroy(0))
        self._counted("deaf subscribers")

    def _mortal(self):
        """A gateway and desk in one that says hello, takes things on, and is gone."""
        self._mortals += 1
        name = f"mortal-{self._mortals % MORTALS}"
        context = zmq.Context()
        line = context.socket(zmq.DEALER)
        line.connect(self.engine.at["commands"])
        contacts = [("contact.open", {"channel": "phone", "queue": queue})
                    for queue in ("crowd", "crowd", "care")]
        for kind, data in [("session.hello", {"name": name, "lease_s": 1}),
                           ("agent.sign_in", {"agent": name, "skills": {name: 5}}),
                           ("agent.set_state", {"agent": name, "state": "ready"}), *contacts]:
            line.send_multipart([b"", wire.pack({"id": wire.new_id(), "type": kind,
                                                 "source": name, "data": data})])
        # Long enough for the bytes to leave; some of the answers find nobody.
        self.line.after(0.2, lambda: context.destroy(0))
        self._counted("clients that died")

    def _query(self):
        self._turn += 1
        kind, data = (("queue.show", {"queue": "crowd", "limit": 50}), ("agent.list", {}),
                      ("board.show", {}), ("contact.show", {"contact": "W-1"}),
                      ("why.contact", {"contact": "W-1"}), ("queue.list", {}),
                      ("log.read", {"after": 1, "limit": 200}))[self._turn % 7]
        self.line.send("board-1", kind, data)

    # --- processes beside the engine -----------------------------------------------------------

    def _start(self, words, **how):
        return subprocess.Popen(
            [self.program, *words, "--data", self.engine.folder + "/data"],
            stdin=subprocess.DEVNULL, **{"stdout": subprocess.DEVNULL,
                                         "stderr": subprocess.PIPE, **how})

    def _beside(self, what, words):
        """One of a kind at a time: a slow machine gets fewer of them."""
        if what in self._running:
            return
        process = self._running[what] = self._start(words)
        self._look_after(what, process)
        self._counted(what)

    def _look_after(self, what, process):
        if process.poll() is None:
            self.line.after(0.1, lambda: self._look_after(what, process))
            return
        del self._running[what]
        said = process.stderr.read().decode()
        process.stderr.close()
        if process.returncode != 0:
            self.wrong.append(f"{what} ended with {process.returncode}: {said.strip()}")

    def _back_up(self):
        self._beside("backups", ["log", "backup", self._backup])

    def _read(self):
        self._beside("readers", ["log", "read", "--limit", "2000"])

    def _stat(self):
        self._beside("statistics", ["log", "stat"])

    def _read_and_die(self):
        """A reader that is killed in the middle: nobody takes what it prints."""
        process = self._start(["log", "read"], stdout=subprocess.PIPE)

        def kill():
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            process.stderr.close()
        self.line.after(2, kill)
        self._counted("readers that died")
