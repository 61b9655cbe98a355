"""Settings of the suite: hypothesis draws few cases by default and many in the `campaign` profile."""

import os

from hypothesis import HealthCheck, settings

for name, cases in (("ci", 25), ("campaign", 2000)):
    settings.register_profile(
        name, max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
settings.load_profile(os.environ.get("TINYGRAD_SCRATCH_PROFILE", "ci"))
