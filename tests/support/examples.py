"""How much Hypothesis tries: the same search in every run, ten times as long in `make test-long`.

Seeds are fresh in each run, in CI as well. What fails prints the `@reproduce_failure` line that repeats it.
"""

from hypothesis import settings

SHORT, LONG = "short", "long"


def register_profiles() -> None:
    """Make the two profiles known and begin with the short one; `--hypothesis-profile long` takes the other.

    Hypothesis would choose a profile with fixed seeds by itself where CI is set. A deadline would fail a test
    for the work of others on the machine.
    """
    for name in (SHORT, LONG):
        settings.register_profile(name, deadline=None, derandomize=False, print_blob=True)
    settings.load_profile(SHORT)


def examples(count: int) -> int:
    """All of them in the long run, a tenth otherwise: for searches that take minutes."""
    return count if settings.get_current_profile_name() == LONG else max(1, count // 10)
