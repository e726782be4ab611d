"""What tests of people at pages need: an engine with keys, accounts, and a browser's cookie."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import running_engine  # noqa: E402

PASSWORD = "correct horse battery"


def code_at(secret, step):
    """RFC 6238, as an authenticator has it."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def make_certificate(folder):
    """One for localhost, that nobody but who is handed it trusts, and its key."""
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", files[0],
                    "-keyout", files[1]], check=True, capture_output=True)
    return files


class Browser:
    """Keeps one cookie and shows it again; `token` is what its page was told."""

    def __init__(self, engine, cafile=None, port=None):
        host, own = engine.host_and_port()
        port = port or own
        if engine.at["http"].startswith("https"):
            context = ssl.create_default_context(cafile=cafile)
            self.line = http.client.HTTPSConnection("localhost", port, context=context, timeout=60)
        else:
            self.line = http.client.HTTPConnection(host, port, timeout=60)
        self.cookie = ""
        self.set_cookie = ""
        self.token = ""

    def __del__(self):
        self.line.close()

    def ask(self, method, path, body=None, **headers):
        """Status and what was said, as JSON."""
        given = {"Cookie": self.cookie} if self.cookie else {}
        if body is not None:
            given["Content-Type"] = "application/json"
        given.update({name.replace("_", "-"): text for name, text in headers.items()})
        self.line.request(method, path, None if body is None else json.dumps(body), given)
        answer = self.line.getresponse()
        text = answer.read().decode()
        self.set_cookie = answer.getheader("Set-Cookie") or ""
        if answer.getheader("Content-Type", "").startswith("application/"):
            return answer.status, json.loads(text) if text else {}
        return answer.status, text

    def sign_in(self, user, password=PASSWORD, **more):
        status, said = self.ask("POST", "/api/session",
                                {"user": user, "password": password, **more})
        if status == 200:
            self.cookie = self.set_cookie.split(";")[0]
            self.token = said["csrf"]
        return status, said

    def tell(self, kind, data, **headers):
        headers.setdefault("X_CSRF_Token", self.token)
        return self.ask("POST", "/api/command", {"type": kind, "data": data}, **headers)

    def query(self, kind, data=None):
        return self.ask("POST", "/api/query", {"type": kind, "data": data or {}})


class People(unittest.TestCase):
    def serve(self, *more):
        engine = running_engine.Engine("--secure", *more)
        self.addCleanup(engine.close)
        engine.data = engine.folder + "/data"
        engine.admin = engine.data + "/admin.key"
        return engine

    def own_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def word(self, engine, *words, said=None, code=0, bus=True):
        """What a subcommand says; `bus`: it asks the running engine, as its administrator."""
        where = ["--key", engine.admin, "--commands", engine.at["commands"]] if bus else []
        if words[:2] == ("key", "make"):
            where = ["--data", engine.data]
        done = subprocess.run(
            [running_engine.PROGRAM, *words, *where], input=said, capture_output=True, text=True,
            timeout=running_engine.PATIENCE_S)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def person(self, engine, name, *roles, agent=None):
        words = [flag for role in roles for flag in ("--role", role)]
        if agent:
            words += ["--agent", agent]
        self.word(engine, "user", "add", name, *words, said=PASSWORD + "\n")

    def signed_in(self, engine, name):
        browser = Browser(engine)
        status, said = browser.sign_in(name)
        self.assertEqual(status, 200, said)
        return browser

    def audit(self, engine, *asked):
        return [json.loads(line) for line in
                self.word(engine, "audit", "--json", *asked).splitlines()]

    def refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1].get("type")), (status, code), answer)
