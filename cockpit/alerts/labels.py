"""Which labels of an alert both servers must agree on, which are shown, and which are sent. Pure."""

import re
from collections.abc import Collection, Mapping

from cockpit.alerts.fingerprint import fingerprint
from cockpit.clients.wire import Relabelling

Key = tuple[tuple[str, str], ...]
"""Sorted pairs: a frozenset of six of them takes seven times the memory, twice per alert."""


class Labels:
    """Which labels both servers must agree on, which are shown, and which are sent."""

    def __init__(self, relabelling: Relabelling, ignored: Collection[str]) -> None:
        self.known = relabelling.known
        self.external = relabelling.external
        self.pairs = frozenset(relabelling.external.items())
        self.ignored = frozenset(ignored)
        self.names = self.ignored | frozenset(relabelling.touched)
        self.patterns = [_pattern(text) for text in relabelling.dropped]
        self.plain = not (self.pairs or self.names or self.patterns)
        self._dropped: dict[str, bool] = {}

    def dropped(self, name: str) -> bool:
        """Say whether alert relabelling drops the label `name`."""
        found = self._dropped.get(name)
        if found is None:
            found = self._dropped[name] = any(p.fullmatch(name) for p in self.patterns if p)
        return found

    def key(self, labels: Mapping[str, str]) -> Key:
        """Return the pairs that both servers must agree on."""
        if self.plain:
            return tuple(sorted(labels.items()))
        names, pairs = self.names, self.pairs
        kept = [pair for pair in labels.items() if pair[0] not in names and pair not in pairs]
        return tuple(sorted([pair for pair in kept if not self.dropped(pair[0])] if self.patterns else kept))

    def shown(self, labels: dict[str, str]) -> dict[str, str]:
        """Return `labels` without the ignored ones."""
        if not self.ignored or self.ignored.isdisjoint(labels):
            return labels
        return {name: value for name, value in labels.items() if name not in self.ignored}

    def sent_fingerprint(self, labels: Mapping[str, str]) -> str:
        """Return the fingerprint of `labels` as Prometheus would send them."""
        if not self.external and not self.patterns:
            return fingerprint(labels)
        sent = {**self.external, **labels}
        return fingerprint({name: value for name, value in sent.items() if not self.dropped(name)})


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None
