"""What was asked of the servers for one ladder. Where a server gave no answer its failure stands instead."""

from msgspec import Struct

from cockpit.alerts.model import Alert
from cockpit.alerts.routing import Routing
from cockpit.clients.sink import Notification
from cockpit.clients.source import SourceError
from cockpit.clients.wire import (
    AlertGroup,
    AlertingRule,
    Counter,
    RuleAlert,
    RuleGroup,
    Silence,
    Target,
)
from cockpit.expression import Comparison, Selector


class Subject(Struct, frozen=True, kw_only=True):
    """The alert meant: its row of the board where it has one, its rule and its instance in Prometheus.

    `labels` are the instance's as sent, or the rule's own; those of `loose` may change on the way. `near` are
    names like it, of rules that are loaded. `rules_error` says that the rules could not be asked for, and
    `doubts` what the server said against its own answer; `twins` counts other rules of the name, `failing`
    are the recording rules below it that fail. `loaded` is how many alerting rules there are. `exact` says
    that it is known which labels are sent.
    """

    name: str
    labels: dict[str, str]
    alert: Alert | None = None
    rule: AlertingRule | None = None
    group: RuleGroup | None = None
    instance: RuleAlert | None = None
    others: int = 0
    twins: int = 0
    near: tuple[str, ...] = ()
    loose: frozenset[str] = frozenset()
    failing: tuple[str, ...] = ()
    rules_error: SourceError | None = None
    doubts: tuple[str, ...] = ()
    loaded: int = 0
    exact: bool = False

    @property
    def carried(self) -> dict[str, str]:
        """The labels of the instance that its series may have had: those that its rule did not set."""
        own = self.instance.labels if self.instance else {}
        made = self.rule.labels if self.rule else {}
        return {name: value for name, value in own.items() if name not in made and name != "alertname"}

    @property
    def firing(self) -> bool:
        """Whether it fires, as Prometheus says or, where that has no such rule, as an Alertmanager does."""
        if self.instance is not None:
            return self.instance.state == "firing"
        return self.rule is None and self.alert is not None and self.alert.state.value != "pending"

    @property
    def fires_at(self) -> float | None:
        """When it began to fire, or will, in Unix seconds; None for an alert that is not even pending."""
        if self.instance is not None and self.rule is not None:
            return self.instance.active_at + self.rule.duration
        return self.alert.since if self.alert is not None else None


class Origin(Struct, frozen=True):
    """Whose series they are: the labels `job` and `instance`, empty where they lack one."""

    job: str
    instance: str


class Presence(Struct, frozen=True, kw_only=True):
    """The series of one selector: how many now, their newest sample (Unix seconds), and where they are from.

    Without any, `last_seen` is their last sample within a day. `error` says why that is not known.
    """

    selector: Selector
    count: int = 0
    newest: float | None = None
    origins: tuple[Origin, ...] = ()
    last_seen: float | None = None
    error: SourceError | None = None


class Condition(Struct, frozen=True, kw_only=True):
    """A comparison now: its values (labels, value), the most telling first, how many and how many beyond."""

    comparison: Comparison
    values: tuple[tuple[dict[str, str], float], ...] = ()
    total: int = 0
    beyond: int = 0
    error: SourceError | None = None


class Series(Struct, frozen=True, kw_only=True):
    """What the expression stands on. `starved` says that it lacks its result for series that are not there.

    `wanted_absent` are the selectors that it wants no series of; `unreadable` that it is not understood.
    `results` is how many results the whole of it has now, None where nothing was asked.
    """

    presences: tuple[Presence, ...] = ()
    conditions: tuple[Condition, ...] = ()
    results: int | SourceError | None = None
    starved: bool = False
    wanted_absent: tuple[Selector, ...] = ()
    unreadable: bool = False
    targets: tuple[Target, ...] | SourceError = ()
    gateways: tuple[dict[str, str], ...] = ()


class Peer(Struct, frozen=True, kw_only=True):
    """One Alertmanager: its groups with alerts of the name, its routing, silences and counters.

    `tells_mutes` says that it tells which alerts are muted by time intervals.
    """

    name: str
    url: str
    groups: tuple[AlertGroup, ...] | SourceError = ()
    routing: Routing | SourceError | None = None
    started_at: float = 0.0
    tells_mutes: bool = False
    silences: tuple[Silence, ...] | SourceError = ()
    counters: tuple[Counter, ...] | SourceError = ()


class Sending(Struct, frozen=True, kw_only=True):
    """How Prometheus sends alerts: where to, and how often that failed of late (per URL) or was dropped."""

    peers: tuple[str, ...] | None = None
    failed: dict[str, float] = {}
    dropped: float = 0.0
    relabelling_drops: bool = False
    window: float = 0.0


class Delivery(Struct, frozen=True, kw_only=True):
    """Requests to receivers by integration, over `window` seconds or else since the servers' starts.

    Of these (Unix seconds) `since` is the first and `restarted` the last.
    """

    requests: dict[str, float] = {}
    failed: dict[str, float] = {}
    window: float | None = None
    since: float | None = None
    restarted: float | None = None
    error: SourceError | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """All of it, at `now` (Unix seconds). `grace` is how long a sent alert may take, in seconds.

    `known` are all alerts there are.
    """

    now: float
    subject: Subject
    series: Series = Series()
    peers: tuple[Peer, ...] = ()
    sending: Sending = Sending()
    delivery: Delivery = Delivery()
    told: tuple[Notification, ...] | SourceError | None = None
    known: tuple[Alert, ...] = ()
    grace: float = 60.0
