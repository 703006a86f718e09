"""A web process that asks for no fit and no simulation loads none of the large libraries."""

import subprocess
import sys
from pathlib import Path

import reviews.capacity.formulas as formulas

HEAVY = {"numpy", "scipy", "ciw", "networkx"}


def test_the_formulas_and_the_simulation_start_without_the_large_libraries() -> None:
    modules = sorted(path.stem for path in Path(formulas.__path__[0]).glob("[a-z]*.py"))
    assert len(modules) > 15
    lines = [f"import reviews.capacity.formulas.{name}" for name in modules]
    script = "\n".join([*lines, "import reviews.capacity.simulation, sys", "print(*sys.modules)"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
