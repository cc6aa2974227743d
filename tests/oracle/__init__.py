"""The reference parser: slow, obvious, written from the specification and never from the engine.

Files are named after the engine's, one stage each. It knows no log type: the tables say what a
record is. It ships nowhere; the tests hold the engine against it.
"""

from .read import Outcome, read
from .tables import load_tables

__all__ = ["Outcome", "load_tables", "read"]
