"""A check of an audit, which knows itself: it can be told of without being run."""

from collections.abc import Callable
from dataclasses import dataclass, field

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """A question that is asked of codes.

    Attributes:
        name: as findings and reports have it.
        question: that it asks.
        run: answers it by one finding.
        cost: CPU seconds that it takes of 2,000 pairs of 128 values, or of small encoders, by which
            the time of those that have not run is told.
        of_encoders: whether it asks encoders; of codes alone it then says so at once.
    """

    name: str
    question: str
    run: Callable[[AuditedCodes], Finding] = field(repr=False)
    cost: float = 1.0
    of_encoders: bool = False

    def __call__(self, codes: AuditedCodes) -> Finding:
        """Run it."""
        return self.run(codes)

    def costs(self, codes: AuditedCodes) -> float:
        """Return what it costs of these codes: nothing where it needs encoders and has none.

        Args:
            codes: that it is asked of.
        """
        return 0.0 if self.of_encoders and codes.encoders is None else self.cost

    def not_run(self, codes: str, why: str, next_step: str) -> Finding:
        """Return the finding that it was not run, which leaves the answer open.

        Args:
            codes: name of the codes.
            why: in a few words, to stand behind "Not run:".
            next_step: what to do so that it is.

        Example:
            >>> check = Check("geometry", "Have codes collapsed?", lambda codes: None)
            >>> check.not_run("mine", "no time was left", "give more").sentence
            'Not run: no time was left.'
        """
        return Finding.not_run(self.name, codes, self.question, why, next_step)
