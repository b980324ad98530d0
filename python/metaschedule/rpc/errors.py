# SPDX-License-Identifier: Apache-2.0
"""What can go wrong on the way to another machine."""

from .._core import RunError


class RPCError(RunError):
    """A measurement or a session that a server did not finish. `failure` is the kind of failure of
    the candidate: "exception", "timeout", "crash" or "out of memory"."""

    def __init__(self, failure, message):
        super().__init__(message)
        self.failure = failure

    def __reduce__(self):
        return RPCError, (self.failure, str(self))


def require_distributed() -> None:
    """Raises ImportError with the remedy when Dask distributed is not installed."""
    try:
        import cloudpickle  # noqa: F401
        import distributed  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "measuring on other machines needs the packages distributed and cloudpickle: "
            f"pip install metaschedule[rpc] ({error})"
        ) from error
