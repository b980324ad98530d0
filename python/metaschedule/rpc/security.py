# SPDX-License-Identifier: Apache-2.0
"""Who may talk to whom. What travels is pickled, so whoever reaches a tracker or a server can run
anything there: beyond this machine both sides must show a certificate of the same authority."""

import ipaddress
import socket

HOW_TO_MAKE_CERTIFICATES = """\
Make an authority once, keep ca-key.pem to yourself, and give each machine ca.pem and a pair of its
own:

  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \\
    -subj /CN=metaschedule-ca -keyout ca-key.pem -out ca.pem
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \\
    -subj /CN=metaschedule -keyout key.pem -out request.pem
  openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 365 \\
    -out cert.pem

then pass --tls-ca-file ca.pem --tls-cert cert.pem --tls-key key.pem to trackers and servers, and
RPCConfig(tls_ca_file="ca.pem", tls_cert="cert.pem", tls_key="key.pem") to runners; or set Dask's
distributed.comm.tls.* instead."""


def is_loopback(host) -> bool:
    """Whether only this machine can reach `host`; the empty host is all interfaces."""
    if not host:
        return False
    try:
        found = socket.getaddrinfo(host, None)
    except socket.gaierror:
        return False
    return all(ipaddress.ip_address(at[4][0].split("%")[0]).is_loopback for at in found)


def make_security(tls_ca_file=None, tls_cert=None, tls_key=None):
    """Dask's Security from three files, or, without any, from Dask's configuration. ValueError when
    only some are given, OSError when one cannot be read."""
    from distributed.security import Security

    files = {"tls_ca_file": tls_ca_file, "tls_cert": tls_cert, "tls_key": tls_key}
    missing = [name for name, path in files.items() if not path]
    if len(missing) == len(files):
        security = Security()
        if security.tls_ca_file:
            security.require_encryption = True
        return security
    if missing:
        raise ValueError(f"mutual TLS needs three files; {' and '.join(missing)} not given")
    for path in files.values():
        with open(path, "rb"):
            pass
    pairs = {}
    for role in ("client", "scheduler", "worker"):
        pairs[f"tls_{role}_cert"], pairs[f"tls_{role}_key"] = tls_cert, tls_key
    return Security(require_encryption=True, tls_ca_file=tls_ca_file, **pairs)


def uses_tls(security, role) -> bool:
    """Whether a role (client, scheduler, worker) has what mutual TLS needs, and demands it."""
    found = security.get_tls_config_for_role(role)
    return bool(security.require_encryption and found.get("ca_file") and found.get("cert"))


def check_exposure(host, security, role, what) -> None:
    """ValueError when `what` would talk to other machines without mutual TLS."""
    if is_loopback(host) or uses_tls(security, role):
        return
    where = f"host {host}" if host else "all interfaces"
    raise ValueError(
        f"{what}: {where} is not only this machine, and there is no mutual TLS: anyone who reaches "
        f"it could run programs here. Stay on 127.0.0.1, or use certificates.\n\n"
        f"{HOW_TO_MAKE_CERTIFICATES}"
    )


def url(host, port, security, role) -> str:
    """The address in Dask's words."""
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"{'tls' if uses_tls(security, role) else 'tcp'}://{host}:{port}"
