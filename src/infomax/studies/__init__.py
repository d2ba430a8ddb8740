"""Studies: each figure of the paper as data, and its claims as tests on the records."""
