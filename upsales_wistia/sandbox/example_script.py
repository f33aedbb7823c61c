"""What happens in the example: every view of somebody with an e-mail, one line each.

Hours are counted back from today. Yesterday's sync stands at 24 hours, the window of today
ends at 72, that of yesterday at 96.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST, SCRIPT, LINES = "m7first0a1", "m7script02", "m7lines003"
FORMULA, MARKDOWN, INSTRUCT = "m7formula4", "m7markdown", "m7instruct"
WEBINAR, LIVE, ONBOARDING, WORKING, LONG = (
    "m7webin007",
    "m7live0008",
    "m7onboard9",
    "m7working0",
    "m7long0011",
)

CONVERSIONS: dict[str, tuple[str | int, bool]] = {
    "pre": ("pre-roll-email", True),
    "mid": ("mid-roll-email", True),
    "post": ("post-roll-email", True),
    "1": (1, True),
    "2": (2, True),
    "3": (3, True),
    "untyped": ("", True),  # the data alone tells
    "bare": (1, False),  # the type and the row's own e-mail tell, the data is empty
    "click": ("post-roll-click", False),  # a click on a call to action leaves no e-mail
    "click_int": (5, False),
    "none": ("", False),
    "none_old": ("", False),
}
"""``conversion_type``, and whether ``conversion_data`` is filled."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One view. ``visitor`` is the browser, when it is not simply that of the e-mail.

    ``nameless``: the row carries no e-mail, although the visitor left one in an earlier view.
    """

    hours: float
    email: str
    media: str
    fraction: float
    match: str = ""
    conversion: str = "pre"
    name: str = ""
    visitor: str = ""
    nameless: bool = False
    identity: str = "converted"

    @property
    def person(self) -> str:
        """The e-mail as it should be understood."""
        plain = self.email.strip().replace("%40", "@").replace("%2B", "+")
        return plain.casefold() if self.identity == "converted" else ""


def _known(hours: float, email: str, media: str, fraction: float, how: str = "none") -> Scene:
    return Scene(hours, email, media, fraction, "", how, identity="email_not_turnstile")


_C, _D, _U, _F, _O = "contact", "company", "unknown", "free_mail", "own_domain"

HISTORY = [
    # Twelve days ago: outside every window, to be found by asking for the visitor's own events.
    Scene(288.5, "camille.dubois@duboisfreres.example", SCRIPT, 0.66, _C, "pre", "Camille Dubois"),
    Scene(960.0, "gammal.kund@skogsro.example", FIRST, 0.9, _U, "1"),
    Scene(
        420.0, "daan@vanaerden.example", FORMULA, 0.31, _C, "post", "Daan van Aerden", "daan-old"
    ),
    Scene(333.0, "info@partnerbyran.example", MARKDOWN, 0.72, "ignored_domain", "mid"),
    Scene(333.3, "vd@partnerbyran.example", FIRST, 0.05, "ignored_domain", "2"),
    Scene(250.0, "per.sandvik@fjordlight.example", FIRST, 1.0, _O, "pre", visitor="per-old"),
    Scene(199.0, "someone.else@hotmail.com", LONG, 0.5, _F, "3"),
    Scene(180.0, "tove@tallbacken.example", WORKING, 0.4, _C, "pre", visitor="tove-old"),
    Scene(150.0, "mikko@kallio.example", SCRIPT, 0.8, _D, "pre", visitor="mikko-old"),
]

OLDER = [
    # In the window of yesterday only.
    Scene(73.1, "henrik.aas@nordvik.example", FIRST, 0.91, _C, "pre", "Henrik Aas"),
    Scene(75.4, "sara@blomqvist.example", FORMULA, 0.77, _C, "2", "Sara Blomqvist", "sara-office"),
    Scene(78.0, "greta.vogel@steinbach.example", SCRIPT, 0.35, _C, "bare"),
    Scene(81.6, "luc@duboisfreres.example", MARKDOWN, 1.0, _C, "mid", "Luc Dubois"),
    Scene(84.2, "astrid.berg@nordvik.example", LINES, 0.58, _C, "untyped", "Astrid Berg"),
    Scene(86.9, "pekka.niemi@kallio.example", WEBINAR, 0.12, _C, "pre", "Pekka Niemi"),
    Scene(88.8, "mikko@kallio.example", FIRST, 0.07, _D, "1", "Mikko Laine", "mikko-old"),
    Scene(90.2, "mateo@steinbach.example", ONBOARDING, 0.88, _C, "pre", "Mateo Ruiz"),
    _known(76.6, "aino@kallio.example", FIRST, 0.5),
    _known(92.5, "nyfiken@skogsro.example", SCRIPT, 0.9, "click"),
    Scene(79.9, "nej tack", FIRST, 0.6, identity="not_an_email"),
]

BEFORE = [
    # Contacts who pass: 14.
    Scene(70.3, "henrik.aas@nordvik.example", SCRIPT, 0.83, _C, "pre", "Henrik Aas"),
    Scene(68.0, "Sara@Blomqvist.Example", FIRST, 0.47, _C, "1", "Sara Blomqvist", "sara"),
    Scene(66.2, "sara@blomqvist.example", LINES, 1.0, _C, "none", visitor="sara"),
    Scene(63.7, "erik.dahl%40havsbris.example", FORMULA, 0.64, _C, "mid", "Erik Dahl"),
    Scene(61.5, "linnea.strom+wistia@havsbris.example", MARKDOWN, 0.92, _C, "3", "Linnea Ström"),
    Scene(
        58.9, " jonas.blomqvist@blomqvist.example ", INSTRUCT, 0.55, _C, "post", "Jonas Blomqvist"
    ),
    Scene(57.1, "daan@vanaerden.example", FIRST, 0.25, _C, "2", "Daan van Aerden"),
    Scene(55.0, "daan@vanaerden.example", SCRIPT, 0.38, _C, "none", nameless=True),
    Scene(52.8, "camille.dubois@duboisfreres.example", MARKDOWN, 0.71, _C, "none"),
    Scene(
        49.4, "K.STEINBACH@steinbach.example", FIRST, 0.435076188, _C, "untyped", "Karl Steinbach"
    ),
    Scene(45.6, "nils.ek.konsult@gmail.com", FORMULA, 0.99, _C, "pre", "Nils Ek"),
    Scene(41.3, "anna@partnerbyran.example", LONG, 1.0, _C, "bare"),
    Scene(36.8, "tove@tallbacken.example", SCRIPT, 0.61, _C, "1", "Tove Lindqvist"),
    Scene(29.5, "maja.lund@nordvik.example", MARKDOWN, 0.8, _C, "pre", "Maja Lund"),
    # By domain, and they pass: 2.
    Scene(59.6, "ola.berg@nordvik.example", FIRST, 0.69, _D, "pre", "Ola Berg"),
    Scene(38.4, "Ida.Skog@post.tallbacken.example", FORMULA, 0.52, _D, "mid", "Ida Skog"),
    # Nobody in Upsales, and they pass: 10.
    Scene(69.1, "vilma@skogsro.example", FIRST, 0.75, _U, "pre", "Vilma Ek"),
    Scene(64.4, "info@blåbärslund.example", SCRIPT, 0.9, _U, "1"),
    Scene(60.3, "tom.hagen@vindkraft.example", FORMULA, 0.33, _U, "post", "Tom Hagen"),
    Scene(53.9, "julie@lysefabrikken.example", MARKDOWN, 0.56, _U, "untyped", "Julie Moe"),
    Scene(47.2, "post@bakkegard.example", LINES, 0.87, _U, "mid"),
    Scene(40.0, "vilma@skogsro.example", INSTRUCT, 1.0, _U, "none"),
    Scene(56.3, "elsa.privat@gmail.com", FIRST, 0.44, _F, "pre", "Elsa"),
    Scene(43.5, "mats_88@hotmail.com", SCRIPT, 0.78, _F, "2", "Mats"),
    Scene(34.1, "Hanne.Vik@outlook.com", FORMULA, 0.6, _F, "3", "Hanne Vik"),
    Scene(31.7, "ny.kollega@fjordlight.example", FIRST, 0.97, _O, "pre", "Ny Kollega"),
    # Watched too little: 8 of the 14.
    Scene(67.4, "femke.visser@vanaerden.example", SCRIPT, 0.2499, _C, "pre", "Femke Visser"),
    Scene(62.8, "luc@duboisfreres.example", WEBINAR, 0.03, _C, "1", "Luc Dubois"),
    Scene(54.5, "greta.vogel@steinbach.example", FIRST, 0.111, _C, "mid", "Greta Vogel"),
    Scene(46.1, "ola.berg@nordvik.example", FORMULA, 0.18, _D, "none"),
    Scene(39.2, "mikko@kallio.example", LIVE, 0.0108240531, _D, "pre", "Mikko Laine"),
    Scene(33.3, "reception@tallbacken.example", MARKDOWN, 0.24, _D, "post"),
    Scene(51.0, "tom.hagen@vindkraft.example", FIRST, 0.09, _U, "none"),
    Scene(37.7, "lars.lake@icloud.com", SCRIPT, 0.2, _F, "pre", "Lars"),
    # In a project that is not chosen: 3 of the 5.
    Scene(65.5, "aino@kallio.example", ONBOARDING, 0.66, _C, "pre", "Aino Kallio"),
    Scene(48.3, "anne@kallio.example", WORKING, 0.93, _D, "2", "Anne Laine"),
    Scene(42.7, "mats_88@hotmail.com", WORKING, 0.81, _F, "none"),
]

TODAY = [
    # Contacts who pass: 2. The second is watched to the end four minutes ago.
    Scene(15.2, "maja.lund@nordvik.example", WEBINAR, 0.74, _C, "none"),
    Scene(0.1, "astrid.berg@nordvik.example", LINES, 1.0, _C, "pre", "Astrid Berg"),
    # Nobody in Upsales, and they pass: 7.
    Scene(22.5, "oskar@granby.example", SCRIPT, 0.53, _U, "pre", "Oskar Gran"),
    Scene(20.1, "ronja@mattisborg.example", WEBINAR, 0.42, _U, "1", "Ronja"),
    Scene(17.6, "bo.ek@ekfamiljen.example", FIRST, 0.88, _U, "mid", "Bo Ek"),
    Scene(13.0, "sales@kystlinjen.example", FORMULA, 0.36, _U, "3"),
    Scene(9.4, "info@blåbärslund.example", MARKDOWN, 0.65, _U, "none"),
    Scene(7.2, "sofie.h@yahoo.com", FIRST, 0.7, _F, "pre", "Sofie"),
    Scene(5.1, "elsa.privat@gmail.com", LIVE, 0.49, _F, "none"),
    # Watched too little: 6 of the 14.
    Scene(21.3, "pekka.niemi@kallio.example", FIRST, 0.2, _C, "pre", "Pekka Niemi"),
    Scene(18.9, "mateo@steinbach.example", LIVE, 0.05, _C, "untyped", "Mateo Ruiz"),
    Scene(11.8, "olle@tallbacken.example", SCRIPT, 0.15, _C, "2", "Olle Tallbacka"),
    Scene(8.3, "mikko@kallio.example", FIRST, 0.1, _D, "none"),
    Scene(19.5, "astrid@hestegard.example", MARKDOWN, 0.06, _U, "pre", "Astrid"),
    Scene(6.6, "chef@fjordlight.example", FORMULA, 0.22, _O, "1"),
    # In a project that is not chosen: 2 of the 5.
    Scene(16.4, "kurs@fjellheim.example", ONBOARDING, 0.59, _U, "pre"),
    Scene(4.0, "jobb@strandhus.example", WORKING, 1.0, _U, "post"),
]

KNOWN = [
    _known(70.9, "henrik.gran@nordvik.example", FIRST, 0.5),
    _known(67.9, "sven@skogsro.example", SCRIPT, 0.95),
    _known(65.0, "sven@skogsro.example", FORMULA, 0.4),
    _known(62.1, "stig@tallbacken.example", MARKDOWN, 0.6, "none_old"),
    _known(59.0, "kim@steinbach.example", WEBINAR, 0.3),
    _known(56.8, "freja@nordvik.example", FIRST, 1.0, "click"),
    _known(53.1, "ina.lie@gmail.com", LIVE, 0.2),
    _known(50.2, "anna.kjellberg@fjordlight.example", ONBOARDING, 0.99),
    _known(47.8, "per.sandvik@fjordlight.example", FIRST, 0.87),
    _known(44.1, "tips%40blomqvist.example", SCRIPT, 0.45),
    _known(41.9, "femke@vanaerden.example", FORMULA, 0.08, "click_int"),
    _known(35.2, "rune@lysefabrikken.example", MARKDOWN, 0.51),
    _known(30.6, "lotta@havsbris.example", FIRST, 0.77),
    _known(27.3, "lotta@havsbris.example", LONG, 0.9),
    _known(19.0, "ewa@kystlinjen.example", SCRIPT, 0.33),
    _known(12.2, "henrik.gran@nordvik.example", WEBINAR, 0.28),
    _known(8.8, "paul@duboisfreres.example", FIRST, 0.62, "none_old"),
    _known(3.4, "office@fjordlight.example", LINES, 0.7),
]

NOT_ADDRESSES = [
    Scene(58.2, "{{contact.email}}", FIRST, 0.8, identity="not_an_email"),
    Scene(32.9, "asdf", SCRIPT, 0.4, conversion="1", identity="not_an_email"),
    Scene(
        14.5, "john at nordvik dot example", FORMULA, 0.9, conversion="mid", identity="not_an_email"
    ),
]
