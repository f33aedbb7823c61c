"""Your voice: how a company speaks, learnt once from the transcripts of its videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..clients.mavera_drafts import BrandVoiceDraft, SourceDocument
from ..clients.mavera_schema import BrandVoice, UploadedFile
from ..clients.wistia_schema import Media
from ..errors import AppError
from ..store import voices
from .answers import lines, text
from .budget import Operation
from .cta import videos_of_projects
from .desk import Ask, Desk, Failed
from .polling import StillRunning, until_done
from .transcripts import Transcript, content_hash, cues_of_srt, split, text_of, without_people
from .uploads import remove_files, upload

CONSENT: Final = (
    "The transcripts become one file. While Mavera reads it, anyone who has its address can open "
    "it. We remove names, addresses and phone numbers first, and delete it afterwards where Mavera "
    "lets us."
)
"""What an admin agrees to; recorded word by word."""

USAGE: Final = "How our company speaks in its videos; used for short personal e-mails to viewers."


def gather(desk: Desk) -> dict[str, Any]:
    """The transcripts of the chosen projects, without people; what was left out, and why."""
    medias = videos_of_projects(desk)
    left_out = {"protected": 0, "drafts": 0, "without": 0}
    kept: list[Transcript] = []
    for place, media in enumerate(medias, start=1):
        desk.tell(f"Reading transcript {place} of {len(medias)}")
        found = _transcript(desk, media)
        if isinstance(found, Transcript):
            kept.append(found)
        else:
            left_out[found] += 1
    if not kept:
        raise Failed(
            "None of your videos has published captions that may be used. Add captions in Wistia.",
            code="nothing_to_ask",
        )
    projects = {media.project_id for media in medias if media.project_id}
    return {
        "from": {"transcripts": len(kept), "projects": len(projects), "left_out": left_out},
        "hash": content_hash(kept),
        "transcripts": [
            {"media": one.media_id, "title": one.title, "text": one.text} for one in kept
        ],
    }


def work(desk: Desk, material: Mapping[str, Any]) -> dict[str, Any]:
    """Make the voice, unless these words have one already."""
    of = {"from": material["from"], "hash": material["hash"]}
    there = voices.of_words(desk.customer_id, material["hash"])
    if there is not None:
        return {**of, "profile": there.profile, "voice_id": there.voice_id, "end": "answered"}
    # Asked for before the price is: only who looks at what would leave has no lease.
    if desk.lease and voices.consent(desk.customer_id, desk.run.id) is None:
        raise Failed(
            f"The upload needs your consent (--consent) to these words: “{CONSENT}”",
            code="no_consent",
        )
    files = split([Transcript(**_renamed(one)) for one in material["transcripts"]])
    try:
        voice = _make(desk, material["hash"], files)
    except StillRunning:
        raise
    except AppError:
        remove_files(desk)
        raise
    files_left = remove_files(desk)
    return {**of, **_read(desk, material["hash"], voice), "files_left": files_left}


def _renamed(one: Mapping[str, Any]) -> dict[str, str]:
    return {"media_id": one["media"], "title": one["title"], "text": one["text"]}


def _make(desk: Desk, words: str, files: Sequence[Sequence[str]]) -> BrandVoice | str:
    """The voice when it is done, else why there is none."""
    label = f"Our videos {''.join(chr(ord('a') + int(digit, 16)) for digit in words[:12])}"
    there = None if desk.preview else desk.patience.read(lambda: _found(desk, label))
    voice = there or _buy(desk, label, files)
    if isinstance(voice, str):
        return voice
    desk.tell("Mavera reads the transcripts")
    made = until_done(desk, voice, lambda: desk.mavera.brand_voice(voice.voice_id))
    if made.state == "failed":
        raise Failed(
            f"Mavera could not make a voice of the transcripts: {made.error or 'no reason given'}.",
            code="mavera_failed",
        )
    return made


def _found(desk: Desk, label: str) -> BrandVoice | None:
    """A voice made of these words before, by whatever run."""
    voice = desk.mavera.find_brand_voice(label)
    return None if voice is None or voice.state == "failed" else voice


def _buy(desk: Desk, label: str, files: Sequence[Sequence[str]]) -> BrandVoice | str:
    uploaded: list[UploadedFile] = []
    for place, paragraphs in enumerate(files, start=1):
        desk.tell(f"Uploading file {place} of {len(files)}")
        uploaded.append(upload(desk, place, paragraphs))
    documents = [SourceDocument(f.name, f.url, f.file_type, f.size) for f in uploaded]
    draft = BrandVoiceDraft(label, USAGE, documents)
    urls = frozenset(document.url for document in documents)
    bought = desk.buy(Ask("voice", Operation.BRAND_VOICE, draft, [], named=True, theirs=urls))
    return bought.value if isinstance(bought.value, BrandVoice) else bought.problem


def _read(desk: Desk, words: str, voice: BrandVoice | str) -> dict[str, Any]:
    if isinstance(voice, str):
        return {"end": "preview" if desk.preview else "uncertain", "problem": voice}
    profile = {
        "summary": lines(voice.summary),
        "adjectives": [text(one) for one in voice.adjectives[:20]],
        "dos": [text(one) for one in voice.dos[:20]],
        "donts": [text(one) for one in voice.donts[:20]],
        "sentences": text(voice.sentence_structure),
        "jargon": text(voice.jargon),
        "preferred": [text(one) for one in voice.preferred[:20]],
        "avoided": [text(one) for one in voice.avoided[:20]],
        "examples": [text(one) for one in voice.examples[:20]],
    }
    voices.save(
        desk.held,
        desk.run.id,
        content_hash=words,
        voice_id=voice.voice_id,
        profile=profile,
        now=desk.now,
    )
    return {"end": "answered", "profile": profile, "voice_id": voice.voice_id}


def _transcript(desk: Desk, media: Media) -> Transcript | str:
    """What is said in a video, or why it is left out."""
    captions = desk.patience.read(lambda: desk.wistia.captions(media.media_id)) or []
    published = sorted(
        (one for one in captions if not one.is_draft),
        key=lambda one: (not one.language.lower().startswith("en"), one.language),
    )
    if not published:
        return "drafts" if captions else "without"
    if desk.patience.read(lambda: desk.wistia.is_protected(media.media_id)) is not False:
        return "protected"
    said = without_people(text_of(cues_of_srt(published[0].text)), desk.known)
    if not said:
        return "without"
    return Transcript(media.media_id, without_people(media.name, desk.known), said)
