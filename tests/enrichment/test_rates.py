"""Calls to action compared, and what a panel says of them."""

from __future__ import annotations

from upsales_wistia.enrichment.rates import Opinion, Shown, aggregate, compare


def shown(text: str, of: int, used: int, video: str = "m1", kind: str = "Call to Action") -> Shown:
    return Shown(video, f"Title {video}", kind, text, of, used)


def test_twice_as_good_stands_first_and_moves_when_it_is_moved() -> None:
    one, other = shown("Book a demo", 200, 40), shown("Read more", 200, 20)
    assert [(c.text, c.rate) for c in compare([other, one]).calls] == [
        ("Book a demo", 0.2),
        ("Read more", 0.1),
    ]
    one, other = shown("Book a demo", 200, 20), shown("Read more", 200, 40)
    assert [c.text for c in compare([other, one]).calls] == ["Read more", "Book a demo"]


def test_the_same_in_several_videos_is_one() -> None:
    found = compare([shown("Book", 100, 10, "m2"), shown("Book", 50, 20, "m1")]).calls
    assert [(c.shown, c.used, c.media_ids, c.number) for c in found] == [(150, 30, ("m1", "m2"), 1)]


def test_each_video_keeps_its_title() -> None:
    rows = [
        Shown("m1", "Zebra", "Call to Action", "Book", 50, 5),
        Shown("m2", "Ant", "Call to Action", "Book", 50, 5),
        Shown("m3", "Ant", "Call to Action", "Book", 50, 5),
    ]
    (call,) = compare(rows).calls
    assert (call.media_ids, call.titles) == (("m1", "m2", "m3"), ("Zebra", "Ant", "Ant"))


def test_the_same_words_of_another_kind_are_another() -> None:
    found = compare([shown("Book", 100, 10), shown("Book", 100, 10, kind="Annotation")]).calls
    assert {call.kind for call in found} == {"Call to Action", "Annotation"}


def test_one_without_words_is_the_same_in_its_own_video_alone() -> None:
    found = compare([shown("", 100, 10, "m2"), shown("", 100, 20, "m1"), shown("", 50, 5, "m2")])
    assert [(c.media_ids, c.shown) for c in found.calls] == [(("m1",), 100), (("m2",), 150)]


def test_hardly_or_never_shown_is_only_counted() -> None:
    found = compare([shown("A", 29, 29), shown("B", 30, 3), shown("C", 0, 0)])
    assert [call.text for call in found.calls] == ["B"]
    assert found.too_few == 1


def test_more_uses_than_shows_are_all_of_them() -> None:
    assert compare([shown("A", 40, 60)]).calls[0].rate == 1


def opinion(number: int, score: float, persona: str = "Clara") -> Opinion:
    return Opinion(persona, number, score, "why", "wording", "at the end")


def test_the_panel_is_counted_by_call_to_action() -> None:
    calls = compare([shown("A", 100, 30), shown("B", 100, 20), shown("C", 100, 10)]).calls
    said = [opinion(1, 4), opinion(1, 5, "Bo"), opinion(2, 9), opinion(9, 10)]
    found = aggregate(calls, said)
    assert [(v.number, v.score, v.voices) for v in found] == [(2, 9, 1), (1, 4.5, 2), (3, None, 0)]
