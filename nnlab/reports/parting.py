"""Where the trajectories of two runs part: what an experiment finds, and `nnlab diff` prints."""

from dataclasses import dataclass
from typing import NamedTuple


class Block(NamedTuple):
    """A block of parameters that differs between two runs after the same step.

    Attributes:
        name: the name in the network, such as W2.
        differ: how many of its numbers differ.
        of: how many numbers it has.
        largest: the largest absolute difference.
        relative: that difference in parts of the largest number of the block.
        ulps: the largest difference in units in the last place, of the coarser type of both.
        at: the index where the difference is largest.
    """

    name: str
    differ: int
    of: int
    largest: float
    relative: float
    ulps: int
    at: tuple[int, ...]


class Sample(NamedTuple):
    """A training point.

    Attributes:
        at: its place in the data, from 0.
        x: its input.
        y: its target.
    """

    at: int
    x: float
    y: float


class Visit(NamedTuple):
    """What a step used: its epoch, from 1, and the points of its batch."""

    epoch: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Parting:
    """Where the trajectories of two runs part.

    Attributes:
        step: the first step after which they differ; 0 if they start apart; None if they do not
            part, or cannot be compared.
        total: the steps that were compared.
        replays: how often training was repeated for each run, from its start or from a snapshot.
        tolerance: the relative difference that was taken as rounding; 0 if every bit counts.
        blocks: those that differ after that step, in the network's order.
        visits: what that step used, for each run; empty if they start apart.
        notes: what the user should know.
    """

    step: int | None
    total: int
    replays: int
    tolerance: float
    blocks: tuple[Block, ...] = ()
    visits: tuple[Visit, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def most(self) -> Block:
        """The block that differs most, in parts of its numbers; `blocks` must not be empty."""
        return max(self.blocks, key=lambda block: block.relative)
