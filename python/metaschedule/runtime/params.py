# SPDX-License-Identifier: Apache-2.0
"""Arrays by name as bytes: numpy's archive format."""

import io

from .ndarray import array


def save_param_dict(params) -> bytes:
    """Named arrays (NDArrays or numpy's) as bytes."""
    import numpy as np

    file = io.BytesIO()
    np.savez(file, **{name: np.asarray(getattr(a, "_array", a)) for name, a in params.items()})
    return file.getvalue()


def load_param_dict(param_bytes) -> dict:
    """The NDArrays that `save_param_dict` wrote, by name. ValueError for other bytes."""
    import numpy as np

    try:
        archive = np.load(io.BytesIO(param_bytes), allow_pickle=False)
        return {name: array(archive[name]) for name in archive.files}
    except (AttributeError, EOFError, OSError, ValueError) as error:
        raise ValueError("expected the bytes that save_param_dict wrote") from error
