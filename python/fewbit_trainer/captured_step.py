# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A training step recorded once as a CUDA graph and replayed.

The networks are so small that a GPU waits for the host's next call most of the time; replaying
a recorded step takes a fraction of it. What changes from step to step stands in tensors that the
recording reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

Step = Callable[[Tensor, Sequence[Tensor]], Tensor]
_REHEARSALS = 3  # steps before the recording, as libraries set themselves up in the first ones


class CapturedStep:
    """Replays ``step(batch, settings)`` on batches of one shape.

    ``step`` does everything on the GPU, without reading a value back, and updates ``model``
    through ``optimizer`` (made with ``capturable=True``); its tensor is the replays' value.
    """

    def __init__(
        self,
        step: Step,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        batch: Tensor,
        settings: Sequence[float],
    ) -> None:
        self._batch = batch.clone()
        self._settings = [torch.tensor(float(s), device=batch.device) for s in settings]
        kept = [tensor.clone() for tensor in _state(model, optimizer)]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_REHEARSALS):
                step(self._batch, self._settings)
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._value = step(self._batch, self._settings)
        _restore(_state(model, optimizer), kept)

    def takes(self, batch: Tensor) -> bool:
        """Whether ``batch`` has the recorded shape."""
        return batch.shape == self._batch.shape

    def __call__(self, batch: Tensor, settings: Sequence[float]) -> Tensor:
        """The value of one step; overwritten by the next."""
        self._batch.copy_(batch)
        for tensor, value in zip(self._settings, settings, strict=True):
            tensor.fill_(value)
        self._graph.replay()
        return self._value


def _state(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """What a step changes: parameters, then the optimiser's tensors where it has any yet."""
    tensors = [parameter.data for parameter in model.parameters()]
    for parameter in model.parameters():
        tensors += [t for t in optimizer.state[parameter].values() if torch.is_tensor(t)]
    return tensors


def _restore(tensors: list[Tensor], kept: list[Tensor]) -> None:
    """Undoes the rehearsals; an optimiser that had no tensors before them starts from zeros."""
    for number, tensor in enumerate(tensors):
        if number < len(kept):
            tensor.copy_(kept[number])
        else:
            tensor.zero_()
