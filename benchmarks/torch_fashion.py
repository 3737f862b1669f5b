"""The assignment's network in a plain PyTorch script: milliseconds of a training step.

    python benchmarks/torch_fashion.py IMAGES

Trains two epochs on the first IMAGES images in batches of 32; prints the seconds of each epoch as
JSON.
"""

import json
import sys
import time

import torch
from torch import nn

from nnlab.fashion.data import load

count = int(sys.argv[1])
data = load("full")
x = torch.from_numpy(data.x_train[:count].astype("float32") / 255)[:, None]
y = torch.from_numpy(data.y_train[:count].astype("int64"))
model = nn.Sequential(
    nn.ZeroPad2d((0, 1, 0, 1)),  # "same" with a kernel of 2, as TensorFlow pads
    nn.Conv2d(1, 64, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
    nn.ZeroPad2d((0, 1, 0, 1)),
    nn.Conv2d(64, 32, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
    nn.Flatten(), nn.Linear(7 * 7 * 32, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
)  # fmt: skip
assert sum(p.numel() for p in model.parameters()) == 210_666
optimizer = torch.optim.Adam(model.parameters())
loss_of = nn.CrossEntropyLoss()
seconds = []
for _ in range(2):
    begin = time.perf_counter()
    for index in torch.randperm(count).split(32):
        optimizer.zero_grad()
        loss_of(model(x[index]), y[index]).backward()
        optimizer.step()
    seconds.append(time.perf_counter() - begin)
print(json.dumps([{"seconds": s} for s in seconds]))
