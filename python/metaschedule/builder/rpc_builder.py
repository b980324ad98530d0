# SPDX-License-Identifier: Apache-2.0
"""The builder that compiles on the servers of a tracker."""

import threading

from .. import _core
from .._core import BuilderResult
from .builder import PyBuilder
from .local_builder import new_artifact_path


class RPCBuilder(PyBuilder):
    """Compiles on the servers of a tracker, at most `max_workers` at once (None: on as many as
    there are), each of which has a program for itself: give builders a key of their own, and they
    do not keep the others from measuring. What was built lies in a file of this machine.

    ImportError without Dask distributed, ValueError without the address or key of a tracker.
    `build` raises ValueError when the tracker does not answer, or has no server with the key, for
    `rpc_config.session_timeout_sec`."""

    def __init__(self, rpc_config=None, *, max_workers=None, timeout_sec=30.0):
        from ..rpc.errors import require_distributed
        from ..runner.config import RPCConfig

        require_distributed()
        from ..rpc.dispatch import Dispatcher

        self.rpc_config = RPCConfig._normalized(rpc_config)
        self.max_workers, self.timeout_sec = max_workers, timeout_sec
        if timeout_sec <= 0 or (max_workers is not None and max_workers < 1):
            raise ValueError(
                "RPCBuilder: timeout_sec and max_workers must be positive, found "
                f"{timeout_sec} and {max_workers}"
            )
        self._dispatcher = Dispatcher()

    def build(self, build_inputs):
        from ..rpc.dispatch import wait

        tracker = self.rpc_config.connect_tracker()
        count = tracker.wait_for_servers(
            self.rpc_config.tracker_key, self.rpc_config.session_timeout_sec
        )
        limit = min(self.max_workers or count, count)
        given_up = threading.Event()
        futures = [
            self._dispatcher.submit(limit, self._build, tracker, given_up, one)
            for one in build_inputs
        ]
        try:
            return [self._result(wait(future)) for future in futures]
        except BaseException:
            given_up.set()
            raise

    def _build(self, tracker, given_up, one):
        from ..rpc import RPCError, work
        from ..rpc.client import Job

        if one.params:
            return None, "RPCBuilder does not send params", "exception"
        try:
            job = Job(
                tracker,
                work.build,
                (_core.__version__, one.mod, one.target, self.timeout_sec),
                key=self.rpc_config.tracker_key,
                priority=self.rpc_config.session_priority,
            )
            return job.run(
                self.timeout_sec,
                patience_sec=self.rpc_config.session_timeout_sec,
                cancelled=given_up.is_set,
            )
        except RPCError as error:
            return None, str(error), error.failure

    def _result(self, outcome):
        artifact, error, failure = outcome
        if failure == "timeout":
            text = f"RPCBuilder: Timeout, killed after {self.timeout_sec} seconds"
            return BuilderResult(None, text, failure)
        if error is not None:
            return BuilderResult(None, f"RPCBuilder: An exception occurred\n{error}", failure)
        path = new_artifact_path()
        with open(path, "wb") as file:
            file.write(artifact)
        return BuilderResult(path, None)
