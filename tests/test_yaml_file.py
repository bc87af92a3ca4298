"""What scenario and drill files share: a name that is the file's, and errors that find their line again."""

from pathlib import Path

import pytest

from cockpit.errors import UsageError
from cockpit.scenarios.fields import Model
from cockpit.yaml_file import YamlFiles


class Menu(Model):
    """A small file."""

    name: str
    courses: tuple[dict[str, int], ...] = ()


MENUS = YamlFiles("menu", "menus", Menu, tags=())
TEXT = "name: x\ncourses:\n  - soup: 1\n  - fish: 2\n    salad: 3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "x.yaml").write_text(TEXT)
    return tmp_path


def test_a_file_is_found_by_its_name(folder: Path) -> None:
    assert MENUS.names(folder) == ("x",)
    assert MENUS.find("x", folder).courses[1] == {"fish": 2, "salad": 3}
    with pytest.raises(UsageError, match=r"no menu 'y' in .*menus: there are: x"):
        MENUS.find("y", folder)


def test_one_that_calls_itself_otherwise_is_refused(folder: Path) -> None:
    MENUS.path_of("x", folder).rename(MENUS.path_of("z", folder))
    with pytest.raises(UsageError, match=r"menu .*z.yaml: name: 'x' is not the file's name"):
        MENUS.find("z", folder)


def test_what_is_wrong_with_a_good_file_is_said_at_its_line(folder: Path) -> None:
    refused = MENUS.refused(MENUS.path_of("x", folder), ("courses", 1, "salad"), "no such dish")
    assert (refused.line, refused.key, refused.problem) == (5, "courses.1.salad", "no such dish")
    assert str(refused).endswith("x.yaml, line 5: courses.1.salad: no such dish")


def test_a_file_that_has_gone_meanwhile_still_has_its_key(folder: Path) -> None:
    refused = MENUS.refused(MENUS.path_of("gone", folder), ("courses", 1, "salad"), "no such dish")
    assert (refused.line, refused.key) == (None, "courses.1.salad")
