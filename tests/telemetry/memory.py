"""How much memory this process took at its peak."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """The peak in MB since the program began.

    Linux hands ru_maxrss on to what a process starts: a child of a large test run begins with the run's own peak, and
    no limit would ever be seen to break. VmHWM begins anew with each program.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
