"""The command ``graphrun``, also as ``python -m graphrun``."""

from __future__ import annotations

import signal
import sys

from . import _core


def main() -> int:
    """Runs the command line of this process.

    Returns:
        The exit code: 0 nothing wrong, 1 a comparison failed, 2 refused, 3 undecided.
    """
    # Ctrl-C ends the command as it ends any other; Python's own handler would wait for it to return.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    return _core.command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
