"""Try to join a Ray cluster in another process: `ray.init` can wait for minutes, and prints."""

import os
import subprocess
import sys

MODE = "RAY_AUTH_MODE"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}  # fmt: skip
JOIN_SECONDS = 10.0
TOKEN = "it asks for a token: put it into ~/.ray/auth_token, and set RAY_AUTH_MODE=token"  # noqa: S105 - no token
# It leaves by `_exit`: to leave Ray in order takes longer than to join it.
PROGRAM = """
import os, sys
try:
    import ray
except ImportError:
    os._exit(0)  # nnlab will find it out, too
try:
    ray.init(sys.argv[1], log_to_driver=False, logging_level="critical")
except BaseException as error:
    print(" ".join(str(error).split()) or type(error).__name__, flush=True)
    os._exit(1)
os._exit(0)
"""


def refusal(address: str, *, token: bool) -> str:
    """Return why a process of this machine cannot join the cluster; "" if it can.

    Args:
        address: HOST:PORT, where something answers.
        token: whether the process gives Ray's token.

    Returns:
        One line; `TOKEN` if the cluster asks for a token, or for another one.
    """
    mode = os.environ.get(MODE, "token") if token else "disabled"
    # The number of tries, each a second or more; Ray's own is 20.
    environment = os.environ | QUIET | {MODE: mode, "RAY_NUM_REDIS_GET_RETRIES": "2"}
    try:
        done = subprocess.run(  # noqa: S603 - the program above
            [sys.executable, "-P", "-c", PROGRAM, address], env=environment, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            timeout=JOIN_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it lets no process join within {JOIN_SECONDS:g} seconds"
    if not done.returncode:
        return ""
    if "InvalidAuthToken" in done.stderr:
        return TOKEN
    return done.stdout.strip() or f"a process that tries ends with code {done.returncode}"
