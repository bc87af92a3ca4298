from pathlib import Path

import pytest

from cockpit.runbooks.library import Library
from cockpit.runbooks.model import RunbookRef


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "disk.md").write_text("---\nalerts: [DiskFull]\n---\n# Disk\n")
    return Library.read(
        [folder], paths={"https://a.example/": "runbooks/", "https://b.example/": "elsewhere/"}
    )


def test_what_one_annotation_leads_to(library: Library) -> None:
    assert library.linked("https://a.example/disk#disk") == RunbookRef("disk.md", "disk")
    assert library.linked("disk.md") == RunbookRef("disk.md")
    assert library.linked("gone.md") is None


def test_the_name_of_the_alert_does_not_count_for_a_link(library: Library) -> None:
    annotations = {"runbook_url": "https://a.example/gone.md"}

    assert library.resolve({"alertname": "DiskFull"}, annotations) == RunbookRef("disk.md")
    assert library.linked(annotations["runbook_url"]) is None


def test_which_urls_are_mapped_onto_a_folder_with_runbooks(library: Library) -> None:
    assert library.maps("https://a.example/gone.md")
    assert not library.maps("https://b.example/gone.md")
    assert not library.maps("https://c.example/gone.md")
