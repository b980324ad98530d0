# SPDX-License-Identifier: Apache-2.0
"""What is compared, as processes that answer: each a program that prints a line of JSON for an
answer and, where it stays alive, reads a line of JSON for a question."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Side:
    """One package: the command that measures it, and how to ask it."""

    def __init__(self, package, command, folder, threads, **options):
        self.package, self.words, self.folder = package, [str(word) for word in command], folder
        self.threads, self.options = str(threads), options

    def command(self, *words, **options):
        given = {**self.options, **options}
        return [*self.words, *words, *(f"--{key}={value}" for key, value in given.items())]

    def environment(self):
        dropped = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        kept = {k: v for k, v in os.environ.items() if k not in dropped}
        return {**kept, "TVM_NUM_THREADS": self.threads, "METASCHEDULE_NUM_THREADS": self.threads}

    def start(self, *words, errors=subprocess.DEVNULL, **options):
        return subprocess.Popen(
            self.command(*words, **options),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def ask(self, *words, **options):
        """What a process answers before it ends."""
        process = self.start(*words, **options)
        line = process.stdout.readline()
        process.stdin.close()
        process.wait()
        if not line:
            raise SystemExit(f"{self.package} {' '.join(words)}: no answer")
        return json.loads(line)


class Package(Side):
    """One package that tunes: the Python that has it, and how to ask it."""

    def __init__(self, package, python, mcpu, cores):
        self.python = os.path.abspath(python)
        super().__init__(
            package, [self.python, "side.py", package], HERE, cores, mcpu=mcpu, cores=cores
        )

    def serve(self, program, seed, count=64, free=False):
        """A process that has tuned the program and waits to time the winner; `free` lets it lay
        out the weights anew."""
        words = ["--free-weights"] if free else []
        server = self.start("serve", program, *words, count=count, seed=seed)
        for _ in range(2):  # the speed of tuning, then readiness
            if not server.stdout.readline():
                raise SystemExit(f"{self.package} serve {program}: no answer")
        return server


class Library(Side):
    """A library's kernels, in the place of a package that has tuned: the program that times them,
    built from onednn.cc or openblas.cc."""

    def __init__(self, name, binary, threads, *words):
        super().__init__(name, [Path(binary).resolve()], HERE, threads)
        self.more = words

    def environment(self):
        counts = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        return {**super().environment(), **dict.fromkeys(counts, self.threads)}

    def serve(self, program, **_):
        """A process that waits to time the kernel; None where the library has none."""
        server = self.start(program, *self.more)
        return server if server.stdout.readline() else None


def times_of(servers):
    """One turn: seconds a call by side."""
    found = {}
    for side, server in servers.items():
        server.stdin.write("\n")
        server.stdin.flush()
        found[side] = json.loads(server.stdout.readline())["seconds"]
    return found


def close(servers):
    for server in servers.values():
        server.stdin.close()
        server.wait()


class Server:
    """A process that answers questions until it is closed."""

    def __init__(self, side, *words, **options):
        self.package = side.package
        self.process = side.start(*words, errors=None, **options)

    def ask(self, **question):
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"{self.package}: no answer to {question.get('do')}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
