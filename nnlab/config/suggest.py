"""Suggest a key, flag or command for an unknown one: other programs' names, similar spellings."""

import difflib
import re
from collections.abc import Collection

# Another program's name of a key (lower case, letters only) -> nnlab's keys. The suggestion is the
# first of them that the command has. `points:samples` is the key samples of a command that also has
# the key points: in it a sample is a step.
KEYS = {
    "learningrate": ("lr",),
    "lrate": ("lr",),
    "eta": ("lr",),
    "alpha": ("lr",),
    "stepsize": ("lr",),
    "learningrateinit": ("lr",),
    "scheduler": ("lr_schedule",),
    "lrscheduler": ("lr_schedule",),
    "nepochs": ("epochs",),
    "nepoch": ("epochs",),
    "numepochs": ("epochs",),
    "nbepoch": ("epochs",),
    "maxepochs": ("epochs",),
    "maxiter": ("epochs",),
    "iterations": ("points:samples", "epochs"),
    "passes": ("epochs",),
    "batch": ("batch_size",),
    "bs": ("batch_size",),
    "minibatch": ("batch_size",),
    "minibatchsize": ("batch_size",),
    "hiddenunits": ("hidden",),
    "hiddensize": ("hidden",),
    "hiddenlayersizes": ("hidden",),
    "nhidden": ("hidden",),
    "units": ("hidden",),
    "neurons": ("hidden",),
    "width": ("hidden",),
    "channels": ("filters",),
    "kernel": ("kernel_size", "kernel"),
    "kernelsize": ("kernel_size", "kernel"),
    "poolsize": ("pool",),
    "dropoutrate": ("dropout", "dense_dropout"),
    "dropout": ("dropout", "dense_dropout"),
    "randomstate": ("seed",),
    "randomseed": ("seed",),
    "rng": ("seed",),
    "steps": ("points:samples", "epochs"),
    "nsteps": ("points:samples", "epochs"),
    "numsteps": ("points:samples", "epochs"),
    "maxsteps": ("points:samples", "epochs"),
    "nsamples": ("samples",),
    "numsamples": ("samples",),
    "trainsize": ("samples",),
    "sampler": ("order",),
    "replacement": ("order",),
    "initstd": ("init_scale",),
    "std": ("init_scale",),
    "sigma": ("init_scale",),
    "weights": ("init_from",),
    "l2": ("weight_decay",),
    "wd": ("weight_decay",),
    "opt": ("optimizer",),
    "solver": ("optimizer",),
    "valsplit": ("validation_split",),
    "validationfraction": ("validation_split",),
    "earlystopping": ("patience",),
    "niternochange": ("patience",),
    "smoothing": ("label_smoothing",),
    "batchnormalization": ("batch_norm",),
    "augmentation": ("augment",),
    "amp": ("precision",),
    "mixedprecision": ("precision",),
    "xla": ("jit_compile",),
    "jit": ("jit_compile",),
    "gpu": ("device",),
    "dataset": ("data",),
    "datapath": ("data_dir",),
    "root": ("data_dir",),
    "loginterval": ("log_every",),
    "animation": ("gif",),
    "backend": ("engine",),
    "out": ("run_dir",),
    "output": ("run_dir",),
    "outputdir": ("run_dir",),
    "outdir": ("run_dir",),
    "logdir": ("run_dir",),
    "savedir": ("run_dir",),
    "yaml": ("config",),
    "dryrun": ("print_config",),
    "silent": ("quiet",),
}

# Another program's name of a command -> nnlab's commands.
COMMANDS = {
    "train": ("cubic", "fashion"),
    "run": ("cubic", "fashion"),
    "fit": ("cubic", "fashion"),
    "start": ("cubic", "fashion"),
    "list": ("runs",),
    "ls": ("runs",),
    "continue": ("resume",),
    "restart": ("resume",),
    "test": ("check",),
    "gradcheck": ("check",),
    "gradient": ("check",),
    "cube": ("cubic",),
    "cnn": ("fashion",),
    "mnist": ("fashion",),
    "diagnose": ("doctor",),
    "info": ("doctor",),
    "env": ("doctor",),
    "configs": ("presets",),
    "init": ("new-config",),
    "download": ("data fetch",),
    "fetch": ("data fetch",),
    "get": ("data fetch",),
    "verify": ("data verify",),
    "path": ("data path",),
    "version": ("--version",),
}


def near_key(given: str, keys: Collection[str]) -> str | None:
    """Return the one of `keys` that `given` probably means; None if no key is similar."""
    name = _letters(given)
    pairs = [(other, each.partition(":")) for other, meant in KEYS.items() for each in meant[::-1]]
    named = {other: key or had for other, (had, _, key) in pairs if {had, key or had} <= {*keys}}
    if name in named:
        return named[name]
    plain = {_letters(key): key for key in keys}
    near = [plain[each] for each in difflib.get_close_matches(name, plain, n=1, cutoff=0.6)]
    near += [named[each] for each in difflib.get_close_matches(name, named, n=1, cutoff=0.8)]
    return near[0] if near else None


def near_commands(given: str, commands: Collection[str], group: str) -> list[str]:
    """Return the commands that the unknown command `given` may mean, as a user types them.

    Args:
        given: the unknown command.
        commands: the commands of `group`.
        group: the words before the command: `nnlab` or `nnlab data`.
    """
    name = given.lower()
    if name in COMMANDS:
        return [f"nnlab {meant}" for meant in COMMANDS[name]]
    return [f"{group} {near}" for near in difflib.get_close_matches(name, commands, cutoff=0.65)]


def _letters(name: str) -> str:
    """Return a name in the form that is compared: `learning-rate` becomes `learningrate`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
