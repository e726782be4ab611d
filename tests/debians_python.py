"""Imported first by what needs ZeroMQ and MessagePack: Debian's packages of them belong to
Debian's own Python, which takes over where another one was started. Ends with 77, skipped, where
they are not."""
import os
import sys

try:
    import msgpack  # noqa: F401
    import zmq  # noqa: F401
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: needs python3-zmq and python3-msgpack")
    sys.exit(77)
