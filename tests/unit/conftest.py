from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# However slow the machine is, an example may take its time. In CI the examples are the same ones each time.
CI = bool(os.environ.get("CI"))
settings.register_profile(
    "unit", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=CI, database=None, print_blob=True
)
settings.load_profile("unit")
