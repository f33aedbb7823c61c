"""The App JSON: the form in which Upsales shows the settings, and where it shows the widget.

https://support.upsales.com/hc/en-us/articles/360001686208-App-Json
Only types and properties are used that apps in the directory use. A field that filters has no
dependency: hidden, it would still be in force.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import Forbidden

from ..labels import LABELS
from .operator_guard import require_operator

Field = dict[str, Any]

blueprint = Blueprint("app_json", __name__)


def init_app(app: Flask) -> None:
    """Add the address."""
    app.register_blueprint(blueprint)


@blueprint.errorhandler(Forbidden)
def _refused(error: Forbidden) -> tuple[Response, int]:
    return jsonify({"error": error.description}), 403


@blueprint.get("/app.json")
def document() -> Response:
    """The App JSON, for the operator to paste into the app's page at Upsales."""
    require_operator()
    return jsonify(APP_JSON)


def _header(name: str, title: str) -> Field:
    return {"type": "header", "name": name, "title": title}


def _field(kind: str, name: str, help_text: str, **more: Any) -> Field:
    return {"type": kind, "name": name, "label": LABELS[name], "descriptionLong": help_text, **more}


def _checked(kind: str, name: str, help_text: str, **more: Any) -> Field:
    """A field that is read by us while it is filled in."""
    return _field(kind, name, help_text, externalValidation=True, **more)


def _options(**names: str) -> list[dict[str, str]]:
    return [{"name": shown, "value": saved} for saved, shown in names.items()]


def _yes_or_no(name: str, help_text: str, **more: Any) -> Field:
    # Not a checkbox: where yes is the default, one that was never touched and one that was
    # unticked could look the same to us.
    options = _options(true="Yes", false="No")
    return _field("select", name, f"{help_text} Yes when empty.", values=options, **more)


_CONNECTION: Final = [
    _header("hConnection", "Connection"),
    _checked(
        "password",
        "wistiaApiPassword",
        "In Wistia under Account, Settings, API Access; older pages call it API password. It needs "
        'the permissions "Read all folder and media data" and "Read detailed stats", no more.',
        required=True,
    ),
    _checked(
        "text",
        "wistiaPublicToken",
        "For the heat maps, which show what was watched. In Wistia on the same page. "
        "Everything else works without it.",
    ),
]
_FILTERS: Final = [
    _header("hFilters", "Which views count"),
    _field(
        "multiselect",
        "activityProjects",
        "Choose none to take all projects, also new ones.",
        externalValues=True,
    ),
    _checked(
        "number",
        "activityMinPercent",
        "Views of which less was watched are left out. 0 when empty: all views count.",
    ),
    _field(
        "select",
        "identity",
        "Wistia knows some viewers another way, for example by a link in a mailing. "
        "Turnstile when empty.",
        values=_options(
            turnstile="One the viewer left in a Turnstile", any="Any e-mail Wistia knows"
        ),
    ),
    _yes_or_no(
        "domainMatching",
        "A viewer who is no contact is shown, without a name, on the company whose contacts have "
        "the same domain in their e-mail.",
    ),
    _checked(
        "textarea",
        "ignoredDomains",
        "Never matched to a company. Apart by commas. Free-mail is left out by itself.",
    ),
    _checked(
        "textarea",
        "notOwnDomains",
        "A domain that two or more of your Upsales users have counts as your own and is not "
        "matched. Name those here that are not.",
    ),
    _checked(
        "number",
        "waitingDays",
        "Whoever is not in Upsales yet waits that long, and is written when the contact appears. "
        "90 when empty.",
    ),
    _checked(
        "text",
        "startDate",
        "Nothing older is written. A day such as 2026-11-21. When you come from the older Wistia "
        "app: the day you switch, so that nothing is written twice.",
    ),
]
_ACTIVITY: Final = [
    _header("hActivity", "Activity log"),
    _field(
        "checkbox",
        "activitiesEnabled",
        "One entry for each view, on the contact and its company.",
    ),
    _checked(
        "number",
        "activityScore",
        "0 would hide the entries in Upsales. 1 when empty.",
        dependencies=["activitiesEnabled"],
    ),
    _field(
        "checkbox",
        "scoreByPercent",
        "With a score of 10, a view of 83% gets 9.",
        dependencies=["activitiesEnabled"],
    ),
]
_FORMS: Final = [
    _header("hForms", "Forms"),
    _field(
        "checkbox",
        "formsEnabled",
        "Upsales finds the contact for the e-mail, or makes one, and a company where it knows "
        "none. We make the forms.",
    ),
    _field(
        "select",
        "formPolicy",
        "One single form when empty.",
        values=_options(
            single="One single form", project="One for each project", video="One for each video"
        ),
        dependencies=["formsEnabled"],
    ),
    _checked(
        "number",
        "formScore",
        "Below 1 Upsales notifies nobody of a submit. 1 when empty.",
        dependencies=["formsEnabled"],
    ),
    _yes_or_no(
        "formFilters",
        "With No, every viewer who left an e-mail is submitted.",
        dependencies=["formsEnabled"],
    ),
]
_NOTICES: Final = [
    _header("hNotices", "Notices"),
    _field(
        "upsalesUserMultiple",
        "notifyUsers",
        "When something needs you, once a day for each cause, and when it is well again.",
    ),
]
_MORE: Final = [
    _header("hMore", "More"),
    _field(
        "password",
        "wistiaWebhookSecret",
        "Only with a webhook: it makes views appear sooner. Runs find every view without it.",
    ),
    _field("number", "retentionDays", "730 when empty."),
    _field("password", "maveraApiKey", "For the enrichment jobs; none run without."),
    _field(
        "multiselect",
        "maveraJobs",
        "What is sent to Mavera are totals and ids that mean nothing elsewhere. None when empty.",
        values=_options(
            personas="Who is watching",
            dropoff="Where viewers leave",
            cta="Calls to action",
            **{"brand-voice": "Your voice"},
            followup="Follow-up drafts",
        ),
    ),
    _field("number", "maveraMaxCredits", "50 when empty."),
    _field("text", "maveraWorkspaceId", "Only when your key has several."),
    _field(
        "number",
        "followupPercent",
        "80 when empty. Drafts are kept, never sent.",
    ),
    _field(
        "checkbox",
        "followupTodo",
        "For the account manager.",
    ),
    _field("text", "generateAppId", "Only when Mavera gave you one."),
    _field(
        "select",
        "ctaEngine",
        "A panel when empty. A focus group costs 50 credits or more.",
        values=_options(panel="A panel of personas", **{"focus-group": "A focus group"}),
    ),
]
_WIDGET: Final = [{"name": "views", "type": "widget"}]

APP_JSON: Final[dict[str, Any]] = {
    "fields": {
        "account": [*_CONNECTION, *_FILTERS, *_ACTIVITY, *_FORMS, *_NOTICES, *_MORE],
        "user": [],
    },
    "uiElements": {"contact": {"sidebar": _WIDGET}, "account": {"sidebar": _WIDGET}},
    "requirements": [],
    "test": {
        "description": "Tries the tokens, and counts which views of the last days would count.",
        "button": "Test connection",
    },
}
