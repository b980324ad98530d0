# SPDX-License-Identifier: Apache-2.0
"""The commands of remote measuring: rpc-tracker, rpc-server, rpc-query."""

import os
import sys

from .._core import TVMError


def add_commands(commands) -> None:
    """Adds them to the command line."""
    tracker = commands.add_parser("rpc-tracker", help="lend servers to those who measure")
    _listening(tracker, 9190)
    tracker.set_defaults(run=_tracker)
    server = commands.add_parser("rpc-server", help="measure here for others")
    server.add_argument("--key", required=True, help="what this machine is asked for by")
    _tracker_address(server)
    _listening(server, 0)
    server.set_defaults(run=_server)
    query = commands.add_parser("rpc-query", help="list the servers of a tracker")
    _tracker_address(query)
    _tls(query)
    query.set_defaults(run=_query)


def _tracker_address(parser):
    host = os.environ.get("TVM_TRACKER_HOST", "127.0.0.1")
    port = os.environ.get("TVM_TRACKER_PORT", "9190")
    parser.add_argument(
        "--tracker", default=f"{host}:{port}", metavar="HOST:PORT", help="default: %(default)s"
    )


def _listening(parser, port):
    host = "127.0.0.1" if port else None
    parser.add_argument("--host", default=host, help="address to listen at; default: this machine")
    parser.add_argument("--port", type=int, default=port, help="default: %(default)s; 0: any")
    parser.add_argument("--port-end", type=int, default=port + 10 if port else 0)
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does")
    _tls(parser)


def _tls(parser):
    for option, what in (("ca-file", "the authority"), ("cert", "a certificate"), ("key", "a key")):
        parser.add_argument(f"--tls-{option}", metavar="PEM", help=f"{what}, for mutual TLS")


def _address(text):
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise ValueError(f"--tracker: expected HOST:PORT, found {text!r}")
    return host.strip("[]"), int(port)


def _files(arguments):
    return arguments.tls_ca_file, arguments.tls_cert, arguments.tls_key


def run_command(arguments) -> int:
    """Runs the command; what the caller got wrong is one line, not a traceback."""
    try:
        return arguments.run(arguments)
    except (ImportError, OSError, TVMError, ValueError) as error:
        print(f"metaschedule: {error}", file=sys.stderr)
        return 1


def _tracker(arguments):
    from ..rpc.serving import serve_tracker

    where = (arguments.host, arguments.port, arguments.port_end)
    return serve_tracker(*where, _files(arguments), arguments.until_eof)


def _server(arguments):
    from ..rpc.serving import serve

    where = (arguments.host, arguments.port, arguments.port_end)
    key = arguments.key
    return serve(_address(arguments.tracker), key, *where, _files(arguments), arguments.until_eof)


def _query(arguments):
    from ..rpc import connect_tracker

    ca_file, cert, key = _files(arguments)
    tracker = connect_tracker(
        *_address(arguments.tracker), tls_ca_file=ca_file, tls_cert=cert, tls_key=key
    )
    print(tracker.text_summary())
    tracker.close()
    return 0
