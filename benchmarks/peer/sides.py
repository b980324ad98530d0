# SPDX-License-Identifier: Apache-2.0
"""What is compared, as processes that answer: each a program that prints a line of JSON for an
answer and, where it stays alive, reads a line of JSON for a question."""

import json
import os
import subprocess


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
