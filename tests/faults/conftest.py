"""How long to look for faults: some seconds by default, minutes in `make fuzz`."""

from hypothesis import settings

settings.register_profile("fuzz", max_examples=20_000)
