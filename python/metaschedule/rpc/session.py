# SPDX-License-Identifier: Apache-2.0
"""The session with one server: files, modules and arrays there, and calls of them."""

import collections
import os
import weakref

from .._core import __version__
from ..runtime.module import BenchmarkResult, flushes_cache
from . import remote, work
from .client import POLL_SECONDS, Job
from .errors import RPCError


class RPCSession:
    """A server that is this session's alone until `close`, until the session times out, or until
    this process ends. What runs there runs in a process of the session, so a crash costs the
    session and not the server. Calls raise RPCError when the session has ended."""

    def __init__(self, tracker, key, priority=1, timeout_sec=0):
        from ..python_worker import stopped_clock

        self._tracker, self._timeout_sec = tracker, timeout_sec
        # Numbers of objects there that nobody here has any more; they go with the next call.
        self._garbage = collections.deque()
        self._closed = False
        self._hold = Job(tracker, work.hold, (__version__, timeout_sec), key=key, priority=priority)
        try:
            with stopped_clock():
                self._hold.wait_begun()
        except BaseException:
            self._closed = True
            self._hold.forget()
            raise
        self.id, self.address = self._hold.id, self._hold.begun[1]

    def _call(self, function, *arguments):
        if self._garbage:
            dropped = [self._garbage.popleft() for _ in range(len(self._garbage))]
            self._send(work.call, self.id, remote.drop, (dropped,))
        return self._send(work.call, self.id, function, arguments)

    def _send(self, function, *arguments):
        if self._closed:
            raise RPCError("exception", "the session is closed")
        # Before measurements that wait: this is under way.
        job = Job(self._tracker, function, arguments, address=self.address, priority=1000)
        try:
            while not job.wait(POLL_SECONDS):
                if self._hold.wait(0) and not job.wait(1.0):
                    # With the server, the call is lost.
                    raise RPCError("timeout", self._hold.result() or "the session has ended")
            failure, value = job.result()
        finally:
            job.forget()
        if failure:
            raise RPCError(failure, f"{self.address}: {value}")
        return value

    def upload(self, data, target=None) -> None:
        """Sends a file (a path), or bytes under the name `target`."""
        if not isinstance(data, (bytes, bytearray)):
            target = target or os.path.basename(data)
            with open(data, "rb") as file:
                data = file.read()
        if not target:
            raise ValueError("upload: bytes need a name: upload(data, target)")
        self._call(remote.write_file, target, bytes(data))

    def download(self, path) -> bytes:
        """The contents of a file of the session."""
        return self._call(remote.read_file, path)

    def remove(self, path) -> None:
        """Removes a file, or what is in a folder, of the session, if it is there."""
        self._call(remote.remove_file, path)

    def listdir(self, path=""):
        """Names of the files of the session."""
        return self._call(remote.list_files, path)

    def load_module(self, path) -> "RemoteModule":
        """Opens an object file or shared library that was uploaded."""
        handle, entry_name = self._call(remote.load_module, path)
        return RemoteModule(self, handle, entry_name)

    def get_function(self, name):
        """What is registered under `name` there; AttributeError when nothing is."""
        if not self._call(remote.has_function, name):
            raise AttributeError(f"the server {self.address} has no function {name}")
        return lambda *arguments: self._call(remote.call_function, name, _lowered(arguments))

    def device(self, dev_type, dev_id=0) -> "RemoteDevice":
        """A device of the server."""
        from ..runtime import device

        return RemoteDevice(self, device(dev_type, dev_id))

    def cpu(self, dev_id=0) -> "RemoteDevice":
        """The CPU of the server."""
        return self.device("cpu", dev_id)

    def close(self, cooldown_sec=0.0) -> None:
        """Ends the session; the server rests for `cooldown_sec` before it begins another."""
        if self._closed:
            return
        try:
            if not self._hold.wait(0) and self._tracker.alive:
                self._send(work.end, self.id, cooldown_sec)
        except RPCError:
            pass
        finally:
            self._closed = True
            self._hold.forget()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        # No waiting for other machines here: the server sees that nobody wants the session.
        if not getattr(self, "_closed", True):
            self._closed = True
            self._hold.forget()


class _Remote:
    """Something that a session's process keeps as long as it is wanted here."""

    def __init__(self, session, handle):
        self._session, self._handle = session, handle
        weakref.finalize(self, session._garbage.append, handle).atexit = False


class RemoteDevice:
    """A device of a server; `runtime.array(values, device)` and `runtime.empty` place arrays."""

    def __init__(self, session, device):
        self._session, self._device = session, device
        self.device_type, self.device_id = device

    def sync(self) -> None:
        """Waits for the device: every call has done so."""

    def place(self, values) -> "RemoteArray":
        """A copy there of a numpy array."""
        handle = self._session._call(remote.place, values)
        return RemoteArray(self._session, handle, str(values.dtype), values.shape)

    def place_random(self, tensors):
        """Arrays of random values in [1, 10), made there, for pairs of type and shape."""
        made = self._session._call(remote.place_random, tensors)
        return [RemoteArray(self._session, *one) for one in made]

    def __repr__(self) -> str:
        return f"remote {self.device_type}({self.device_id}) of {self._session.address}"


class RemoteArray(_Remote):
    """An array of a server."""

    def __init__(self, session, handle, dtype, shape):
        super().__init__(session, handle)
        self.dtype, self.shape, self.ndim = dtype, tuple(shape), len(shape)

    def numpy(self):
        """A copy of the values, here."""
        return self._session._call(remote.fetch, self._handle)

    asnumpy = numpy

    def copyfrom(self, source):
        """Copies values of the same shape into this array."""
        if hasattr(source, "numpy"):
            source = source.numpy()
        self._session._call(remote.assign, self._handle, source)
        return self

    def __repr__(self) -> str:
        return f"RemoteArray(shape={self.shape}, dtype={self.dtype}) of {self._session.address}"


class RemoteModule(_Remote):
    """A compiled program of a server; called and timed with arrays of the server, or with numpy
    arrays, whose values go there and do not come back."""

    def __init__(self, session, handle, entry_name):
        super().__init__(session, handle)
        self.entry_name = entry_name

    def __call__(self, *arguments) -> None:
        self._session._call(remote.call_module, self._handle, "", _lowered(arguments))

    def get_function(self, name):
        """A function of the module."""
        return lambda *arguments: self._session._call(
            remote.call_module, self._handle, name, _lowered(arguments)
        )

    __getitem__ = get_function

    def time_evaluator(
        self,
        func_name="",
        dev=None,
        number=10,
        repeat=1,
        min_repeat_ms=0,
        enable_cpu_cache_flush=False,
        f_preproc="",
    ):
        """As of a module here; the calls are timed on the server."""
        del dev
        options = {
            "func_name": func_name,
            "number": number,
            "repeat": repeat,
            "min_repeat_ms": min_repeat_ms,
            "enable_cpu_cache_flush": enable_cpu_cache_flush or flushes_cache(f_preproc),
        }

        def evaluate(*arguments):
            return BenchmarkResult(
                self._session._call(remote.time_module, self._handle, options, _lowered(arguments))
            )

        return evaluate


def _lowered(arguments):
    """Arguments as they travel: numbers for what is there, numpy for arrays that are here."""
    return [a._handle if isinstance(a, _Remote) else getattr(a, "_array", a) for a in arguments]
