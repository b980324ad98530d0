# SPDX-License-Identifier: Apache-2.0
"""A list of cases: a program, and a function that schedules it."""

from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Case:
    name: str
    program: str
    schedule: Callable
    intrins: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)


class Cases(list):
    def add(self, program, name=None, intrins=None, **options):
        """Decorates a function over a Recorder; its name is that of the case unless one is given."""

        def decorate(function):
            self.append(
                Case(
                    name or function.__name__,
                    program.lstrip("\n"),
                    function,
                    intrins or {},
                    options,
                )
            )
            return function

        return decorate
