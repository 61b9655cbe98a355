"""Settings of the suite: hypothesis draws few cases by default and many in the `campaign` profile.

A doctest whose optional library is missing is skipped. The cache folder is one of the session's.
"""

import importlib.util
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

for name, cases in (("ci", 25), ("campaign", 2000)):
    settings.register_profile(
        name, max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
settings.load_profile(os.environ.get("TINYGRAD_SCRATCH_PROFILE", "ci"))

NEEDS = {
    "tinygrad_scratch.data.samples.digits": "sklearn",
    "tinygrad_scratch.data.picture.": "PIL",
    "tinygrad_scratch.optim.minimize.scipy_minimize": "scipy",
    "tinygrad_scratch.scipy.stats": "scipy",
    "tinygrad_scratch.viz.": "matplotlib",
}


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Machine code of compiled programs goes to a folder of this session's, not the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYGRAD_SCRATCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name, library in NEEDS.items():
            if item.name.startswith(name) and importlib.util.find_spec(library) is None:
                item.add_marker(pytest.mark.skip(reason=f"{library} is not installed"))
