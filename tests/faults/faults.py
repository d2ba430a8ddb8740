"""What disks, networks and people do to a file, as strategies that hypothesis can shrink."""

from dataclasses import dataclass
from typing import Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

__all__ = [
    "Cut",
    "Doubled",
    "Fault",
    "Flipped",
    "Lost",
    "Other",
    "Replaced",
    "any_duration",
    "faults",
]

_OTHERS = (
    b"",
    b"[]",
    b"null",
    b"0",
    b"{}",
    b"\x00" * 64,
    b"PK\x03\x04",
    b"\x93NUMPY",
    b"PAR1PAR1",
    b"\x89PNG\r\n\x1a\n",
    "\xe4,\xf6\n1,2\n".encode("utf-16"),
)


class Fault(Protocol):
    """What happens to the bytes of a file."""

    def __call__(self, content: bytes) -> bytes:
        """Return what is left of a file's content."""


def any_duration(*, share: float = 1.0) -> settings:
    """Return settings for examples that touch files, and so take as long as the disk does.

    Args:
        share: of the profile's examples.
    """
    number = max(int(share * settings().max_examples), 1)
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=number, deadline=None, suppress_health_check=slow)


def faults() -> st.SearchStrategy[Fault]:
    """Return faults: a file is cut short, its bits turn over, parts are lost, doubled or replaced.

    Positions are shares of the length, so that one fault is for files of any length.
    """
    share = st.floats(0, 1, allow_nan=False)
    flips = st.lists(st.tuples(share, st.integers(0, 7)), min_size=1, max_size=4)
    return st.one_of(
        st.builds(Cut, share),
        st.builds(Flipped, flips.map(tuple)),
        st.builds(Lost, share, st.integers(1, 200)),
        st.builds(Doubled, share, st.integers(1, 200)),
        st.builds(Replaced, share, st.binary(min_size=1, max_size=16)),
        st.builds(Other, st.sampled_from(_OTHERS)),
    )


@dataclass(frozen=True)
class Cut:
    """Only the first share of the file is there."""

    share: float

    def __call__(self, content: bytes) -> bytes:
        """Return the beginning."""
        return content[: int(self.share * len(content))]


@dataclass(frozen=True)
class Flipped:
    """Single bits are turned over: where, as a share of the length, and which of the eight."""

    bits: tuple[tuple[float, int], ...]

    def __call__(self, content: bytes) -> bytes:
        """Return as many bytes."""
        turned = bytearray(content)
        for share, bit in self.bits if turned else ():
            turned[min(int(share * len(turned)), len(turned) - 1)] ^= 1 << bit
        return bytes(turned)


@dataclass(frozen=True)
class Lost:
    """Some bytes are gone."""

    share: float
    number: int

    def __call__(self, content: bytes) -> bytes:
        """Return fewer bytes."""
        start = int(self.share * len(content))
        return content[:start] + content[start + self.number :]


@dataclass(frozen=True)
class Doubled:
    """Some bytes stand there twice."""

    share: float
    number: int

    def __call__(self, content: bytes) -> bytes:
        """Return more bytes."""
        start = int(self.share * len(content))
        return content[: start + self.number] + content[start:]


@dataclass(frozen=True)
class Replaced:
    """Some bytes are others."""

    share: float
    other: bytes

    def __call__(self, content: bytes) -> bytes:
        """Return as many bytes, or a few more at the end."""
        start = int(self.share * len(content))
        return content[:start] + self.other + content[start + len(self.other) :]


@dataclass(frozen=True)
class Other:
    """The file is another one."""

    other: bytes

    def __call__(self, content: bytes) -> bytes:
        """Return the other's content."""
        del content
        return self.other
