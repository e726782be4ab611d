"""A gateway to the Careline engine in Python: say, be answered, follow, never miss one.

Needs python3-zmq and python3-msgpack. Start with docs/gateway.md; the bytes are in docs/wire.md.
"""
from .client import Client, Desk, Gateway
from .courier import Courier
from .follow import Follow
from .wire import Closed, Event, NoReply, NotAccepted, Reply, TooLarge, new_id

__all__ = ["Client", "Closed", "Courier", "Desk", "Event", "Follow", "Gateway", "NoReply",
           "NotAccepted", "Reply", "TooLarge", "new_id"]
