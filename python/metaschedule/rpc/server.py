# SPDX-License-Identifier: Apache-2.0
"""A server in a process of its own, for scripts and tests."""

from .process import ServiceProcess, tls_arguments


class Server(ServiceProcess):
    """Starts a server that lends itself under `key` at the tracker `tracker_addr` = (host, port),
    and ends it with `terminate()` or with this process. Servers are reached through a tracker only;
    `no_fork` is taken and has no effect: a measurement always has a process of its own."""

    def __init__(
        self,
        host="127.0.0.1",
        port=9091,
        port_end=9199,
        is_proxy=False,
        tracker_addr=None,
        key="",
        silent=False,
        no_fork=False,
        *,
        tls_ca_file=None,
        tls_cert=None,
        tls_key=None,
    ):
        if is_proxy or tracker_addr is None or not key:
            raise ValueError(
                "Server: expected a tracker_addr and a key and no proxy, found "
                f"tracker_addr={tracker_addr}, key={key!r}, is_proxy={is_proxy}"
            )
        del no_fork
        tracker = f"{tracker_addr[0]}:{tracker_addr[1]}"
        where = ["--host", host, "--port", str(port), "--port-end", str(port_end)]
        tls = tls_arguments(tls_ca_file, tls_cert, tls_key)
        super().__init__(["rpc-server", "--tracker", tracker, "--key", key, *where, *tls], silent)
