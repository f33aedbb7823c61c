"""``make bench``: what the app costs, each line a ratio against an alternative in the same run.

    python -m benchmarks [a b c …] [--pairs 5]

Both sides of a pair run one after the other, each in a process of its own, the sandbox in
another; the ratio is the median over the pairs.
"""

from __future__ import annotations

import argparse
import sys

from .lines import LINES


def main() -> None:
    """Run the lines that are asked for, all of them by default, and print each as it comes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("lines", nargs="*", default=sorted(LINES), choices=[[], *sorted(LINES)])
    parser.add_argument("--pairs", type=int, default=5)
    wanted = parser.parse_args()
    for name in wanted.lines:
        for line in LINES[name](wanted.pairs):
            sys.stdout.write(f"{name}. {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
