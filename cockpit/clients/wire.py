"""What the servers say, as the rest of the cockpit works with it. Text is raw; times are Unix seconds."""

from msgspec import Struct


class RuleAlert(Struct, frozen=True, gc=False):
    """One instance of an alerting rule in Prometheus. `state` is `pending` or `firing`."""

    labels: dict[str, str]
    annotations: dict[str, str]
    state: str
    active_at: float
    value: float


class AlertingRule(Struct, frozen=True, gc=False):
    """An alerting rule and its instances. `duration` (its `for`) and `keep_firing_for` are in seconds.

    `health` is `ok`, `err` or `unknown`; `last_evaluation` is 0 for a rule that was never evaluated, and
    `evaluation_time` is how many seconds that took.
    """

    name: str
    query: str = ""
    duration: float = 0.0
    keep_firing_for: float = 0.0
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    health: str = "unknown"
    last_error: str = ""
    last_evaluation: float = 0.0
    alerts: tuple[RuleAlert, ...] = ()
    evaluation_time: float = 0.0


class RecordingRule(Struct, frozen=True, gc=False):
    """A recording rule: the series `name` that `query` makes, with `labels` added. Times are as above."""

    name: str
    query: str = ""
    labels: dict[str, str] = {}
    health: str = "unknown"
    last_error: str = ""
    last_evaluation: float = 0.0
    evaluation_time: float = 0.0


class RuleGroup(Struct, frozen=True, gc=False):
    """A group of rules, evaluated every `interval` seconds: `rules` that alert and `recording` ones.

    The latter are there only where all rules were asked for.
    """

    name: str
    file: str = ""
    interval: float = 0.0
    rules: tuple[AlertingRule, ...] = ()
    recording: tuple[RecordingRule, ...] = ()


class RuleGroups(Struct, frozen=True, gc=False):
    """All groups that hold rules of the kind asked for; none at all is a doubt, not an all-clear."""

    groups: tuple[RuleGroup, ...] = ()


class WireSeries(Struct, frozen=True, gc=False):
    """One series of a query's result: times in Unix seconds and values, NaN and infinities included."""

    labels: dict[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]


class QueryResult(Struct, frozen=True, gc=False):
    """The result of a query. `kind` is `vector` (one point a series), `matrix`, `scalar` or `string`.

    A scalar is one series without labels; a string is in `text`. The series of native histograms, which have
    no float values, come without points.
    """

    kind: str
    series: tuple[WireSeries, ...] = ()
    text: str = ""


class Target(Struct, frozen=True):
    """A target that Prometheus scrapes every `interval` seconds; `health` is `up`, `down` or `unknown`."""

    labels: dict[str, str]
    url: str = ""
    health: str = "unknown"
    last_error: str = ""
    last_scrape: float = 0.0
    interval: float = 0.0


class Relabelling(Struct, frozen=True):
    """What Prometheus does to labels on sending alerts.

    `external` are its external labels, `touched` the exact names alert_relabel_configs may set, `dropped`
    anchored regular expressions of names that it drops. `drops` says that it keeps some alerts to itself.
    `known` tells an empty one that was read from one that the server would not tell.
    """

    external: dict[str, str] = {}
    touched: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    known: bool = False
    drops: bool = False


class WireAlert(Struct, frozen=True, gc=False):
    """One alert in Alertmanager. `state` is `active`, `suppressed` or `unprocessed`.

    `silenced_by` are ids of silences, `inhibited_by` fingerprints, `muted_by` names of time intervals.
    """

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: float
    ends_at: float
    updated_at: float
    generator_url: str = ""
    state: str = "active"
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()


class AlertmanagerStatus(Struct, frozen=True):
    """What an Alertmanager says of itself: version, cluster state (`ready`, `settling` or `disabled`), peers.

    `mutes` tells whether its routing uses time intervals; `config` is its configuration as YAML.
    `tells_mutes` says that its version is known to name what mutes an alert: 0.28 and later.
    """

    version: str = ""
    cluster: str = ""
    peers: tuple[str, ...] = ()
    started_at: float = 0.0
    mutes: bool = False
    config: str = ""
    tells_mutes: bool = False


class AlertGroup(Struct, frozen=True):
    """Alerts that Alertmanager tells `receiver` of together; `labels` are what they are grouped by."""

    receiver: str
    labels: dict[str, str]
    alerts: tuple[WireAlert, ...] = ()


class Silence(Struct, frozen=True):
    """A silence. `state` is `active`, `pending` or `expired`; `matchers` are name, operator and value."""

    id: str
    state: str = "active"
    created_by: str = ""
    comment: str = ""
    matchers: tuple[tuple[str, str, str], ...] = ()
    starts_at: float = 0.0
    ends_at: float = 0.0


class Counter(Struct, frozen=True):
    """One sample of a server's own metrics."""

    name: str
    labels: dict[str, str]
    value: float
