# SPDX-License-Identifier: Apache-2.0
"""Threads that have work done elsewhere and wait for it; idle ones end."""

import collections
import threading
from concurrent import futures

from .. import _core


class Dispatcher:
    """Runs functions in at most as many threads as the last `submit` said."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting = collections.deque()
        self._threads = 0

    def submit(self, limit, function, *arguments) -> futures.Future:
        """The future of `function(*arguments)`."""
        future: futures.Future = futures.Future()
        with self._lock:
            self._waiting.append((future, function, arguments))
            if self._threads < limit:
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()
        return future

    def _work(self):
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                future, function, arguments = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function(*arguments))
            except BaseException as error:
                future.set_exception(error)


def wait(future):
    """The result of a future; an interrupt ends the wait."""
    while not future.done():
        _core.check_interrupt()
        futures.wait([future], timeout=0.05)
    return future.result()
