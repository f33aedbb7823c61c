"""Videos: the list and one video, against a Wistia whose patterns a test plants and moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse
from tests.sync.house import NOW, House, small_world, view
from upsales_wistia.sandbox import Limits, Media, Sandbox
from upsales_wistia.store import customers, figures

from .pages import text_of
from .reader import Reader
from .visiting import lines

TOUR, STORY = "media00001", "media00002"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """Views of two videos are in; nothing is planted yet."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.configure(activityMinPercent=25)
        made.world.add(view("e1", "anna@acme.example"))
        made.world.add(view("e2", media_id=STORY, received_at=NOW - timedelta(hours=2)))
        made.run()
        yield made


def story(house: House, *drops: tuple[float, float], viewers: int = 200) -> None:
    """The story has exactly these drops (second, share), among ``viewers``."""
    house.world.videos.clear(STORY)
    for at, share in drops or ((0.0, 0.0),):
        house.world.videos.drop(STORY, at, share, viewers=viewers)


def replace_media(house: House, **facts: Any) -> None:
    """Let other things be so of the story."""
    medias = house.world.medias
    medias[:] = [replace(one, **facts) if one.hashed_id == STORY else one for one in medias]


def drops_of(page: str) -> list[str]:
    """The rows of the drops' list."""
    listed = page.partition('<ol class="drops">')[2].partition("</ol>")[0]
    rows = re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_the_list_shows_the_most_played_first(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.3), viewers=1284)
    page = reader.opens("videos").text
    first, second = lines(page)
    assert first.startswith(
        "A story Stories 1,284 75% 0 100% watch at the start, 70% in the middle"
    )
    assert second == "Product tour Demos 1 83% 1 too few plays"
    assert "1 to 2 of 2" in page
    assert f'href="/c/4711/videos/{STORY}"' in page
    assert 'aria-current="page">Videos' in page
    assert "Reading" not in page


def test_one_video_shows_where_people_leave(house: House, reader: Reader) -> None:
    videos = house.world.videos
    story(house, (100.0, 0.3), (300.0, 0.2), viewers=1000)
    videos.replay(STORY, 185.0, 212.0, 0.16, viewers=1000)
    videos.say(STORY, 98.0, "So, what does it cost?")
    videos.chapter(STORY, 96.0, "The price list")
    videos.publish(STORY, NOW - timedelta(days=30))
    videos.offer(STORY, "Tell us who you are", 1001, 412, kind="Turnstile", at="46")
    videos.offer(STORY, "Book a demo", 263, 37)
    videos.offer(STORY, "See the price list", 519, 88, kind="Annotation", at="200")
    page = reader.opens(f"videos/{STORY}").text
    read = text_of(page)
    assert "Plays 1,000 by 1,000 visitors, since 21 Oct" in read
    assert "Left an e-mail 412 41% of those asked" in read
    assert "The two drops" in read
    assert drops_of(page) == [
        "1 1:40 30% leave “ The price list ” begins “ So, what does it cost? ”",
        "2 5:00 20% leave Nothing is said here.",
    ]
    assert "3:05–3:32 most replayed" in read
    assert "Turnstile at 0:46 Tell us who you are 1,001 412 41%" in read
    assert "Call to action at the end Book a demo 263 37 14%" in read
    assert "Link at 3:20 See the price list 519 88 16%" in read
    assert "All figures are Wistia’s totals since the video was published, read at 14:20." in read
    assert "The same as a table, every 30 seconds" in read
    assert "1:30–2:00 80% 800 0%" in read
    assert page.count('role="img"') == 2
    assert (
        "A story, 10:00: 100% watch at the start, 56% in the middle, 56% at the end. On average "
        "68% is watched. Viewers leave in a rush at 1:40 (30%), 5:00 (20%). 3:05–3:32 most "
        "replayed."
    ) in page
    assert 'href="https://sandbox.wistia.com/medias/media00002"' in page
    assert f'href="/c/4711/views?video={STORY}">See its 1 view' in page
    assert "Ask for edits" not in read


def test_a_planted_drop_that_moves_moves_on_the_page(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.2))
    assert drops_of(reader.opens(f"videos/{STORY}").text) == ["1 1:40 20% leave"]
    story(house, (250.0, 0.4))
    assert drops_of(reader.opens(f"videos/{STORY}").text) == ["1 1:40 20% leave"]
    house.later(minutes=61)
    assert drops_of(reader.opens(f"videos/{STORY}").text) == ["1 4:10 40% leave"]
    story(house)
    answer = reader.presses(f"videos/{STORY}")
    assert answer.status_code == 303
    page = reader.fetches(answer.location).text
    assert drops_of(page) == []
    assert "Nobody leaves in a rush. The curve falls evenly." in text_of(page)


def test_figures_are_remembered_for_a_while(house: House, reader: Reader) -> None:
    reader.opens(f"videos/{STORY}")
    house.forget_calls()
    for _ in range(3):
        reader.opens(f"videos/{STORY}")
    reader.opens("videos")  # reads the other video
    reader.opens("videos")
    assert house.calls("wistia.media_stats") == 1
    house.later(minutes=11)
    reader.opens("videos")
    reader.opens(f"videos/{STORY}")
    assert house.calls("wistia.media_stats") == 2
    house.later(minutes=61)
    reader.opens("videos")
    assert house.calls("wistia.media_stats") == 4


def test_an_array_that_wistia_scaled_keeps_its_minutes(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        world = small_world(medias=[Media(12, STORY, "A webinar", "proj2", 4000.0)])
        house = House(sandbox, store, world)
        house.world.add(view("e1", media_id=STORY))
        house.run()
        story(house, (2000.0, 0.5))
        page = Reader.of(house).opens(f"videos/{STORY}").text
    assert drops_of(page) == ["1 33:20 50% leave"]
    assert "The same as a table, every 30 seconds" in page
    assert "1:06:00–1:06:30" in page


def test_too_few_plays_for_a_curve(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.5), viewers=12)
    read = reader.reads(f"videos/{STORY}")
    assert "Too few plays for a curve: 12. It appears at 30." in read
    assert "The same as a table" not in read
    assert "Plays 12 by 12 visitors" in read


def test_without_captions_it_says_how_to_get_them(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.5))
    assert "Add captions in Wistia to see what is said here." in reader.reads(f"videos/{STORY}")
    house.world.videos.say(STORY, 99.0, "A draft", draft=True)
    reader.presses(f"videos/{STORY}")
    assert "Add captions in Wistia" in reader.reads(f"videos/{STORY}")


def test_what_vendors_wrote_is_text(store: str) -> None:
    name = "<script>alert(1)</script>" + "x" * 100
    with Sandbox(limits=Limits.off()) as sandbox:
        world = small_world(medias=[Media(12, STORY, name, "proj2", 600.0)])
        house = House(sandbox, store, world)
        house.world.add(view("e1", media_id=STORY))
        house.run()
        story(house, (100.0, 0.5))
        house.world.videos.say(STORY, 99.0, "<img src=x onerror=alert(1)>")
        house.world.videos.offer(STORY, "<b>Buy</b>", 100, 50, kind="<i>odd</i>")
        for path in ("videos", f"videos/{STORY}"):
            page = Reader.of(house).opens(path).text
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
            for tag in ("<script>alert", "<img", "<b>Buy", "<i>odd"):
                assert tag not in page


@pytest.mark.parametrize("path", ["nothere", "../status/", "media00001/x", "%00", "m" * 3000])
def test_a_video_that_is_not_ours_is_not_there(house: House, reader: Reader, path: str) -> None:
    house.forget_calls()
    assert reader.opens(f"videos/{path}").status_code == 404
    assert house.calls("wistia.media_stats") == 0


def test_anothers_videos_are_not_there(house: House, reader: Reader) -> None:
    other = House(house.sandbox, house.database_url, small_world(), customer=4712)
    other.world.add(view("e9", media_id=STORY))
    other.run()
    for path in ("videos", f"videos/{STORY}"):
        assert reader.fetches(f"/c/4712/{path}").status_code == 404
    story(house, (100.0, 0.5))
    reader.opens(f"videos/{STORY}")
    assert set(figures.load(4712, [STORY])) == set()


def test_a_video_that_is_deleted_keeps_its_last_figures(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.2))
    reader.opens(f"videos/{STORY}")
    replace_media(house, deleted=True)
    house.later(hours=2)
    for _ in range(2):
        read = reader.reads(f"videos/{STORY}")
        assert "Wistia no longer has this video. Its views stay here." in read
        assert "These figures were read today at 14:20." in read
        assert "1:40 20% leave" in read
        assert "Open in Wistia" not in read


def test_a_video_that_was_never_there(house: House, reader: Reader) -> None:
    replace_media(house, deleted=True)
    read = reader.reads(f"videos/{STORY}")
    assert "Wistia no longer has this video. Its views stay here." in read
    assert "Calls to action" not in read
    assert "A story Stories – – 0 no longer in Wistia" in lines(reader.opens("videos").text)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("503", "Wistia does not answer just now. Try again in a minute."),
        ("not_json", "Wistia does not answer just now. Try again in a minute."),
        ("429", "Wistia asks us to wait a little. Nothing to do."),
    ],
)
def test_in_trouble_the_last_figures_are_shown(
    house: House, reader: Reader, fault: str, said: str
) -> None:
    story(house, (100.0, 0.2))
    reader.opens(f"videos/{STORY}")
    house.later(hours=2)
    house.sandbox.faults.add("wistia.media_stats", fault, times=None)
    house.forget_calls()
    read = reader.reads(f"videos/{STORY}")
    assert f"{said} These figures were read today at 14:20." in read
    assert "1:40 20% leave" in read
    asked = house.calls("wistia.media_stats")
    assert said in reader.reads(f"videos/{STORY}")
    assert f"{said} These are the last figures we read." in reader.reads("videos")
    assert house.calls("wistia.media_stats") == asked  # it is left in peace for a minute
    house.sandbox.faults.clear()
    reader.presses(f"videos/{STORY}")
    assert said not in reader.reads(f"videos/{STORY}")


def test_in_trouble_before_anything_was_read(house: House, reader: Reader) -> None:
    house.sandbox.faults.add("wistia.media_stats", "503", times=None)
    read = reader.reads(f"videos/{STORY}")
    assert "Wistia does not answer just now. Try again in a minute." in read
    assert "These figures" not in read
    read = reader.reads("videos")
    assert "not read yet" in read
    assert "the last figures" not in read


def test_a_refused_token_is_named(house: House, reader: Reader) -> None:
    house.tenant.switches.wistia_scopes = ("media:read",)
    read = reader.reads(f"videos/{STORY}")
    assert "Wistia refuses the API token." in read
    assert "Read detailed stats" in read
    assert "Replace the token" in read


def test_without_a_token(house: House, reader: Reader) -> None:
    keyring = house.services.keyring
    customers.save_secret(keyring, house.customer, "wistiaApiPassword", "", NOW)
    for path in ("videos", f"videos/{STORY}"):
        read = reader.reads(path)
        assert "Paste an API token in Settings to see how your videos are watched." in read
        assert "Open Settings" in read


def test_words_may_be_refused_while_figures_are_not(house: House, reader: Reader) -> None:
    story(house, (100.0, 0.2))
    house.tenant.switches.wistia_scopes = ("stats:read",)
    read = reader.reads(f"videos/{STORY}")
    assert "1:40 20% leave" in read
    assert "Read all folder and media data" in read


def test_before_the_first_view(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        read = Reader.of(House(sandbox, store)).reads("videos")
    assert "No videos yet. They appear with the first views; a run reads the last 3 days." in read


def test_many_videos_are_paged_and_searched(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        medias = [Media(n, f"m{n:03}", f"Film number {n}", "proj1", 60.0) for n in range(60)]
        house = House(sandbox, store, small_world(medias=medias))
        for media in medias:
            house.world.add(view(f"e{media.id}", media_id=media.hashed_id))
        house.run()
        reader = Reader.of(house)
        assert "Reading 48 videos more from Wistia." in reader.reads("videos")
        for _ in range(4):
            page = reader.reads("videos")
        assert "Reading" not in page
        assert "1 to 50 of 60" in page
        for odd in ("51", "-1", "999999999", "x", "1e3"):
            assert "of 60" in reader.reads(f"videos?from={odd}")
        assert "51 to 60 of 60" in reader.reads("videos?from=51")
        answer = reader.presses("videos", q="film 59 anna@acme.example")
        assert answer.location == "/c/4711/videos?q=film+59"
        assert "1 to 1 of 1" in text_of(reader.fetches(answer.location).text)
        assert "No video is called so." in reader.reads("videos?q=nothing")


def test_edits_are_asked_for_where_enrichment_is(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        house = MaveraHouse(sandbox, store)
        house.watch(view("e1", media_id=STORY))
        story(house, (100.0, 0.2))
        house.world.videos.publish(STORY, NOW - timedelta(days=30))
        reader = Reader.of(house)
        page = reader.opens(f"videos/{STORY}").text
        (link,) = re.findall(r'href="([^"]+)">Ask for edits to these places', page)
        asked = reader.fetches(link.replace("&amp;", "&"))
        assert "Run it" in text_of(asked.text)
        assert "percent_leaving" in asked.text
        assert f'name="media" value="{STORY}"' in asked.text


def test_edits_that_were_proposed_are_a_link_away(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        house = MaveraHouse(sandbox, store)
        house.watch(view("e1", media_id=STORY))
        story(house, (100.0, 0.2))
        house.world.videos.publish(STORY, NOW - timedelta(days=30))
        house.enrich("dropoff", STORY)
        reader = Reader.of(house)
        page = reader.opens(f"videos/{STORY}").text
        (link,) = re.findall(r'href="([^"]+)">See the 1 edit proposed today', page)
        found = reader.fetches(link).text
        assert f'href="/c/4711/videos/{STORY}"' in found
        assert f'href="/c/4711/videos/{STORY}"' in reader.opens("enrichment").text


@pytest.mark.parametrize("path", ["videos", f"videos/{STORY}"])
def test_a_page_does_not_wait_for_a_slow_wistia(
    house: House, reader: Reader, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATIENCE", "LIST_PATIENCE"):
        monkeypatch.setattr(f"upsales_wistia.videos.{name}", 0.05)
    house.sandbox.faults.add("wistia.media_stats", "slow", times=None, seconds=1.0)
    page = reader.opens(path).text
    assert 'hx-trigger="every 3s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert ("Wistia takes its time." in page) is (path != "videos")
    monkeypatch.undo()
    house.sandbox.faults.clear()
    page = reader.opens(path).text  # what goes on is waited for, not asked again
    assert "Wistia takes its time." not in page
    assert house.calls("wistia.media_stats") == (1 if path != "videos" else 2)


def test_a_video_is_linked_where_it_is_named(house: House, reader: Reader) -> None:
    link = f'href="/c/4711/videos/{TOUR}"'
    assert link in reader.opens("views").text
    assert link in reader.opens("views/e1").text
