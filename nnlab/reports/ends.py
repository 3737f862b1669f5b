"""How a run ended, in words."""

ENDS = {  # status -> what it means for the numbers of a run
    "running": "This run was still at work when this was written.",
    "killed": "This run was killed: its process has ended, and the run has no end.",
    "interrupted": "This run was stopped before its end.",
    "diverged": "This run diverged: its numbers grew until they were not finite.",
    "failed": "This run failed.",
}
UNFINISHED = {"killed", "interrupted", "failed"}  # what nnlab resume can continue
