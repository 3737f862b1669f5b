"""The network of a saved run of `nnlab cubic`."""

from nnlab.config.resolve import resolve
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Parameters
from nnlab.cubic.state import Position, State, blank
from nnlab.cubic.train import total_steps
from nnlab.runs.checkpoint_file import Expected
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import final_weights, is_finished, newest_checkpoint, unfinished


def parameters(saved: SavedRun) -> tuple[Parameters, str]:
    """Return the parameters W1 b1 W2 b2 W3 b3 of a run, in the run's dtype, and a note.

    They are the final ones; of an unfinished run those of its newest checkpoint, and the note says
    so. The note of a finished run is "".

    Raises:
        UsageError: config.yaml or run.json is missing or damaged.
        DataError: the weights are missing or damaged, or are not of this config.
    """
    config = resolve(CubicConfig, saved.path / "config.yaml", {}).config
    if is_finished(saved):
        return final_weights(saved, blank(config)), ""
    found, file = newest_checkpoint(saved, Expected(blank(config), Position, config))
    state = State.of(found)
    position = f"from step {state.step:,} of {total_steps(config):,}"
    return state.parameters, unfinished(saved, file, position)
