"""The rung of routing: which route takes the alert, and whom its receiver reaches. Pure."""

from cockpit.alerts.routing import Routing, Taken
from cockpit.alerts.why.facts import Facts
from cockpit.alerts.why.model import ROUTED, Rung, RungState
from cockpit.alerts.why.received import holders
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import error_text, shown
from cockpit.clients.source import SourceError


def routing_of(facts: Facts) -> Routing | None:
    """Return the routing of the first Alertmanager that told it, one that has the alert before the others."""
    first = {peer.name for peer, _ in holders(facts)}
    for peer in sorted(facts.peers, key=lambda peer: peer.name not in first):
        if isinstance(peer.routing, Routing):
            return peer.routing
    return None


def taken_by(facts: Facts) -> tuple[Taken, ...]:
    """Return the routes that take the alert; none where that cannot be told."""
    routing = routing_of(facts)
    if routing is None:
        return ()
    having = holders(facts)
    try:
        return routing.taken(having[0][1].labels if having else facts.subject.labels)
    except ValueError:
        return ()


def routed_rung(facts: Facts) -> Rung:
    """Return the routes and receivers by our own walk of the tree, checked against what Alertmanager says."""
    having, taken, routing = holders(facts), taken_by(facts), routing_of(facts)
    told = sorted({name for _, alert in having for name in alert.receivers})
    if routing is None or not taken:
        return _untold(told, facts)
    own = dict.fromkeys(each.route.receiver for each in taken)
    reached = "; ".join(shown(str(routing.receiver(name))) for name in own)
    paths = tuple(f"route {shown(each.path)}" for each in taken)
    if not having and not labels_known(facts):
        return _rung(RungState.LATER, NOT_KNOWN, facts)
    if not having:
        return _rung(RungState.LATER, f"would go to {reached}", facts, paths)
    if told and set(told) != set(own):
        names = ", ".join(map(shown, told))
        paths = (f"Alertmanager itself names {names}: is the configuration it shows the one in force?",)
        reached = "; ".join(shown(str(routing.receiver(name))) for name in told)
    return _rung(RungState.OK, f"to {reached}", facts, paths)


def labels_known(facts: Facts) -> bool:
    """Whether anything tells which labels the alert has or would have."""
    return facts.subject.rule is not None or facts.subject.alert is not None


def _rung(state: RungState, evidence: str, facts: Facts, detail: tuple[str, ...] = ()) -> Rung:
    at = facts.now if state is not RungState.LATER else None
    return Rung(name=ROUTED, state=state, evidence=evidence, detail=detail, at=at)


def _untold(told: list[str], facts: Facts) -> Rung:
    """Return the rung where the route tree is not known: the receivers that the API names, if any."""
    failed = [peer.routing for peer in facts.peers if isinstance(peer.routing, SourceError)]
    why = "the routes cannot be read" if facts.peers else "no Alertmanager is configured"
    why = error_text(failed[0]) if failed else why
    if told:
        return _rung(RungState.OK, f"to {', '.join(map(shown, told))}", facts, (why,))
    state = RungState.UNKNOWN if facts.subject.firing else RungState.LATER
    return _rung(state, f"not known: {why}", facts)
