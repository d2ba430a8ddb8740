"""A token of the tests' own for the Ray clusters they start, and one process for reproductions.

Ray reads its token once, when it is imported, and tests of several rooms import it: so it is here,
where pytest looks before it collects any of them. Few tests are about processes side by side, and
those say how many: the others do not wait for them to start.
"""

import os
import uuid

os.environ.pop("RAY_ADDRESS", None)
os.environ["RAY_AUTH_MODE"] = "token"
os.environ["RAY_AUTH_TOKEN"] = uuid.uuid4().hex
os.environ["LOKY_MAX_CPU_COUNT"] = "1"
