"""A token of the tests' own for the Ray clusters that they start.

Ray reads it once, when it is imported, and tests of several rooms import it: so it is here, where
pytest looks before it collects any of them.
"""

import os
import uuid

os.environ.pop("RAY_ADDRESS", None)
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = uuid.uuid4().hex
