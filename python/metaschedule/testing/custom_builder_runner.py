# SPDX-License-Identifier: Apache-2.0
"""Running what was built on a server, for tests."""

import os
import tempfile


def run_module_via_rpc(rpc_config, lib, dev_type, args, continuation, backend="graph"):
    """`continuation(module, device, arrays)` with a compiled module and `args` (name or position to
    numpy array) on a server; what it returns."""
    from .. import runtime

    if backend != "graph":
        raise ValueError(f"backend: expected 'graph', found {backend!r}")
    with tempfile.TemporaryDirectory() as folder, rpc_config.connect_server() as session:
        path = os.path.join(folder, "kernel.o")
        lib.export_library(path)
        session.upload(path)
        module = session.load_module(os.path.basename(path))
        device = session.device(dev_type, 0)
        arrays = {name: runtime.array(value, device) for name, value in args.items()}
        return continuation(module, device, arrays)
