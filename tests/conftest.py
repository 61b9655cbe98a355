"""Settings of the suite: hypothesis draws few cases by default and many in the `campaign` profile.

A doctest whose optional library is missing is skipped.
"""

import importlib.util
import os

import pytest
from hypothesis import HealthCheck, settings

for name, cases in (("ci", 25), ("campaign", 2000)):
    settings.register_profile(
        name, max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
settings.load_profile(os.environ.get("TINYGRAD_SCRATCH_PROFILE", "ci"))

NEEDS = {"tinygrad_scratch.data.samples.digits": "sklearn"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        library = NEEDS.get(item.name)
        if library and importlib.util.find_spec(library) is None:
            item.add_marker(pytest.mark.skip(reason=f"{library} is not installed"))
