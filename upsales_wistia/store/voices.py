"""Brand voices, made once for the same words, and who agreed to the upload they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .leases import Lease
from .models_enrichment import ConsentRow, VoiceRow


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice profile; ``profile`` is what is shown of it."""

    voice_id: str
    content_hash: str
    profile: dict[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody agreed to exactly these words."""

    words: str
    by: str
    at: datetime


def save(
    lease: Lease,
    run_id: str,
    *,
    content_hash: str,
    voice_id: str,
    profile: dict[str, Any],
    now: datetime,
) -> None:
    """Keep a voice; for the same words there is only the first."""
    with lease.commit():
        (
            VoiceRow.insert(
                customer_id=lease.customer_id,
                content_hash=content_hash,
                voice_id=voice_id,
                run_id=run_id,
                profile=profile,
                made_at=now,
            )
            .on_conflict_ignore()
            .execute()
        )


def of_words(customer_id: int, content_hash: str) -> Voice | None:
    """The voice that was made of exactly these words."""
    row = VoiceRow.get_or_none(
        VoiceRow.customer_id == customer_id, VoiceRow.content_hash == content_hash
    )
    return None if row is None else _voice(row)


def newest(customer_id: int) -> Voice | None:
    """The voice that follow-ups use."""
    rows = VoiceRow.select().where(VoiceRow.customer_id == customer_id)
    row = rows.order_by(VoiceRow.made_at.desc(), VoiceRow.id.desc()).first()
    return None if row is None else _voice(row)


def agree(customer_id: int, job: str, run_id: str, *, words: str, by: str, now: datetime) -> None:
    """Record that somebody agreed to these words for this run."""
    ConsentRow.insert(
        customer_id=customer_id, job=job, run_id=run_id, words=words, by=by, at=now
    ).execute()


def consent(customer_id: int, run_id: str) -> Consent | None:
    """Who agreed to what this run does, last."""
    rows = ConsentRow.select().where(
        ConsentRow.customer_id == customer_id, ConsentRow.run_id == run_id
    )
    row = rows.order_by(ConsentRow.id.desc()).first()
    return None if row is None else Consent(row.words, row.by, row.at)


def _voice(row: Any) -> Voice:
    return Voice(row.voice_id, row.content_hash, row.profile, row.made_at)
