# SPDX-License-Identifier: Apache-2.0
"""A tracker and a server of this machine, for tests."""

from ..rpc.server import Server
from ..rpc.tracker import Tracker


class LocalRPC:
    """A context in which there are a tracker and a server with a key: `tracker_host`,
    `tracker_port`, `tracker_key`."""

    def __init__(self, tracker_key="key", silent=False, no_fork=False):
        self.tracker_key = tracker_key
        self.tracker = Tracker(port=9190, port_end=12345, silent=silent)
        self.tracker_host, self.tracker_port = self.tracker.host, self.tracker.port
        try:
            self.server = Server(
                key=tracker_key,
                port=9190,
                port_end=12345,
                tracker_addr=(self.tracker_host, self.tracker_port),
                silent=silent,
                no_fork=no_fork,
            )
        except BaseException:
            self.tracker.terminate()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.tracker.terminate()
