# SPDX-License-Identifier: Apache-2.0
"""Running a tracker or a server in this process, until a signal or the end of standard input."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading

from ..runner import LocalRunner
from .errors import require_distributed
from .security import check_exposure, is_loopback, make_security, url, uses_tls

# Threads of a server: one measures or keeps a session, the others carry calls of sessions.
_THREADS = 4
_SETTINGS = {
    # A candidate whose server died is not tried on the next one.
    "distributed.scheduler.allowed-failures": 0,
    # Seconds after which a server that is silent counts as dead.
    "distributed.scheduler.worker-ttl": "60s",
    # Nothing is to be seen over HTTP.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Little else is to go on where times are taken.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "10s",
}
# How long a server waits for its tracker.
_PATIENCE_SECONDS = 30
# How long it takes leave of it.
_GOODBYE_SECONDS = 3
_NO_PAGES = "127.0.0.1:0"


def _free_ports(host, port, port_end):
    """Ports of a range on which nobody seems to listen; 0, any, for 0."""
    if port == 0:
        yield 0
        return
    family = socket.getaddrinfo(host or None, port, flags=socket.AI_PASSIVE)[0][0]
    for candidate in range(port, max(port_end, port + 1)):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
        yield candidate
    raise OSError(f"no port from {port} to {max(port_end, port + 1) - 1} is free on {host}")


async def _started(make, ports):
    """`make(port)`, started on the first port that nobody else is quicker to take."""
    for port in ports:
        server = make(port)
        try:
            return await server
        except Exception as error:
            cause = error.__cause__ or error
            if not (isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE):
                raise
    raise AssertionError("a range of ports ends with an error")


async def _until_stopped(what, address, until_eof, finished=None):
    """Says that it is ready, and waits for a signal, or for the end of standard input."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_eof:

        def watch():
            while os.read(0, 4096):
                pass
            loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=watch, daemon=True).start()
    print(f"{what} ready at {address}", flush=True)
    waits = [asyncio.ensure_future(stop.wait())]
    if finished is not None:
        waits.append(asyncio.ensure_future(finished()))
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    return stop.is_set()


def _quiet():
    import dask

    dask.config.set(_SETTINGS)
    import distributed  # noqa: F401  # it sets levels of its own

    # What its errors would say, this program says in one line, or the client is told.
    for name in ("", ".core", ".scheduler", ".worker", ".worker.state_machine"):
        logging.getLogger(f"distributed{name}").setLevel(logging.CRITICAL)


def serve_tracker(host, port, port_end, tls=(None, None, None), until_eof=False) -> int:
    """Runs a tracker; the exit status. ValueError when it would listen beyond this machine without
    mutual TLS."""
    require_distributed()
    security = make_security(*tls)
    check_exposure(host, security, "scheduler", "rpc-tracker")
    _quiet()

    async def run():
        from distributed import Scheduler

        def make(free_port):
            return Scheduler(
                host=host,
                port=free_port,
                protocol="tls" if uses_tls(security, "scheduler") else "tcp",
                security=security,
                dashboard=False,
                dashboard_address=_NO_PAGES,
            )

        scheduler = await _started(make, _free_ports(host, port, port_end))
        await _until_stopped("tracker", _told(host, scheduler.port), until_eof)
        await scheduler.close()

    asyncio.run(run())
    return 0


def serve(
    tracker, key, host=None, port=0, port_end=0, tls=(None, None, None), until_eof=False
) -> int:
    """Runs a server for a tracker, (host, port); the exit status. ValueError as for a tracker, and
    when there is no tracker; RunError when there is no native worker."""
    require_distributed()
    LocalRunner()  # raises RunError where there is no native worker
    security = make_security(*tls)
    if host is None:
        host = "127.0.0.1" if is_loopback(tracker[0]) else _own_address(tracker)
    check_exposure(tracker[0], security, "worker", f"rpc-server: the tracker at {tracker[0]}")
    check_exposure(host, security, "worker", "rpc-server")
    _quiet()

    async def run():
        from distributed import Worker

        from . import work

        def make(free_port):
            return Worker(
                url(*tracker, security, "worker"),
                host=host,
                port=free_port,
                protocol="tls" if uses_tls(security, "worker") else "tcp",
                security=security,
                nthreads=_THREADS,
                resources={key: 1},
                memory_limit=0,
                dashboard=False,
                dashboard_address=_NO_PAGES,
                death_timeout=_PATIENCE_SECONDS,
            )

        try:
            worker = await _started(make, _free_ports(host, port, port_end))
        except Exception as error:
            if isinstance(error.__cause__ or error, (TimeoutError, asyncio.TimeoutError)):
                where = f"{tracker[0]}:{tracker[1]}"
                raise ValueError(f"rpc-server: no tracker answers at {where}") from error
            raise
        try:
            asked = await _until_stopped(
                f"server of {key}", _told(host, worker.port), until_eof, worker.finished
            )
            if asked:
                # What is being measured goes to another server.
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(worker.close_gracefully(), _GOODBYE_SECONDS)
        finally:
            work.stopping.set()
            await worker.close(timeout=2, executor_wait=False)
        return asked

    asked = asyncio.run(run())
    if not asked:
        print("the tracker is gone", file=sys.stderr, flush=True)
    # Threads that still wait for a measurement would keep the process.
    os._exit(0 if asked else 1)


def _told(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _own_address(tracker):
    """The address of this machine that a tracker sees."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((tracker[0], tracker[1]))
        return probe.getsockname()[0]
