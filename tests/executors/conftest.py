"""A token of the tests' own for the clusters that they start; Ray reads it when it is imported."""

import os
import uuid

os.environ.pop("RAY_ADDRESS", None)
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = uuid.uuid4().hex
