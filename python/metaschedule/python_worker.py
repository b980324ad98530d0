# SPDX-License-Identifier: Apache-2.0
"""Processes that run functions of users: what crashes, hangs or eats memory there is the failure of
one call. `python -m metaschedule.python_worker IN OUT` is such a process; it reads calls from one
pipe and writes their outcomes to the other, each as a length of eight bytes and that many bytes."""

import contextlib
import importlib
import math
import os
import pickle
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from . import _core

# Address space above what an idle worker has, as for the native workers.
MEMORY_LIMIT = 8 << 30
START_SECONDS = 60.0


class Outcome:
    """What came of a call: its value, or a kind of failure and what is known of it."""

    def __init__(self, failure, value):
        self.failure, self.value = failure, value
        self.worker = None  # which of a pool it came from


def _cloudpickle():
    try:
        import cloudpickle
    except ImportError as error:
        raise ImportError(
            "functions of Python are sent to worker processes with the package cloudpickle, which "
            "is not installed: pip install cloudpickle, or metaschedule[python_workers]"
        ) from error
    return cloudpickle


def _write(fd, data):
    data = memoryview(struct.pack("<Q", len(data)) + data)
    while data:
        data = data[os.write(fd, data) :]


class PythonWorker:
    """One process. A call that fails other than by an exception ends it; the next call starts
    another. `initializer` is called first in each."""

    def __init__(self, initializer=None):
        self._initializer = initializer
        self._process = None

    @property
    def is_running(self):
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def call(self, function, arguments, timeout_sec) -> Outcome:
        """`function(*arguments)` in the process."""
        payload = _cloudpickle().dumps((function, arguments))
        if not self.is_running:
            started = self._start()
            if started.failure:
                return started
        return self._exchange(payload, timeout_sec)

    def check(self, function, arguments):
        """Raises what a first call fails with: a name that nobody registered, an initializer that
        raises."""
        outcome = self.call(function, arguments, START_SECONDS)
        if outcome.failure:
            raise ValueError(outcome.value)

    def close(self):
        """Ends the process and what it started."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        os.close(self._in)
        os.close(self._out)
        self._stderr.close()

    __del__ = close

    def kill(self):
        """Ends the process from any thread; the call that is under way fails."""
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def _start(self):
        self.close()
        theirs_in, self._in = os.pipe()
        self._out, theirs_out = os.pipe()
        self._stderr = tempfile.TemporaryFile()
        environment = dict(os.environ)
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        environment["PYTHONPATH"] = os.pathsep.join([here, *[p for p in sys.path if p]])
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs_in), str(theirs_out)],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        payload = _cloudpickle().dumps((_run_initializer, (self._initializer,)))
        outcome = self._exchange(payload, START_SECONDS)
        if outcome.failure:
            outcome.value = f"the initializer of the worker failed: {outcome.value}"
            self.close()
        return outcome

    def _exchange(self, payload, timeout_sec):
        deadline = time.monotonic() + timeout_sec
        try:
            _write(self._in, payload)
            while True:
                size = self._read(8, deadline)
                reply = size and self._read(struct.unpack("<Q", size)[0], deadline)
                if not reply:
                    break
                failure, value = pickle.loads(reply)
                if failure != _CLOCK:
                    break
                deadline = time.monotonic() + (timeout_sec if value else math.inf)
        except TimeoutError:
            self.close()
            return Outcome("timeout", f"no result within {timeout_sec} seconds")
        except BrokenPipeError:
            reply = None
        except BaseException:  # an interrupt: nobody will read the answer
            self.close()
            raise
        if not reply:
            return self._died()
        if failure == "out of memory":
            self.close()
        return Outcome(failure, value)

    def _read(self, size, deadline):
        data = bytearray()
        while len(data) < size:
            _core.check_interrupt()
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if select.select([self._out], [], [], min(left, 0.05))[0]:
                chunk = os.read(self._out, min(size - len(data), 1 << 20))
                if not chunk:
                    return None
                data += chunk
        return bytes(data)

    def _died(self):
        status = self._process.wait()
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 2000))
        said = self._stderr.read().decode(errors="replace").strip()
        self.close()
        if status < 0:
            text = f"the worker was ended by signal {-status} ({signal.strsignal(-status)})"
        else:
            text = f"the worker ended with status {status}"
        # Nobody but the system's memory manager sends this signal.
        failure = "out of memory" if status == -signal.SIGKILL else "crash"
        return Outcome(failure, text + (f"; it said: {said}" if said else ""))


class PythonWorkerPool:
    """Workers that are kept between batches."""

    def __init__(self, num_workers, initializer=None):
        self.workers = [PythonWorker(initializer) for _ in range(num_workers)]

    def check(self, function, arguments):
        """As the `check` of a worker."""
        self.workers[0].check(function, arguments)

    def close(self):
        """Ends all processes."""
        for worker in self.workers:
            worker.close()

    def map(self, function, calls, timeout_sec):
        """The outcome of `function(*call)` for each call, in order. A worker that cannot be used, a
        function that cannot be sent, raise here."""
        outcomes = [None] * len(calls)
        errors = []
        jobs = queue.SimpleQueue()
        for job in enumerate(calls):
            jobs.put(job)

        def work(worker):
            try:
                while not errors:
                    index, arguments = jobs.get_nowait()
                    outcomes[index] = worker.call(function, arguments, timeout_sec)
                    outcomes[index].worker = worker
            except queue.Empty:
                pass
            except BaseException as error:
                errors.append(error)

        workers = self.workers[: len(calls)]
        if len(workers) == 1:
            work(workers[0])
        else:
            threads = [threading.Thread(target=work, args=(w,), daemon=True) for w in workers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if errors:
            raise errors[0]
        return outcomes


# In the worker process.

# What a worker writes while it works: whether the clock of its call runs.
_CLOCK = "clock"
_sink = None


@contextlib.contextmanager
def stopped_clock():
    """The time limit of a call does not count what is done in this context, and starts anew after
    it: it is spent waiting for others."""
    if _sink is not None:
        _write(_sink, pickle.dumps((_CLOCK, False)))
    try:
        yield
    finally:
        if _sink is not None:
            _write(_sink, pickle.dumps((_CLOCK, True)))


def _run_initializer(initializer):
    # What most calls want is loaded before the first call's time runs.
    import numpy  # noqa: F401

    from . import runtime  # noqa: F401

    if initializer is not None:
        initializer()
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY_LIMIT, mapped + MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(payload):
    try:
        function, arguments = pickle.loads(payload)
        return pickle.dumps((None, function(*arguments)))
    except MemoryError:
        return pickle.dumps(("out of memory", "the memory limit of the worker was reached"))
    except Exception as error:
        known = getattr(error, "failure", None) in ("crash", "timeout", "out of memory")
        failure = error.failure if known else "exception"
        return pickle.dumps((failure, traceback.format_exc()))


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


def _serve(source, sink):
    # This file is two modules here: the one that runs and the one that others import.
    importlib.import_module(__spec__.name)._sink = sink
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with os.fdopen(source, "rb") as calls:
        while len(size := calls.read(8)) == 8:
            payload = calls.read(struct.unpack("<Q", size)[0])
            _write(sink, _answer(payload))


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
