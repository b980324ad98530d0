# SPDX-License-Identifier: Apache-2.0
"""Databases: workloads, and what was measured on them."""

import json as _json
import os
from typing import Any, Literal, Optional, Union

from . import _core
from ._core import (
    Database,
    MemoryDatabase,
    OrderedUnionDatabase,
    ScheduleFnDatabase,
    TuningRecord,
    UnionDatabase,
    Workload,
)
from .utils import python_base


@python_base
class PyDatabase(Database):
    """Base of Database classes written in Python."""


class JSONDatabase(_core.JSONDatabase):
    """Two files of JSON lines: workloads and records. With `work_dir` they are
    `database_workload.json` and `database_tuning_record.json` in it."""

    def __init__(
        self,
        path_workload=None,
        path_tuning_record=None,
        *,
        work_dir=None,
        allow_missing=True,
        module_equality="structural",
    ):
        if work_dir is not None:
            path_workload = path_workload or os.path.join(work_dir, "database_workload.json")
            path_tuning_record = path_tuning_record or os.path.join(
                work_dir, "database_tuning_record.json"
            )
        if path_workload is None or path_tuning_record is None:
            raise ValueError("`path_workload` is not specified; give both paths, or `work_dir`")
        super().__init__(path_workload, path_tuning_record, allow_missing, module_equality)


class SqliteDatabase(_core.SqliteDatabase):
    """One file of SQLite, for many processes and millions of records: `path`, or `database.sqlite`
    in `work_dir`. What is committed survives the death of the process."""

    def __init__(
        self, path=None, *, work_dir=None, allow_missing=True, module_equality="structural"
    ):
        if path is None and work_dir is None:
            raise ValueError("SqliteDatabase: give the `path` of its file, or `work_dir`")
        if path is None:
            if allow_missing:
                os.makedirs(work_dir, exist_ok=True)
            path = os.path.join(work_dir, "database.sqlite")
        super().__init__(str(path), allow_missing, module_equality)


def create(kind="json", *args, **kwargs) -> Database:
    """The database of a kind: "json", "memory", "sqlite", "union", "ordered_union", or from a
    function of a schedule."""
    if callable(kind):
        return ScheduleFnDatabase(kind, *args, **kwargs)
    kinds = {
        "json": JSONDatabase,
        "memory": MemoryDatabase,
        "sqlite": SqliteDatabase,
        "union": UnionDatabase,
        "ordered_union": OrderedUnionDatabase,
    }
    if kind not in kinds:
        raise ValueError(f"Unknown Database: {kind}")
    return kinds[kind](*args, **kwargs)


def _query(self, mod, target, *, workload_name: str = "main", kind: str = "schedule") -> Any:
    """The best there is for a module: a "schedule", a "record" or an "ir_module"; None without."""
    queries = {
        "schedule": self.query_schedule,
        "record": self.query_tuning_record,
        "ir_module": self.query_ir_module,
    }
    if kind not in queries:
        raise ValueError(f"kind: expected one of {sorted(queries)}, found {kind!r}")
    return queries[kind](mod, target, workload_name)


def _enter(self):
    _core.database_enter(self)
    return self


def _exit(self, *_exception) -> None:
    _core.database_exit()


def _current() -> Optional[Database]:
    """The innermost database of a `with` statement of this thread, or None."""
    return _core.database_current()


Database.create = staticmethod(create)
Database.DatabaseType = Union[Database, Literal["json", "memory", "sqlite"]]
Database.query = _query
Database.__enter__ = _enter
Database.__exit__ = _exit
Database.current = staticmethod(_current)


def _as_json(self) -> Any:
    """The value of JSON that `from_json` reads."""
    return _json.loads(self._as_json())


def _workload_from_json(json_obj: Any) -> Workload:
    """The workload that `as_json` wrote."""
    return _core.workload_from_json(_json.dumps(json_obj))


def _record_from_json(json_obj: Any, workload: Workload) -> TuningRecord:
    """The record of a workload that `as_json` wrote."""
    return _core.tuning_record_from_json(_json.dumps(json_obj), workload)


Workload.as_json = TuningRecord.as_json = _as_json
Workload.from_json = staticmethod(_workload_from_json)
TuningRecord.from_json = staticmethod(_record_from_json)

__all__ = [
    "Database",
    "JSONDatabase",
    "MemoryDatabase",
    "OrderedUnionDatabase",
    "PyDatabase",
    "ScheduleFnDatabase",
    "SqliteDatabase",
    "TuningRecord",
    "UnionDatabase",
    "Workload",
    "create",
]
