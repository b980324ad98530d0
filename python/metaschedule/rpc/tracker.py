# SPDX-License-Identifier: Apache-2.0
"""A tracker in a process of its own, for scripts and tests."""

from .process import ServiceProcess, tls_arguments


class Tracker(ServiceProcess):
    """Starts a tracker on the first port from `port` below `port_end` that is free, and ends it
    with `terminate()` or with this process. `host` and `port` say where it listens."""

    def __init__(
        self,
        host="127.0.0.1",
        port=9190,
        port_end=9199,
        silent=False,
        *,
        tls_ca_file=None,
        tls_cert=None,
        tls_key=None,
    ):
        where = ["--host", host, "--port", str(port), "--port-end", str(port_end)]
        tls = tls_arguments(tls_ca_file, tls_cert, tls_key)
        super().__init__(["rpc-tracker", *where, *tls], silent)
