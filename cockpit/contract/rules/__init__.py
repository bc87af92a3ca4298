"""The rules, a module each; `cockpit.contract.rule` finds them here."""
