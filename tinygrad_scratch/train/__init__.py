"""Training: a net, a loss and an optimizer joined to a pure step, and a loop over it that can be killed and resumed.

>>> import numpy as np, tinygrad_scratch as tg
>>> x, y = tg.data.spiral(samples=50, classes=2)
>>> net = tg.nn.serial(tg.nn.dense(32), tg.nn.relu, tg.nn.dense(2))
>>> task = tg.train.supervised(net, tg.losses.softmax_cross_entropy, tg.optim.adam(0.02))
>>> state = task.init(tg.random.key(0), (2,))
>>> done = tg.train.fit(task.step, state, (x, y), epochs=300, batch_size=100, key=tg.random.key(1))
>>> done.history["loss"][0] > 0.5 > 0.3 > done.history["loss"][-1]
True
"""

from .fit import fit
from .result import Epoch, Result
from .supervised import Task, TrainState, supervised

__all__ = ["Epoch", "Result", "Task", "TrainState", "fit", "supervised"]
