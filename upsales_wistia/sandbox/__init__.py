"""Wistia, Upsales and Mavera as small servers on loopback, with a world, switches and faults.

It stands apart: nothing here imports the rest of the package, so it can be held against the
vendors' documentation by itself, and tests and the demo meet it through HTTP alone.
"""

from .big import big_world
from .core import Sandbox
from .example import EXAMPLE_CONFIG, example_world
from .facts import Company, Contact, Fate, Media, Project, User, View
from .tenant import Switches, Tenant
from .traffic import Limits
from .world import World

__all__ = [
    "EXAMPLE_CONFIG",
    "Company",
    "Contact",
    "Fate",
    "Limits",
    "Media",
    "Project",
    "Sandbox",
    "Switches",
    "Tenant",
    "User",
    "View",
    "World",
    "big_world",
    "example_world",
]
