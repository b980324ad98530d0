# SPDX-License-Identifier: Apache-2.0
"""How to measure, and where the tracker of remote measurements is."""

import os
from typing import NamedTuple, Optional, Union

from .._core import EvaluatorConfig

_ENVIRONMENT = {
    "tracker_host": "TVM_TRACKER_HOST",
    "tracker_port": "TVM_TRACKER_PORT",
    "tracker_key": "TVM_TRACKER_KEY",
}


def _normalized(config: Optional[EvaluatorConfig]) -> EvaluatorConfig:
    """A configuration of one's own: the default one for None."""
    if config is None:
        return EvaluatorConfig()
    return EvaluatorConfig(
        number=config.number,
        repeat=config.repeat,
        min_repeat_ms=config.min_repeat_ms,
        enable_cpu_cache_flush=config.enable_cpu_cache_flush,
    )


EvaluatorConfig._normalized = staticmethod(_normalized)


class RPCConfig(NamedTuple):
    """A tracker and the key of the servers that are wanted. What is missing of host, port and key
    comes from the environment: TVM_TRACKER_HOST, TVM_TRACKER_PORT, TVM_TRACKER_KEY.

    `session_timeout_sec` limits each measurement and each session, from when the server has begun
    with it. Of requests that wait, those of a higher `session_priority` come first. The three files
    are this side's half of mutual TLS; without them Dask's configuration is asked."""

    tracker_host: Optional[str] = None
    tracker_port: Union[None, int, str] = None
    tracker_key: Optional[str] = None
    session_priority: int = 1
    session_timeout_sec: float = 10
    tls_ca_file: Optional[str] = None
    tls_cert: Optional[str] = None
    tls_key: Optional[str] = None

    @staticmethod
    def _normalized(config: Optional["RPCConfig"]) -> "RPCConfig":
        """`config`, or the default one, with what was missing; ValueError names what still is."""
        config = RPCConfig() if config is None else config
        found = {}
        for field, variable in _ENVIRONMENT.items():
            value = getattr(config, field) or os.environ.get(variable)
            if not value:
                raise ValueError(
                    f"RPCConfig: {field} is not given, and the environment has no {variable}"
                )
            found[field] = value
        try:
            found["tracker_port"] = int(found["tracker_port"])
        except ValueError:
            raise ValueError(
                f"RPCConfig: tracker_port: expected a number, found {found['tracker_port']!r}"
            ) from None
        if not config.session_timeout_sec > 0:
            raise ValueError(
                "RPCConfig: session_timeout_sec must be positive, found "
                f"{config.session_timeout_sec}"
            )
        return config._replace(**found)

    def connect_tracker(self):
        """A TrackerSession; ValueError when nothing answers within `session_timeout_sec`."""
        from ..rpc import connect_tracker

        return connect_tracker(
            self.tracker_host,
            self.tracker_port,
            timeout_sec=self.session_timeout_sec,
            tls_ca_file=self.tls_ca_file,
            tls_cert=self.tls_cert,
            tls_key=self.tls_key,
        )

    def connect_server(self):
        """An RPCSession with a server of the key, once one is free."""
        return self.connect_tracker().request(
            self.tracker_key,
            priority=self.session_priority,
            session_timeout=self.session_timeout_sec,
        )

    def count_num_servers(self, allow_missing=True) -> int:
        """How many servers with the key there are; none is a ValueError unless `allow_missing`."""
        tracker = self.connect_tracker()
        count = len(tracker.servers(self.tracker_key))
        if count == 0 and not allow_missing:
            raise ValueError(tracker.nobody(self.tracker_key))
        return count


__all__ = ["EvaluatorConfig", "RPCConfig"]
