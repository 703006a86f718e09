"""What each part of a stack is there for, by its name; a name that is not known has no role."""

import pytest

from reviews.roles import ROLES, role_of

SPELLED = [
    ("Next.js 16", "web application"),
    ("PostgreSQL 16 on RDS", "database"),
    ("Better Auth", "sign-in"),
    ("google gemini", "language model"),
    ("our own thing", ""),
    ("", ""),
]


@pytest.mark.parametrize(("part", "role"), SPELLED)
def test_the_role_of_a_part(part: str, role: str) -> None:
    assert role_of(part) == role


def test_every_name_is_spelled_as_it_is_looked_up() -> None:
    assert {name: role_of(name) for name in ROLES} == ROLES
    assert all(name.isalnum() and name == name.lower() for name in ROLES)
