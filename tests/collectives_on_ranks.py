"""What processes tell each other, on three of them: see the test."""

import sys
from pathlib import Path

import torch

from infomax.errors import UserError
from infomax.processes import Processes, ToldByFirstError
from infomax.training import connected

NUMBERS = (2, 1, 3)


def make_a_mistake(*, here: bool) -> None:
    """Raise a user's mistake on one process."""
    if here:
        raise UserError("no such file")


def told(processes: Processes) -> dict[str, object]:
    """Return what this process got to know, and gradients of what it gave."""
    rank = processes.rank
    rows = torch.arange(2.0 * NUMBERS[rank], dtype=torch.float64).reshape(-1, 2) + 10 * rank
    rows.requires_grad_()
    gathered = processes.gather_rows(rows, NUMBERS)
    # Each does something else with what it gathered; row i comes back times the sum of weights.
    ((rank + 1) * gathered * torch.arange(1, 7)[:, None]).sum().backward()
    given = torch.tensor([float(rank), -1000.0 * rank], dtype=torch.float64, requires_grad=True)
    total = processes.log_sum_exp(given)
    total.sum().backward()
    summand = torch.tensor([float(rank)], dtype=torch.float64, requires_grad=True)
    shared = processes.total(summand)
    # Each does something else with the total: what all did comes back to each summand.
    ((rank + 1) * shared).sum().backward()
    tensors = [torch.ones(2) * rank, torch.ones(1, dtype=torch.float64)]
    processes.sum_in_place(tensors)
    mistakes = []
    for mistaken in (0, 2):
        try:
            with processes.first_goes_first():
                make_a_mistake(here=rank == mistaken)
        except ToldByFirstError:
            mistakes.append("told by the first")
        except UserError as error:
            mistakes.append(str(error))
    order = processes.all_gather(rank)
    return {
        "numbers": processes.counts(NUMBERS[rank]),
        "gathered": gathered.detach(),
        "gradient of rows": rows.grad,
        "log_sum_exp": total.detach(),
        "gradient of given": given.grad,
        "total": shared.detach(),
        "gradient of summand": summand.grad,
        "summed in place": tensors,
        "from the first": processes.broadcast(f"of {rank}"),
        "mistakes": mistakes,
        "of all": order,
        "clock": processes.clock(),
    }


def main() -> None:
    """Write what this process was told to the folder that is named."""
    with connected("cpu") as connection:
        rank = connection.processes.rank
        torch.save(told(connection.processes), Path(sys.argv[1]) / f"{rank}.pt")


if __name__ == "__main__":
    main()
