"""The profiles, in the order in which one answers for what another does not name."""

from reviews.capacity.policies import growth, right_sized, shared_host, strict
from reviews.capacity.policies.base import Profile

PROFILES: tuple[Profile, ...] = (right_sized.PROFILE, growth.PROFILE, strict.PROFILE, shared_host.PROFILE)
DEFAULT = "right-sized"
