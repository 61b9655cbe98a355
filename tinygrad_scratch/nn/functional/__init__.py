"""The formulas of networks as plain functions of arrays. Batches come first, channels last."""

from ...ops.window import windows
from ...scipy.special import logsumexp
from .activations import (
    elu,
    gelu,
    hard_sigmoid,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    step,
    tanh,
)
from .attention import attention, multi_head_attention
from .convolution import conv, conv1d, conv2d, conv_transpose, conv_transpose1d, conv_transpose2d
from .linear import dense, dropout, embedding, flatten
from .norm import batch_norm, group_norm, layer_norm, rms_norm
from .pooling import average_pool, global_average_pool, global_max_pool, max_pool
from .recurrent import gru, lstm, rnn

__all__ = [
    "attention",
    "average_pool",
    "batch_norm",
    "conv",
    "conv1d",
    "conv2d",
    "conv_transpose",
    "conv_transpose1d",
    "conv_transpose2d",
    "dense",
    "dropout",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "global_average_pool",
    "global_max_pool",
    "group_norm",
    "gru",
    "hard_sigmoid",
    "layer_norm",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "lstm",
    "max_pool",
    "mish",
    "multi_head_attention",
    "relu",
    "relu6",
    "rms_norm",
    "rnn",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "tanh",
    "windows",
]
