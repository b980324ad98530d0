# SPDX-License-Identifier: Apache-2.0
"""Trackers and servers as processes that end with the object that started them."""

import os
import signal
import subprocess
import sys
import tempfile

_SECONDS = 60.0


class ServiceProcess:
    """`metaschedule COMMAND` in a process of its own, from ready to `terminate`."""

    def __init__(self, arguments, silent=False):
        from ..rpc.errors import require_distributed

        require_distributed()
        environment = dict(os.environ)
        here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        environment["PYTHONPATH"] = os.pathsep.join([here, *[p for p in sys.path if p]])
        self._stderr = tempfile.TemporaryFile()
        # The process ends at the end of its standard input: with this process, whatever ends it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "metaschedule", *arguments, "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr if silent else None,
            env=environment,
            start_new_session=True,
        )
        line = self.process.stdout.readline().decode()
        if " ready at " not in line:
            status = self.process.wait()
            self._stderr.seek(0)
            said = self._stderr.read().decode(errors="replace").strip()
            self.terminate()
            raise RuntimeError(f"{arguments[0]} ended with status {status}: {said or line}")
        address = line.rpartition(" ready at ")[2].strip()
        host, _, port = address.rpartition(":")
        self.host, self.port = host.strip("[]"), int(port)

    def terminate(self) -> None:
        """Ends the process."""
        process = self.process
        if process.stdin.closed:
            return
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
        self._stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminate()

    def __del__(self):
        if hasattr(self, "process"):
            self.terminate()


def tls_arguments(tls_ca_file, tls_cert, tls_key):
    """Files of certificates as arguments of a command."""
    pairs = {"--tls-ca-file": tls_ca_file, "--tls-cert": tls_cert, "--tls-key": tls_key}
    return [text for option, path in pairs.items() if path for text in (option, path)]
