"""How keys are written for people, and the names by which a config maps them."""

from importlib import import_module
from pkgutil import iter_modules

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from cockpit.tui.widgets.line_view import LineView


def key_word(keys: str) -> str:
    """Return how the first of `keys` (comma-separated, Textual's names) is written on the help line."""
    first = keys.split(",", maxsplit=1)[0]
    return _WORDS.get(first, first.replace("ctrl+", "ctrl-"))


_WORDS = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "pagedown": "page down",
    "pageup": "page up",
}


def known_keys() -> set[str]:
    """Return the ids of all bindings, which a config may map onto other keys."""
    from cockpit.tui import screens

    import_module("cockpit.tui.app")
    for module in iter_modules(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    kinds: list[type] = [App, Screen, LineView]
    names: set[str] = set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        names |= {
            b.id
            for b in kind.__dict__.get("BINDINGS", ())
            if isinstance(b, Binding) and b.id and kind.__module__.startswith("cockpit.")
        }
    return names
