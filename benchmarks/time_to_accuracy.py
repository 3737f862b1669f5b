"""Measure the training time until the test accuracy first reaches 0.914.

    python benchmarks/time_to_accuracy.py                 all presets, 5 seeds each (best: 3)
    python benchmarks/time_to_accuracy.py fast tuned      only these presets

Compares them with one seed of the plain script. The time counts training and, in the first epoch,
building TensorFlow's graph. It does not count validation, testing, or starting Python and
TensorFlow. Only this benchmark reads the test set after every epoch; nothing is chosen by it.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from timing import print_table

HERE = Path(__file__).parent
AIM = 0.914  # reported in the assignment's text
SEEDS = {"plain": 1, "fashion": 1, "tuned": 5, "fast": 5, "best": 3}

Epochs = list[dict[str, float]]


def child(preset: str, seed: int) -> Epochs:
    """Train a preset; return training seconds and test accuracy of each epoch."""
    from nnlab.config.resolve import resolve
    from nnlab.console.view import Silent
    from nnlab.fashion import data
    from nnlab.fashion.config import FashionConfig
    from nnlab.fashion.device import load_tensorflow
    from nnlab.fashion.split import training_size
    from nnlab.fashion.train import compiled_network

    name = "fashion.yaml" if preset == "fashion" else f"fashion-{preset}.yaml"
    config = resolve(FashionConfig, HERE.parent / "configs" / name, {"seed": seed}).config
    dataset = data.load("full")
    images = training_size(config, len(dataset.y_train))
    device = load_tensorflow(config, Silent())
    import keras

    from nnlab.fashion import batches, state

    network = compiled_network(config, dataset.x_train[:images], device)
    test = batches.evaluation_batches(dataset.x_test, dataset.y_test)
    epochs: Epochs = []

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
            state.seed_layers(network, config.seed, epoch)
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
            taken = time.perf_counter() - self.began
            accuracy = network.evaluate(test, verbose=0)[1]
            epochs.append({"training_seconds": taken, "test_accuracy": accuracy})

    assert config.ema is None  # else the averages would have to be tested
    train = batches.training_batches(
        dataset.y_train[:images],
        config.batch_size,
        lambda: data.order(config, len(epochs), dataset.y_train[:images], len(dataset.classes)),
    )
    network.fit(train, epochs=config.epochs, callbacks=[Clock()], shuffle=False, verbose=0)
    return epochs


def run(preset: str, seed: int) -> Epochs:
    """Train once in a new process; return what it measured."""
    script = [__file__, "--child", preset, str(seed)]
    if preset == "plain":
        script = [str(HERE / "plain_fashion.py"), "10", str(seed)]
    done = subprocess.run(
        [sys.executable, *script], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    epochs: Epochs = json.loads(done.stdout.splitlines()[-1])
    last = epochs[-1]["test_accuracy"]
    taken = sum(e["training_seconds"] for e in epochs)
    print(f"{preset} seed {seed}: {last:.4f} after {taken:.1f} s", file=sys.stderr, flush=True)
    return epochs


def reached(epochs: Epochs) -> float | None:
    """Return the training seconds until the test accuracy reached AIM; None if it never did."""
    spent = 0.0
    for epoch in epochs:
        spent += epoch["training_seconds"]
        if epoch["test_accuracy"] >= AIM:
            return spent
    return None


def main(presets: list[str]) -> None:
    """Print the table."""
    runs: dict[str, list[Epochs]] = {preset: [] for preset in presets}
    for seed in range(max(SEEDS.values())):
        for preset in presets:
            if seed < SEEDS[preset]:
                runs[preset].append(run(preset, seed))
    whole = {
        preset: statistics.median(sum(e["training_seconds"] for e in epochs) for epochs in trained)
        for preset, trained in runs.items()
    }
    rows = []
    for preset, trained in runs.items():
        final = [epochs[-1]["test_accuracy"] for epochs in trained]
        times = [seconds for seconds in map(reached, trained) if seconds is not None]
        soonest = f"{statistics.median(times):.1f}" if times else "never"
        rows.append(
            [
                preset, len(trained), f"{statistics.mean(final):.4f}",
                f"{min(final):.4f} to {max(final):.4f}", f"{soonest} ({len(times)})",
                f"{whole[preset]:.1f}", f"{whole[preset] / whole['plain']:.3f}",
            ]
        )  # fmt: skip
    header = [
        "", "seeds", "test accuracy, mean", "range", f"s to {AIM} (seeds that reached it)",
        "s in all", "times the script",
    ]  # fmt: skip
    print_table("Seconds of training, medians over the seeds", header, rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(sys.argv[2], int(sys.argv[3]))))
    else:
        main(["plain", *(sys.argv[1:] or ["fashion", "fast", "tuned", "best"])])
