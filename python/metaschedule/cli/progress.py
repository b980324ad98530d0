# SPDX-License-Identifier: Apache-2.0
"""The progress line of a tuning session, and the tables at its end."""

import sys


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    whole = max(0, int(seconds + 0.5))
    return f"{whole // 60}:{whole % 60:02d}"


def time_text(milliseconds: float) -> str:
    """A time with a unit that suits it."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    if milliseconds >= 1:
        return f"{milliseconds:.3f} ms"
    return f"{milliseconds * 1000:.1f} us"


class ProgressLine:
    """One line that is written over on a terminal, and printed now and then elsewhere."""

    FAILED = 1e9  # milliseconds of a task without a valid trial

    def __init__(self, title: str, stream=None):
        self.title = title
        self.stream = stream or sys.stdout
        self.on_terminal = self.stream.isatty()
        self.last = ""

    def __call__(self, progress) -> None:
        share = progress.trials_done / max(1, progress.trials_total)
        filled = int(20 * share)
        best = "no valid candidate yet"
        if progress.best_latency_ms < self.FAILED:
            best = (
                f"best {time_text(progress.best_latency_ms)} ({progress.best_gflops:.1f} GFLOP/s)"
            )
        line = (
            f"{self.title}  [{'#' * filled}{'.' * (20 - filled)}] "
            f"{progress.trials_done}/{progress.trials_total} trials  {best}  "
            f"{clock(progress.seconds_elapsed)} elapsed, {clock(progress.seconds_left)} left"
        )
        if self.on_terminal:
            self.stream.write("\r" + line.ljust(len(self.last)))
            self.stream.flush()
        elif line != self.last:
            self.stream.write(line + "\n")
            self.stream.flush()
        self.last = line

    def close(self) -> None:
        """Ends the line."""
        if self.on_terminal and self.last:
            self.stream.write("\n")


def table(header, rows) -> str:
    """Rows of strings under a header, columns aligned; the first column to the left."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(cells):
        first = cells[0].ljust(widths[0])
        return "  ".join([first, *(c.rjust(w) for c, w in zip(cells[1:], widths[1:]))])

    rule = "-" * len(line(header))
    return "\n".join([line(header), rule, *map(line, rows)])
