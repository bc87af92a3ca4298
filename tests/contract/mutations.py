"""Single changes to the project's own files, each with the one finding that it must lead to."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """In `file` the one `old` becomes `new`; `rule` reports the line in which `at` stands, in `where`.

    `at` is `new`, and `where` is `file`, where they are not given.
    """

    name: str
    file: str
    old: str
    new: str
    rule: str
    at: str = ""
    where: str = ""


GMAIL = "runbooks/gmail-send-high-error-rate.md"
SAFETY = "scenarios/rules/safety.yml"
ACTIONS = "scenarios/rules/actions.yml"
GMAIL_RULES = "scenarios/rules/gmail-send.yml"
ALERTMANAGER = "scenarios/rules/alertmanager.yml"
CRIT = "scenarios/synthetic/error-rate-crit.yaml"
INDEX = "runbooks/README.md"

MUTATIONS = (
    Mutation(
        "a metric renamed in a runbook's query",
        GMAIL,
        "oauth_refresh_failures_total{",
        "oauth_refresh_errors_total{",
        "queries/unknown-metric",
    ),
    Mutation(
        "a metric renamed in an alert's expression",
        SAFETY,
        "(replay_guard_available) < 1",
        "(replay_guard_reachable) < 1",
        "queries/unknown-metric",
    ),
    Mutation(
        "a metric misspelt in a recording rule",
        ACTIONS,
        "rate(action_validation_errors_total[5m])",
        "rate(action_validation_error_total[5m])",
        "queries/unknown-metric",
    ),
    Mutation(
        "a recording rule renamed",
        GMAIL_RULES,
        "record: gmail_send:error_ratio:rate5m",
        "record: gmail_send:errors:rate5m",
        "queries/unknown-metric",
    ),
    Mutation(
        "a label that the metric lacks",
        GMAIL,
        'increase(oauth_refresh_failures_total{provider="$provider"}',
        'increase(oauth_refresh_failures_total{provdier="$provider"}',
        "queries/unknown-label",
    ),
    Mutation(
        "a label that a recording rule no longer keeps",
        GMAIL_RULES,
        "sum by (le, provider, action, synthetic)",
        "sum by (le, action, synthetic)",
        "queries/unknown-label",
    ),
    Mutation(
        "a label renamed in an alert's grouping",
        SAFETY,
        "min by (store, synthetic)",
        "min by (shop, synthetic)",
        "queries/unknown-label",
    ),
    Mutation(
        "a label that an alert no longer keeps",
        SAFETY,
        "sum by (kind, synthetic)",
        "sum by (synthetic)",
        "queries/unknown-label",
    ),
    Mutation(
        "a placeholder that no label fills",
        GMAIL,
        'gmail_send:error_ratio:rate5m{provider="$provider"',
        'gmail_send:error_ratio:rate5m{provider="$provder"',
        "queries/unfillable-placeholder",
    ),
    Mutation(
        "a query that does not parse",
        GMAIL,
        'increase(oauth_refresh_failures_total{provider="$provider"}[15m]))',
        'increase(oauth_refresh_failures_total{provider="$provider"}[15m])',
        "queries/syntax",
    ),
    Mutation(
        "a range shorter than two scrapes",
        GMAIL,
        'increase(oauth_refresh_failures_total{provider="$provider"}[15m])',
        'increase(oauth_refresh_failures_total{provider="$provider"}[15s])',
        "queries/short-range",
    ),
    Mutation(
        "a section deleted, heading and all",
        "runbooks/mime-build-slow.md",
        "## Escalation",
        "### Whom to call",
        "runbooks/missing-section",
        at="# MIME build",
    ),
    Mutation(
        "a heading renamed that is linked",
        GMAIL,
        "### Send less",
        "### Send fewer",
        "runbooks/dead-link",
        at="[Send less]",
    ),
    Mutation(
        "a link to a runbook that is not there",
        GMAIL,
        "(gmail-send-high-latency.md#immediate-triage)",
        "(gmail-send-latency.md#immediate-triage)",
        "runbooks/dead-link",
    ),
    Mutation(
        "a route's label misspelt",
        ALERTMANAGER,
        '    - matchers: [severity="critical"]\n      receiver',
        '    - matchers: [severty="critical"]\n      receiver',
        "routing/unknown-label",
        at="severty",
    ),
    Mutation(
        "a route's value misspelt",
        ALERTMANAGER,
        '    - matchers: [severity="warning"]\n      receiver',
        '    - matchers: [severity="warnign"]\n      receiver',
        "routing/unknown-label",
        at="warnign",
    ),
    Mutation(
        "an alert renamed",
        GMAIL_RULES,
        "alert: GmailSendErrorRateWarning",
        "alert: GmailSendErrorsWarning",
        "scenarios/unknown-alert",
        at="alert: GmailSendErrorRateWarning",
        where=CRIT,
    ),
    Mutation(
        "a runbook link misspelt",
        SAFETY,
        "https://runbooks.example/replay-guard-unavailable.md",
        "https://runbooks.example/replay-guard-unavailble.md",
        "alerts/dead-runbook",
    ),
    Mutation(
        "an anchor that the runbook lacks",
        SAFETY,
        "https://runbooks.example/replay-guard-unavailable.md",
        "https://runbooks.example/replay-guard-unavailable.md#first-thing",
        "alerts/dead-runbook",
    ),
    Mutation(
        "a severity lost",
        ACTIONS,
        "{severity: warning, service: mime-build,",
        "{service: mime-build,",
        "alerts/no-severity",
        at="alert: MimeBuildSlow",
    ),
    Mutation(
        "a summary lost",
        ACTIONS,
        "          summary: HTML sanitization changes over 50 elements a second\n",
        "",
        "alerts/no-summary",
        at="alert: HtmlSanitizationSpike",
    ),
    Mutation(
        "no time to hold",
        SAFETY,
        "< 1\n        for: 2m\n",
        "< 1\n",
        "alerts/short-for",
        at="alert: ReplayGuardUnavailable",
    ),
    Mutation(
        "a label that changes with every evaluation",
        ACTIONS,
        "{severity: warning, service: mime-build,",
        '{severity: warning, took: "{{ $value }}", service: mime-build,',
        "alerts/unstable-label",
    ),
    Mutation(
        "a scenario that expects a misspelt alert",
        "scenarios/synthetic/mime-slow.yaml",
        "{alert: MimeBuildSlow,",
        "{alert: MimeBuildSlwo,",
        "scenarios/unknown-alert",
    ),
    Mutation(
        "a scenario that is too mild",
        "scenarios/synthetic/mime-slow.yaml",
        "p95: 0.9, healthy",
        "p95: 0.4, healthy",
        "scenarios/proof-fails",
        at="{alert: MimeBuildSlow,",
    ),
    Mutation(
        "a scenario with a key that there is not",
        "scenarios/synthetic/mime-slow.yaml",
        "recover: 8m",
        "recovers: 8m",
        "files/invalid",
    ),
    Mutation(
        "a drill that opens a runbook that is not there",
        "scenarios/drills/tabletop-01.yaml",
        "{opened: gmail-send-high-error-rate}",
        "{opened: gmail-send-error-rate}",
        "drills/unknown-reference",
    ),
    Mutation(
        "an owner lost",
        "runbooks/mime-build-slow.md",
        "owner: relay-oncall\n",
        "",
        "runbooks/no-owner",
        at="# MIME build",
    ),
    Mutation(
        "a review long ago",
        "runbooks/mime-build-slow.md",
        "reviewed: 2026-",
        "reviewed: 2019-",
        "runbooks/review-overdue",
    ),
    Mutation(
        "a row of the index lost its alert", INDEX, "| MimeBuildSlow |", "| MimeBuildSlwo |", "runbooks/index"
    ),
    Mutation(
        "a rule file with a tab",
        ACTIONS,
        "  - name: actions\n",
        "\t- name: actions\n",
        "files/unreadable",
        at="\t- name",
    ),
    Mutation(
        "a rule file with a key twice",
        ACTIONS,
        "  - name: actions\n    interval: 15s\n",
        "  - name: actions\n    interval: 15s\n    interval: 15s\n",
        "files/unreadable",
        at="    interval: 15s\n    rules",
    ),
)
