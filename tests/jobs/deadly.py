"""Published data for tests: who looks for them dies."""

import os
import signal


def lacking() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return True
