# SPDX-License-Identifier: Apache-2.0
"""Measuring on other machines, on Dask distributed: a tracker is a scheduler, a server is a worker
that lends itself under a key. Importing this imports nothing of Dask; docs/rpc.md is the guide.

`client` is the session with a tracker, `session` the one with a server; `serving` runs both, `work`
is what a server does, `remote` what the process of a session does."""

from . import server, tracker
from .client import TrackerSession, connect_tracker
from .errors import RPCError
from .server import Server
from .session import RPCSession
from .tracker import Tracker

__all__ = [
    "RPCError",
    "RPCSession",
    "Server",
    "Tracker",
    "TrackerSession",
    "connect_tracker",
    "server",
    "tracker",
]
