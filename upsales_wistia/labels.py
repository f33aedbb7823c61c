"""What a setting is called where an admin sees it, and what its value may be."""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "wistiaApiPassword": "API token",
    "wistiaPublicToken": "Public token",
    "activityProjects": "Projects",
    "activityMinPercent": "Minimum watched, in percent",
    "identity": "Whose e-mail counts",
    "domainMatching": "Match companies by domain",
    "ignoredDomains": "Domains to ignore",
    "notOwnDomains": "Domains that are not your own",
    "waitingDays": "Days to wait for a contact",
    "startDate": "Start date",
    "activitiesEnabled": "Write views into the activity log",
    "activityScore": "Lead score of a view",
    "scoreByPercent": "Less score when less was watched",
    "formsEnabled": "Submit views as forms",
    "formPolicy": "Which form",
    "formScore": "Lead score of a form",
    "formFilters": "The minimum and the projects hold for forms too",
    "notifyUsers": "Users to notify",
    "wistiaWebhookSecret": "Wistia webhook secret",
    "retentionDays": "Days to keep views here",
    "maveraApiKey": "Mavera key",
    "maveraJobs": "Enrichment jobs",
    "maveraMaxCredits": "Most credits for one run",
    "maveraWorkspaceId": "Mavera workspace",
    "followupPercent": "Draft a follow-up from, in percent watched",
    "followupTodo": "Follow-up drafts as to-dos in Upsales",
    "generateAppId": "Mavera generation app",
    "ctaEngine": "Who compares calls to action",
}

_SCORE = "a whole number from 0 to 10000"
_DOMAINS = "domains, apart by commas"
_YES_OR_NO = "yes or no"

MAY_BE: Mapping[str, str] = {
    "activityProjects": "a list of Wistia projects",
    "activityMinPercent": "a number from 0 to 100",
    "identity": "turnstile or any",
    "domainMatching": _YES_OR_NO,
    "ignoredDomains": _DOMAINS,
    "notOwnDomains": _DOMAINS,
    "waitingDays": "a whole number from 0 to 3650",
    "startDate": "a day such as 2026-11-21",
    "activitiesEnabled": _YES_OR_NO,
    "activityScore": _SCORE,
    "scoreByPercent": _YES_OR_NO,
    "formsEnabled": _YES_OR_NO,
    "formPolicy": "single, project or video",
    "formScore": _SCORE,
    "formFilters": _YES_OR_NO,
    "notifyUsers": "numbers of Upsales users",
    "retentionDays": "a whole number from 1 to 3650",
    "maveraJobs": "some of personas, dropoff, cta, brand-voice and followup",
    "maveraMaxCredits": "a whole number from 0 to 1000000",
    "maveraWorkspaceId": "a text of at most 200 characters",
    "followupPercent": "a number from 0 to 100",
    "followupTodo": _YES_OR_NO,
    "generateAppId": "a text of at most 200 characters",
    "ctaEngine": "panel or focus-group",
}
"""How the values of every setting are described to whoever gave another one."""
