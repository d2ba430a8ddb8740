"""Several processes that work on one batch: who they are, and what they tell each other.

The rule by which gradients are exact: every process computes the value of the whole batch, from
rows that only it holds and from sums over all processes. A sum hands its gradient back as it is, to
each process for its own summand; rows that were gathered hand back the sum of what all processes
did with them. The gradient of a weight is then the sum over processes, not the mean.
"""

from infomax.processes.processes import LostProcessError, Processes, ToldByFirstError

__all__ = ["LostProcessError", "Processes", "ToldByFirstError"]
