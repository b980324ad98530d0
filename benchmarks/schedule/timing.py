# SPDX-License-Identifier: Apache-2.0
"""How long a call takes."""

import time


def seconds_a_call(seconds, call):
    """Processor time of one call, from as many as `seconds` of it have room for."""
    calls, batch, spent = 0, 1, 0.0
    start = time.process_time()
    while spent < seconds:
        for _ in range(batch):
            call()
        calls += batch
        spent = time.process_time() - start
        if spent < seconds / 16:
            batch *= 2
    return spent / calls
