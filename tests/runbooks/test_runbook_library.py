"""What an alert relies on: it leads to the right runbook, and nothing outside the folders is ever read."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.runbooks.library import Library
from cockpit.runbooks.links import anchor_line
from cockpit.runbooks.model import RunbookRef

FILES = {
    "README.md": "# Index\n[errors](gmail-errors.md#triage)\n",
    "gmail-errors.md": "---\nalerts: [SendErrorsWarning, SendErrorsCritical]\n---\n# Errors\n## Triage\n",
    "OnlyByName.md": "# By name\n",
    "kube-pod-stuck.md": "# By name, written otherwise\n",
    "alerts/TargetDown.md": "# Old\n",
    "alerts/cluster-monitoring/TargetDown.md": "# OpenShift\n",
    "alerts/cluster-etcd/etcdNoLeader.MD": "# etcd\n",
    "content/runbooks/kubernetes/KubePodCrashLooping.md": "# Crash\n",
    "content/runbooks/kubernetes/_index.md": "# Kubernetes\n",
    "docs/patroni/README.md": "# Patroni\n## Split brain\n",
    "docs/patroni/alerts/PostgresSplitBrain.markdown": "# Split\n",
    "docs/mit leerzeichen.md": "# Space\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "runbooks"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (tmp_path / "secret.md").write_text("# Secret\n")
    return root


@pytest.fixture
def library(folder: Path) -> Library:
    return Library.read(
        [folder],
        annotations=("runbook_url", "runbook"),
        paths={"https://wiki.example/": "docs/", "https://rb.example/": "runbooks/"},
    )


def leads(library: Library, url: str, alert: str = "Nothing") -> RunbookRef | None:
    return library.resolve({"alertname": alert}, {"runbook_url": url})


@pytest.mark.parametrize(
    ("url", "path", "anchor"),
    [
        ("https://rb.example/gmail-errors.md#triage", "gmail-errors.md", "triage"),
        ("https://rb.example/gmail-errors", "gmail-errors.md", None),
        ("https://wiki.example/patroni/#split-brain", "docs/patroni/README.md", "split-brain"),
        ("https://wiki.example/mit%20leerzeichen.md", "docs/mit leerzeichen.md", None),
        ("gmail-errors.md", "gmail-errors.md", None),
        ("./docs/patroni/README.md#Split%20brain", "docs/patroni/README.md", "Split brain"),
        ("README.md", "README.md", None),
        (
            "https://elsewhere.example/x/GMAIL-Errors.md?plain=1#user-content-triage",
            "gmail-errors.md",
            "triage",
        ),
        (
            "https://github.com/openshift/runbooks/blob/master/alerts/cluster-monitoring/TargetDown.md",
            "alerts/cluster-monitoring/TargetDown.md",
            None,
        ),
        (
            "https://github.com/openshift/runbooks/blob/master/alerts/TargetDown.md",
            "alerts/TargetDown.md",
            None,
        ),
        (
            "https://x.example/alerts/cluster-etcd/etcdNoLeader.md",
            "alerts/cluster-etcd/etcdNoLeader.MD",
            None,
        ),
        (
            "https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubepodcrashlooping",
            "content/runbooks/kubernetes/KubePodCrashLooping.md",
            None,
        ),
        ("https://gitlab.example/-/blob/master/docs/patroni/README.md#x", "docs/patroni/README.md", "x"),
        ("patroni/alerts/PostgresSplitBrain.md", None, None),
        (
            "https://x.example/PostgresSplitBrain.html",
            "docs/patroni/alerts/PostgresSplitBrain.markdown",
            None,
        ),
        ("https://x.example/README.md", None, None),
        ("https://x.example/", None, None),
    ],
)
def test_an_annotation_leads_to_its_file(
    library: Library, url: str, path: str | None, anchor: str | None
) -> None:
    assert leads(library, url) == (RunbookRef(path, anchor) if path else None)


def test_an_alert_without_annotation_leads_by_front_matter_and_then_by_name(library: Library) -> None:
    def by_name(name: str) -> str | None:
        ref = library.resolve({"alertname": name}, {})
        return ref.path if ref else None

    assert by_name("SendErrorsCritical") == "gmail-errors.md"
    assert by_name("OnlyByName") == by_name("onlybyname") == "OnlyByName.md"
    assert by_name("KubePodStuck") == "kube-pod-stuck.md"
    assert by_name("README") is None
    assert by_name("Unknown") is None
    assert library.resolve({}, {}) is None


def test_the_order_is_mapping_path_last_segment_alerts_name(library: Library, folder: Path) -> None:
    assert leads(library, "gmail-errors.md", alert="OnlyByName") == RunbookRef("gmail-errors.md")
    assert leads(library, "https://x.example/OnlyByName", alert="SendErrorsWarning") == RunbookRef(
        "OnlyByName.md"
    )
    both = {"runbook_url": "https://x.example/OnlyByName.md", "runbook": "https://rb.example/gmail-errors.md"}
    assert library.resolve({}, both) == RunbookRef("gmail-errors.md")
    (folder / "Other.md").write_text("---\nalerts: OnlyByName\n---\n")
    assert Library.read([folder]).resolve({"alertname": "OnlyByName"}, {}) == RunbookRef("Other.md")


HOSTILE = [
    "../secret.md",
    "../secret",
    "docs/../../secret.md",
    "%2e%2e/secret.md",
    "%2e%2e%2fsecret.md",
    "..%2fsecret.md",
    "..\\secret.md",
    "/etc/passwd",
    "file:///etc/passwd",
    "https://rb.example/../secret.md",
    "https://rb.example/%2e%2e/secret.md",
    "https://rb.example/..%2fsecret.md",
    "https://rb.example//etc/passwd",
    "gmail-errors.md\0",
    "http://[::1",
    "https://x.example/{{ $labels.alertname }}.md",
    "\ud800",
    "javascript:alert(1)",
    "//",
    "#",
    "a" * 100_000,
]


@pytest.mark.parametrize("url", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_outside_is_reached(library: Library, url: str) -> None:
    assert leads(library, url) is None
    assert library.get(url) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(url=st.text(max_size=80), alert=st.text(max_size=20))
def test_no_annotation_makes_it_raise(library: Library, url: str, alert: str) -> None:
    for text in (url, f"https://rb.example/{url}", f"https://x.example/{url}"):
        ref = leads(library, text, alert)
        assert ref is None or ref.path in FILES


def test_an_absolute_path_inside_the_folder_is_fine(library: Library, folder: Path) -> None:
    assert leads(library, f"{folder}/docs/patroni/README.md#x") == RunbookRef("docs/patroni/README.md", "x")
    assert leads(library, f"{folder.parent}/secret.md") is None


def test_links_are_not_followed_out_of_the_folder(folder: Path) -> None:
    (folder / "out.md").symlink_to(folder.parent / "secret.md")
    (folder / "in.md").symlink_to(folder / "gmail-errors.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "up").symlink_to(folder.parent, target_is_directory=True)
    (folder / "round").symlink_to(folder, target_is_directory=True)
    library = Library.read([folder])
    assert set(library.names()) == {*FILES, "in.md"}
    assert len(library.problems) == 4
    assert "out.md: a link out of the runbook folder is not followed" in library.problems


def test_a_file_that_becomes_a_link_out_is_not_read(library: Library, folder: Path) -> None:
    (folder / "OnlyByName.md").unlink()
    (folder / "OnlyByName.md").symlink_to(folder.parent / "secret.md")
    assert library.get("OnlyByName.md") is None
    assert any(p.startswith("OnlyByName.md: ") for p in library.problems)


def test_what_cannot_be_used_is_a_problem_and_not_a_failure(folder: Path, tmp_path: Path) -> None:
    (folder / "binary.md").write_bytes(b"\x89PNG\0\0\0\0\0\0\0\0")
    (folder / "huge.md").write_bytes(b"x" * 2_000_001)
    (folder / "long.md").write_bytes(b"\n" * 30_000)
    (folder / "folder.md").mkdir()
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.md").write_text("# x")
    (folder / "front.md").write_text("---\na: [\n---\n# Works\n")
    (folder / "notes.txt").write_text("no runbook")
    os.mkfifo(folder / "pipe.md")
    library = Library.read([folder, tmp_path / "missing", folder / "README.md"])
    assert set(library.names()) == {*FILES, "front.md"}
    said = "\n".join(library.problems)
    for name in ("binary.md", "huge.md", "long.md", "front.md", "pipe.md", "missing", "README.md"):
        assert name in said
    front = library.get("front.md")
    assert front is not None
    assert front.title == "Works"


def test_the_first_folder_wins(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "gmail-errors.md").write_text("# Other\n")
    (other / "extra.md").write_text("# Extra\n")
    library = Library.read([folder, other])
    chosen, extra = library.get("gmail-errors"), library.get("EXTRA")
    assert chosen is not None
    assert extra is not None
    assert (chosen.title, extra.folder) == ("Errors", other)
    assert any("gmail-errors.md" in p for p in library.problems)


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(library: Library, folder: Path) -> None:
    before = library.get("OnlyByName")
    assert library.get("OnlyByName") is before
    (folder / "OnlyByName.md").write_text("# Changed title\n")
    after = library.get("OnlyByName")
    assert after is not None
    assert after.title == "Changed title"


def test_links_inside_runbooks_are_followed_below_the_folder(library: Library) -> None:
    readme = library.get("README.md")
    split = library.get("PostgresSplitBrain")
    assert readme is not None
    assert split is not None
    assert library.follow(readme, "gmail-errors.md#triage") == RunbookRef("gmail-errors.md", "triage")
    assert library.follow(readme, "#here") == RunbookRef("README.md", "here")
    assert library.follow(split, "../README.md#split-brain") == RunbookRef(
        "docs/patroni/README.md", "split-brain"
    )
    for link in (
        "../secret.md",
        "%2e%2e/secret.md",
        "https://x.example/gmail-errors.md",
        "/etc/passwd",
        "\0",
    ):
        assert library.follow(readme, link) is None


def test_an_anchor_names_a_line(folder: Path) -> None:
    text = '# A\n## Own {#own-id}\n<a name="old"></a>\n## Step 1: Look!\n### <a id="deep"></a>Deep\n'
    (folder / "anchors.md").write_text(text)
    runbook = Library.read([folder]).get("anchors")
    assert runbook is not None
    wanted = {
        "a": 0,
        "#A": 0,
        "own-id": 1,
        "old": 2,
        "step-1-look": 3,
        "step_1_look": 3,
        "deep": 4,
        "none": None,
    }
    assert {anchor: anchor_line(runbook, anchor) for anchor in wanted} == wanted


def test_hostile_file_names_are_clean_and_still_open(tmp_path: Path) -> None:
    name = os.fsdecode(b"evil\x1b]52;c;x\x07\xff\n.md")
    (tmp_path / name).write_text("# Fine\n")
    library = Library.read([tmp_path])
    (shown,) = library.names()
    assert shown.isprintable()
    runbook = library.get(shown)
    assert runbook is not None
    assert runbook.title == "Fine"
