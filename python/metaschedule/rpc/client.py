# SPDX-License-Identifier: Apache-2.0
"""The session with a tracker: which servers there are, and functions that run on one of them."""

import asyncio
import threading
import time
import uuid

from .. import _core
from .errors import RPCError, require_distributed
from .security import check_exposure, make_security, url

# Servers tell here which jobs they have begun with.
TOPIC = "metaschedule"
# Seconds that a server may be late with an answer, over the time limit of what it does.
GRACE_SECONDS = 20.0
POLL_SECONDS = 0.2
# A server may die while a job waits for it; the job moves on this often.
MAX_MOVES = 3

_trackers = {}
_trackers_lock = threading.Lock()


def connect_tracker(
    host, port, *, timeout_sec=10.0, tls_ca_file=None, tls_cert=None, tls_key=None
) -> "TrackerSession":
    """The session of this process with a tracker. ValueError when nothing answers in time, or when
    the tracker is not on this machine and there is no mutual TLS."""
    key = (host, int(port), tls_ca_file, tls_cert, tls_key)
    with _trackers_lock:
        known = _trackers.get(key)
        if known is not None and known.alive:
            return known
        if known is not None:
            del _trackers[key]
            known.close()
        return _trackers.setdefault(key, TrackerSession(*key, timeout_sec=timeout_sec))


def _list_servers(dask_scheduler):
    """Runs in the tracker: address, resources and jobs of each server."""
    return [
        (address, dict(state.resources), len(state.processing))
        for address, state in dask_scheduler.workers.items()
    ]


class TrackerSession:
    """A connection to a tracker. Made by `connect_tracker`; several threads may use it."""

    def __init__(
        self, host, port, tls_ca_file=None, tls_cert=None, tls_key=None, *, timeout_sec=10.0
    ):
        require_distributed()
        from distributed import Client

        security = make_security(tls_ca_file, tls_cert, tls_key)
        check_exposure(host, security, "client", f"the tracker at {host}:{port}")
        self.host, self.port = host, port
        try:
            self._client = Client(
                url(host, port, security, "client"),
                security=security,
                timeout=timeout_sec,
                set_as_default=False,
            )
        except (OSError, TimeoutError, asyncio.TimeoutError) as error:
            raise ValueError(
                f"no tracker answers at {host}:{port} within {timeout_sec} seconds ({error}); "
                f"`metaschedule rpc-query --tracker {host}:{port}` asks it, "
                "`metaschedule rpc-tracker` starts one"
            ) from error
        self._begun = {}  # by the id of a job that is under way: when and where, or None
        self._client.subscribe_topic(TOPIC, self._on_event)

    @property
    def alive(self) -> bool:
        """Whether the connection stands."""
        return self._client.status == "running"

    def wait_until_connected(self) -> None:
        """Waits while the connection is being made again. RPCError when it has ended for good."""
        while self._client.status == "connecting":
            time.sleep(POLL_SECONDS)
        if not self.alive:
            raise RPCError("exception", self.ended())

    def ended(self) -> str:
        """That the connection has ended."""
        return f"the connection to the tracker at {self.host}:{self.port} ended"

    def servers(self, key=None):
        """Addresses of the servers with a key, or of all."""
        return [a for a, has, _ in self._list() if key is None or has.get(key, 0) >= 1]

    def wait_for_servers(self, key, patience_sec) -> int:
        """How many servers have a key; ValueError when for so many seconds there is none."""
        deadline = time.monotonic() + patience_sec
        while not (count := len(self.servers(key))):
            if time.monotonic() > deadline:
                raise ValueError(self.nobody(key))
            _core.check_interrupt()
            time.sleep(POLL_SECONDS)
        return count

    def nobody(self, key) -> str:
        """That there is no server with a key."""
        return (
            f"the tracker at {self.host}:{self.port} has no server with the key {key!r}; "
            "`metaschedule rpc-query` lists what it has"
        )

    def summary(self):
        """Servers and queues, as TVM's tracker gives them."""
        queues, infos = {}, []
        for address, resources, jobs in self._list():
            host, _, port = address.rpartition("//")[2].rpartition(":")
            for key in resources:
                infos.append({"addr": [host, int(port)], "key": f"server:{key}"})
                queue = queues.setdefault(key, {"free": 0, "pending": 0})
                queue["free" if jobs == 0 else "pending"] += max(1, jobs)
        return {"server_info": infos, "queue_info": queues}

    def text_summary(self) -> str:
        """The same for people."""
        found = self.summary()
        lines = [f"tracker at {self.host}:{self.port}", "", "server               key"]
        for info in found["server_info"]:
            host, port = info["addr"]
            lines.append(f"{f'{host}:{port}':<20} {info['key'].partition(':')[2]}")
        lines += ["", "key                  free  jobs"]
        for key, queue in found["queue_info"].items():
            lines.append(f"{key:<20} {queue['free']:>4}  {queue['pending']:>4}")
        return "\n".join(lines)

    def request(self, key, priority=1, session_timeout=0, max_retry=5):
        """An RPCSession with a server of the key, once one is free; it ends `session_timeout`
        seconds after it began (0: never). RPCError when there is no such server for ten seconds."""
        from .session import RPCSession

        del max_retry  # a job that waits moves on by itself
        return RPCSession(self, key, priority, session_timeout)

    def close(self) -> None:
        """Ends the connection, and with it the sessions that were requested here."""
        self._client.close(timeout=1)

    def _list(self):
        if not self.alive:
            raise ConnectionError(self.ended())
        return self._client.run_on_scheduler(_list_servers)

    def _on_event(self, event):
        _, message = event
        if message["id"] in self._begun:
            self._begun[message["id"]] = (time.monotonic(), message["address"])


class Job:
    """A call of a function on a server that is free, or on a given one. With `key` it has the
    server for itself until it returns."""

    def __init__(self, tracker, function, arguments, *, key=None, address=None, priority=1):
        self.id = uuid.uuid4().hex
        self._tracker, self._function, self._arguments = tracker, function, arguments
        self._key = key
        self._options = {"priority": priority, "retries": 0, "pure": False}
        if key is not None:
            self._options["resources"] = {key: 1}
        if address is not None:
            self._options.update(workers=[address], allow_other_workers=False)
        self._moves = 0
        self._submit()

    def _submit(self):
        self._tracker.wait_until_connected()
        self._tracker._begun[self.id] = None
        # The job may go to another server, so each try has a name of its own.
        self._future = self._tracker._client.submit(
            self._function,
            self.id,
            *self._arguments,
            key=f"metaschedule-{self.id}-{self._moves}",
            **self._options,
        )
        self._event = threading.Event()
        self._future.add_done_callback(lambda _: self._event.set())

    @property
    def begun(self):
        """(when, address) once a server has begun with the job."""
        return self._tracker._begun.get(self.id)

    def wait(self, seconds) -> bool:
        """Whether the job is done, at the latest after so many seconds."""
        self._event.wait(seconds)
        return self._future.done()

    def result(self):
        """What the function returned; RPCError when its server died or it raised."""
        from distributed.scheduler import KilledWorker

        status = self._future.status
        if status == "finished":
            return self._future.result()
        if status != "error":
            raise RPCError("exception", self._tracker.ended())
        error = self._future.exception()
        if isinstance(error, KilledWorker):
            where = self.begun[1] if self.begun else error.last_worker.address
            raise RPCError("crash", f"the server {where} died while it worked on this") from error
        if isinstance(error, RPCError):
            raise error
        raise RPCError("exception", f"{type(error).__name__}: {error}") from error

    def died_waiting(self) -> bool:
        """Whether the job is done because the server died where it waited for its turn."""
        from distributed.scheduler import KilledWorker

        error = self._future.exception() if self._future.status == "error" else None
        if not isinstance(error, KilledWorker):
            return False
        # One that was stopped while it worked on the job may have handed it to the one that died.
        return self.begun is None or self.begun[1] != error.last_worker.address

    def wait_begun(self, patience_sec=10.0) -> None:
        """Waits until a server has begun. RPCError when none is there for `patience_sec`."""
        patience = _Patience(self, patience_sec)
        while self.begun is None:
            if self.wait(POLL_SECONDS / 10) and not self._moved_on():
                raise RPCError("exception", str(self.result()))
            patience.check()

    def run(self, timeout_sec, patience_sec=10.0, cancelled=lambda: False):
        """Waits for the result. RPCError("timeout") `timeout_sec` and some grace after a server has
        begun; RPCError("exception") when for `patience_sec` there is no server to begin."""
        patience = _Patience(self, patience_sec)
        try:
            while True:
                if self.wait(POLL_SECONDS) and not self._moved_on():
                    return self.result()
                if cancelled():
                    raise RPCError("exception", "the measurement was given up")
                if self.begun is None:
                    patience.check()
                elif time.monotonic() > self.begun[0] + timeout_sec + GRACE_SECONDS:
                    raise RPCError("timeout", f"the server {self.begun[1]} does not answer")
        finally:
            self.forget()

    def _moved_on(self) -> bool:
        """Whether the job is done because the server died where it waited for its turn, and has
        gone to another."""
        if self._moves >= MAX_MOVES or not self.died_waiting():
            return False
        self._moves += 1
        self._submit()
        return True

    def forget(self) -> None:
        """Gives the job up if it is not done."""
        self._tracker._begun.pop(self.id, None)
        if not self._future.done():
            self._future.cancel()
        self._future.release()


class _Patience:
    """Looks every second whether there is a server that could begin with a job."""

    def __init__(self, job, seconds):
        self._tracker, self._key, self._seconds = job._tracker, job._key, seconds
        self._alone_since = None
        self._next_look = time.monotonic() + 1.0

    def check(self) -> None:
        """RPCError when there has been none for so many seconds."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + 1.0
        try:
            count = len(self._tracker.servers(self._key))
        except (OSError, TimeoutError, asyncio.TimeoutError):
            count = 0
        if count:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > self._seconds:
            raise RPCError("exception", self._tracker.nobody(self._key))
