"""What one customer's Mavera holds: its credits, everything asked of it, everything made."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

PERSONAS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": f"clx{hashlib.sha256(name.encode()).hexdigest()[:21]}",
        "object": "persona",
        "name": name,
        "category": category,
        "description": description,
        "is_custom": False,
        "is_expert": category == "Expert",
        "created_at": 1_735_689_600,
    }
    for name, category, description in (
        ("Marketing analyst", "Expert", "Reads data on audiences and explains what it means."),
        ("Film editor", "Expert", "Cuts films and knows where an audience leaves and why."),
        ("Brand strategist", "Expert", "Weighs wording, calls to action and tone of a brand."),
        (
            "Evaluating buyer",
            "Professional",
            "Compares suppliers, watches demos to the end, again.",
        ),
        ("Busy executive", "Professional", "Skims, leaves early, wants the price and the risk."),
        ("Technical specialist", "Professional", "Watches long webinars and how things work."),
        ("Curious newcomer", "Lifestyle", "Watches a first short part and stories of customers."),
        ("Loyal customer", "Lifestyle", "Comes back again, watches stories and training."),
        ("Facility manager", "IndustrySpecific", "Runs buildings, heat, energy and maintenance."),
        ("Millennial homeowner", "Generational", "Plans a home, watches on the phone."),
        ("Gen X decision maker", "Generational", "Decides on budgets with a team."),
    )
)
"""The personas that everybody may ask."""

APPS: tuple[dict[str, Any], ...] = (
    {
        "id": "blog_post_generator",
        "name": "Blog post",
        "category": "content",
        "description": "A blog post on a topic.",
        "input_fields": [{"name": "topic", "type": "text", "required": True}],
    },
    {
        "id": "follow_up_email",
        "name": "Follow-up e-mail",
        "category": "email",
        "description": "A personal follow-up e-mail.",
        "input_fields": [
            {"name": "topic", "type": "text", "required": True},
            {"name": "context", "type": "text", "required": True},
            {"name": "tone", "type": "text", "required": False},
        ],
    },
)


@dataclass(frozen=True, slots=True)
class Charge:
    """Credits that were taken, for what, and for which label."""

    operation: str
    label: str
    credits: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A body as it came; ``body`` is its JSON, or its text where it is none."""

    operation: str
    body: Any


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Bytes that reached the store. ``secrets`` names the headers that must not have come."""

    key: str
    size: int
    content_type: str
    secrets: tuple[str, ...]


@dataclass
class Desk:
    """One customer's Mavera. ``polls`` is how often a job is still running when asked."""

    included: int = 5_000
    used: int = 0
    usage_limit: int | None = None
    auto_recharge: bool = False
    polls: int = 1
    charges: list[Charge] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    uploads: list[Uploaded] = field(default_factory=list)
    workspaces: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": "ws_main", "object": "workspace", "name": "Main"}]
    )
    personas: list[dict[str, Any]] = field(default_factory=lambda: [dict(p) for p in PERSONAS])
    apps: list[dict[str, Any]] = field(default_factory=lambda: [dict(a) for a in APPS])
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    voices: dict[str, dict[str, Any]] = field(default_factory=dict)
    generations: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    running: Counter[str] = field(default_factory=Counter)
    _serial: int = 0

    @property
    def remaining(self) -> int:
        """Credits left of the period."""
        return max(0, self.included - self.used)

    def can_pay(self, credits: int) -> str:
        """The code of the 402 for a call of so many credits, "" when it can be paid."""
        if self.usage_limit is not None and self.used + credits > self.usage_limit:
            return "budget_exceeded"
        short = credits > self.remaining and not self.auto_recharge
        return "credits_exhausted" if short else ""

    def charge(self, operation: str, label: str, credits: int) -> None:
        """Take credits."""
        self.used += credits
        self.charges.append(Charge(operation, label, credits))

    def charged(self, label: str = "", operation: str = "") -> int:
        """How often was charged for what has ``label`` in its name, by which operation."""
        return sum(label in c.label and operation in c.operation for c in self.charges)

    def number(self, prefix: str) -> str:
        """A new id."""
        self._serial += 1
        return f"{prefix}_{self._serial:06d}"

    def still_running(self, job: str) -> bool:
        """Whether a job that is looked at runs on; each look brings it nearer to its end."""
        self.running[job] += 1
        return self.running[job] <= self.polls

    def overview(self) -> dict[str, Any]:
        """Everything as plain data, for the control endpoint."""
        return {
            "credits": {"used": self.used, "remaining": self.remaining},
            "charges": [asdict(charge) for charge in self.charges],
            "asked": [asdict(asked) for asked in self.asked],
            "uploads": [asdict(upload) for upload in self.uploads],
            "threads": list(self.threads.values()),
            "groups": list(self.groups.values()),
            "voices": list(self.voices.values()),
            "generations": list(self.generations.values()),
            "files": list(self.files.values()),
            "stored": {key: len(content) for key, content in self.stored.items()},
        }
