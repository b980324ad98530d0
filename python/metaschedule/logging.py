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


_FORMAT = {
    "format": "%(asctime)s [%(levelname)s] %(message)s",
    "datefmt": "%Y-%m-%d %H:%M:%S",
}


def create_loggers(log_dir, params, logger_config=None, disable_existing_loggers=False):
    """Configures the session's logger and one for each dict of `params` (with `logger_name`), which
    write under `log_dir`. `logger_config` is a configuration of `logging.config.dictConfig`, whose
    missing entries are filled in; `{log_dir}` and `{logger_name}` stand for themselves in it."""
    import copy
    import logging.config

    config = copy.deepcopy(logger_config or {})
    loggers, handlers = config.setdefault("loggers", {}), config.setdefault("handlers", {})
    formatters = config.setdefault("formatters", {})
    session = logging.getLogger("metaschedule")
    level = logging.getLevelName(session.level) if session.level else "DEBUG"
    formatters.setdefault("metaschedule.standard_formatter", dict(_FORMAT))
    standard = {"formatter": "metaschedule.standard_formatter"}
    file = {"class": "logging.FileHandler", "mode": "a", "level": "DEBUG", **standard}
    handlers.setdefault(
        "metaschedule.console",
        {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "level": level,
            **standard,
        },
    )
    handlers.setdefault("metaschedule.file", {**file, "filename": "{log_dir}/task_scheduler.log"})
    handlers.setdefault("{logger_name}.file", {**file, "filename": "{log_dir}/{logger_name}.log"})
    both = ["metaschedule.console", "metaschedule.file"]
    loggers.setdefault("metaschedule", {"level": "DEBUG", "handlers": both, "propagate": False})
    loggers.setdefault(
        "{logger_name}", {"level": "DEBUG", "handlers": ["{logger_name}.file"], "propagate": False}
    )
    os.makedirs(log_dir, exist_ok=True)
    filled = {"version": 1, "disable_existing_loggers": disable_existing_loggers}
    for section in ("loggers", "handlers", "formatters"):
        filled[section] = {}
        for param in params or [{"logger_name": "metaschedule"}]:
            for name, entry in config[section].items():
                values = {"log_dir": log_dir, **param}
                if section == "formatters":  # its own placeholders are not ours
                    filled[section][name] = entry
                else:
                    filled[section][_fill(name, values)] = _fill(entry, values)
    logging.config.dictConfig(filled)
    session.info("Logging directory: %s", log_dir)


def _fill(entry, values):
    if isinstance(entry, str):
        return entry.format(**values)
    if isinstance(entry, list):
        return [_fill(item, values) for item in entry]
    if isinstance(entry, dict):
        return {key: _fill(value, values) for key, value in entry.items()}
    return entry


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
