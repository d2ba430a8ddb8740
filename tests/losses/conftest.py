"""Properties are tested without a limit of time."""

from hypothesis import settings

# A machine that is busy is slow, and not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
