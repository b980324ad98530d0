# SPDX-License-Identifier: Apache-2.0
"""Loggers: one for each task and one for the session, in files and on the console."""

import logging
import os


def get_logger(name: str) -> logging.Logger:
    """The logger of this name."""
    return logging.getLogger(name)


def sink_of(logger):
    """What C++ is given to log with: a function and the least level that is wanted."""
    if logger is None:
        return None, logging.DEBUG
    return get_logging_func(logger), logger.getEffectiveLevel()


def get_logging_func(logger):
    """A function `(level, file, line, message)` that writes to a logger; a negative level is a
    request to clear the output of a notebook."""
    if logger is None:
        return None

    def log(level, filename, line, message):
        if level < 0:
            _clear_output()
        else:
            logger.log(level, "[%s:%d] %s", os.path.basename(filename), line, message)

    return log


def _clear_output():
    try:
        from IPython.display import clear_output
    except ImportError:
        return
    clear_output(wait=True)


def get_loggers_from_work_dir(work_dir: str, task_names):
    """One logger for each task, writing under `<work_dir>/logs`; the session's own logs are written
    there too."""
    log_dir = os.path.join(work_dir, "logs")
    try:
        os.makedirs(log_dir, exist_ok=True)
    except OSError as error:
        raise ValueError(f"work_dir: cannot write to {log_dir}: {error.strerror}") from error
    session = logging.getLogger("metaschedule")
    _write_to(session, os.path.join(log_dir, "task_scheduler.log"))
    width = len(str(max(len(task_names) - 1, 0)))
    loggers = []
    for i, name in enumerate(task_names):
        full_name = f"metaschedule.logging.task_{i:0{width}d}_{name[:100]}"
        logger = logging.getLogger(full_name)
        logger.propagate = False
        _write_to(logger, os.path.join(log_dir, f"{full_name}.log"))
        loggers.append(logger)
    return loggers


def _write_to(logger, path):
    for handler in [h for h in logger.handlers if isinstance(h, logging.FileHandler)]:
        logger.removeHandler(handler)
        handler.close()
    handler = logging.FileHandler(path, mode="a")
    handler.setFormatter(
        logging.Formatter("%(asctime)s [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
