"""The record of a lock's holder: which process it is, and whether it still runs."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

MAX_BYTES = 4096  # of a record; nnlab writes about 200


class Holder(BaseModel):
    """The process that holds a lock.

    Attributes:
        pid: its process ID in `namespace`.
        started: when the process started, in clock ticks after `boot`; None if unknown.
        namespace: the PID namespace: a container's, or the machine's own; 0 if unknown.
        boot: the ID of the machine's current boot; empty if unknown.
        host: the machine's name.
        since: when the process took the lock, UTC.
    """

    pid: Annotated[int, Field(ge=1, lt=2**31)]
    started: int | None
    namespace: int
    boot: str
    host: str
    since: str

    @classmethod
    def me(cls) -> Self:
        """Return this process, as holder from now on."""
        try:
            namespace = Path("/proc/self/ns/pid").stat().st_ino
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            namespace, boot = 0, ""
        return cls(
            pid=os.getpid(),
            started=_started(os.getpid()),
            namespace=namespace,
            boot=boot,
            host=platform.node(),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    def seen_from(self, me: Self) -> bool | None:
        """Return whether the process runs; None if `me`, on another machine, cannot tell."""
        if self.host != me.host:
            return None
        if self.boot != me.boot:  # the machine was restarted
            return False if self.boot and me.boot else None
        if self.namespace != me.namespace:
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # the process belongs to another user
            pass
        started = _started(self.pid)
        return None in {started, self.started} or started == self.started


def facts() -> dict[str, str | int]:
    """Return this process as run.json names it: `ended` can then tell whether it still runs."""
    return Holder.me().model_dump(exclude={"since"}, exclude_none=True)


def ended(process: Mapping[str, str | int]) -> bool:
    """Return whether the process that a run.json names has surely ended.

    Older versions wrote only pid and host; then the boot and the container count as those of now.
    """
    me = Holder.me()
    unknown = {"started": None, "namespace": me.namespace, "boot": me.boot, "since": ""}
    try:
        return Holder.model_validate(unknown | dict(process)).seen_from(me) is False
    except ValidationError:
        return False


def read(name: str, folder: int) -> Holder | None:
    """Return the record in the file `name` of the open `folder`; None if it is damaged."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        try:
            return Holder.model_validate_json(file.read(MAX_BYTES))
        except ValidationError:
            return None


def _started(pid: int) -> int | None:
    """Return when a process started, in clock ticks after boot; None if unknown, -1 if it is dead.

    Source: proc(5), /proc/pid/stat: field 3 is the state, field 22 the start.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    state, *fields = stat[stat.rindex(b")") + 1 :].split()  # field 2, the name, may have any byte
    return -1 if state in {b"Z", b"X"} else int(fields[18])
