# SPDX-License-Identifier: Apache-2.0
"""How well a cost model ranks."""

import numpy as np


def max_curve(trial_scores):
    """The best score so far, trial by trial."""
    return np.maximum.accumulate(np.maximum(np.asarray(trial_scores, dtype="float64"), -1e9))


__all__ = ["max_curve"]
