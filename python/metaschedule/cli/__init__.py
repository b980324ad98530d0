# SPDX-License-Identifier: Apache-2.0
"""The command line: `metaschedule demo`, or `python -m metaschedule demo`."""

import argparse

from .remote import add_commands, run_command


def main(argv=None) -> int:
    """Runs a command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="metaschedule", description="Tunes tensor programs for this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="tune three programs and show what was gained")
    demo.add_argument("--work-dir", default="metaschedule-demo", help="where records are kept")
    demo.add_argument("--trials", type=int, default=64, help="candidates to measure a program")
    demo.add_argument("--seed", type=int, default=None, help="for searches that can be repeated")
    demo.set_defaults(run=None)
    add_commands(commands)
    arguments = parser.parse_args(argv)
    if arguments.run is not None:
        return run_command(arguments)

    from .demo import run_demo

    return run_demo(arguments.work_dir, arguments.trials, arguments.seed)
