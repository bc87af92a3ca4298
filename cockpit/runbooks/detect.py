"""Telling queries and commands from other code, in runbooks whose authors marked neither."""

import re
from collections.abc import Callable

import promql_parser

from cockpit.expression import parsed
from cockpit.runbooks.bind import neutral

_CONSOLES = frozenset({"console", "shell-session", "shellsession", "sh-session", "terminal"})
SHELLS = _CONSOLES | {"bash", "sh", "shell", "zsh", "ksh"}
UNTAGGED = frozenset({"", "text", "txt", "plain", "plaintext", "none", "code"})

_PROGRAMS = """
adduser amtool ansible ansible-playbook apt apt-get argocd awk aws az bash bundle calicoctl cat ceph
chef-client chmod chown chronyc cilium clickhouse-client cockpit conntrack consul cp cqlsh crictl
crontab ctr curl cypher-shell date dd df dig dmesg dnf docker docker-compose dotnet dpkg du echo etcdctl
ethtool export fdisk find flux free fsck gcloud gh git gitlab-ctl gitlab-psql gitlab-rails gitlab-rake
glab grep growpart gsutil haproxy helm hostnamectl htop ibmcloud influx iostat iotop ip ipmitool
iptables istioctl java jcmd jmap journalctl jps jq jstack kafka-consumer-groups kafka-topics kafkacat
kcat keytool kill killall knife kubeadm kubectl kubectx kubens kustomize last less linkerd logcli
logrotate ls lsblk lscpu lsof lvextend lvs make mdadm mimirtool minikube mkdir mongo mongosh mount mtr
mv mysql mysqladmin nc netstat nft nginx nodetool nomad npm nslookup ntpdate ntpq nvme oc omc openssl
openstack patronictl pg_ctl pg_dump pgbouncer pgrep ping pip pkill podman promtool ps psql
pt-query-digest pvs python python3 rabbitmqctl rbd reboot redis-cli resize2fs rm rsync salt sar scp
screen sed service skopeo smartctl sqlcmd sqlite3 ss ssh stat strace su sudo swapoff swapon sysctl
systemctl systemd-analyze tail tar tcpdump tee telnet terraform thanos timedatectl tmux top touch
traceroute truncate tsh ulimit umount uptime vault velero vgs vmstat vtctlclient wal-g watch wget who
xargs xfs_growfs yq yum zcat zgrep zpool
"""
TOOLS = frozenset(re.findall(r"\S+", _PROGRAMS))
"""Programs that people on call run from a shell; in-line code that starts with one is a command."""

_DOLLAR = re.compile(r"^\s*(?:\$|%|❯|➜|PS>)[ \t]+(?=\S)")
_TIGHT_DOLLAR = re.compile(r"^\s*\$(?=[a-z])")
_USER_PROMPT = re.compile(
    r"^\s*(?:\[[\w.-]+@[\w.-]+[^\]\n]{0,80}\]|[\w.-]+@[\w.-]+:[^$#\n]{0,80})[$#][ \t]*(?=\S)"
)
_ROOT = re.compile(r"^\s*#[ \t]+(?=\S)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_CONTINUES = re.compile(r"(?:\\|\||&&|\|\|)[ \t]*$")
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
_KNOWN_METRIC = re.compile(
    r".*_(?:total|bytes|seconds|count|sum|bucket|info|ratio|percent|created|errors|status|state|up|failures|age|load\d+)"
    r"|(?:node|kube|container|process|go|http|grpc|etcd|kubelet|apiserver|prometheus|alertmanager|pg|mysql|redis|probe)_\w+"
    r"|[^_]+_[^_]+_\w+|\w*[a-zA-Z_]:\w+(?::\w*)?"
)


def first_program(line: str) -> tuple[str, bool]:
    """Return the program that a shell line runs, past `sudo` and assignments, and if arguments follow."""
    words = line.strip().split()
    index, through_sudo = 0, False
    while index < len(words) and (
        words[index] in {"sudo", "time", "exec"} or _ASSIGNMENT.match(words[index])
    ):
        through_sudo = through_sudo or words[index] == "sudo"
        index += 1
        while through_sudo and index < len(words) and words[index].startswith("-"):
            index += 1
    if index >= len(words):
        return "", False
    return words[index].rsplit("/", 1)[-1], index + 1 < len(words) or through_sudo


def inline_command(code: str) -> str | None:
    """Return in-line code as a command without its prompt, or None: no known program, or no arguments."""
    stripped = code.strip()
    text = _DOLLAR.sub("", stripped)
    program, arguments = first_program(text)
    prompted = text != stripped
    if prompted and re.match(r"[\w./~-]+(\s|$)", text):
        return text
    if (
        program not in TOOLS
        or not arguments
        or "\n" in text
        or re.match(r"\S+(?::\s|\s+=)", text)
        or text.endswith((".", ":"))
    ):
        return None
    return text


def shell_commands(code: str, language: str) -> str | None:
    """Return the commands of a shell fence without prompts and the output between them; None if empty."""
    lines = code.rstrip("\n").split("\n")
    prompts = [bool(_DOLLAR.match(x) or _USER_PROMPT.match(x)) for x in lines]
    if not any(prompts) and language in _CONSOLES | {""}:
        prompts = [_tight(line) for line in lines]
    if any(prompts):
        return _prompted(lines, prompts) or None
    if language in _CONSOLES and any(_is_root_prompt(x) for x in lines) and not any(_known(x) for x in lines):
        return _prompted(lines, [_is_root_prompt(x) for x in lines]) or None
    text = "\n".join(lines).strip("\n")
    return text if text.strip() else None


def untagged_commands(code: str, *, indented: bool = False) -> str | None:
    """Return the commands of untagged code, or None: it has prompts, or starts with a known program."""
    lines = [x for x in code.split("\n") if x.strip()]
    if any(_DOLLAR.match(x) or _USER_PROMPT.match(x) or _tight(x) for x in lines):
        return shell_commands(code, "")
    first = next((x for x in lines if not x.lstrip().startswith("#")), "")
    program, arguments = first_program(first)
    if indented and not arguments:
        return None
    if program in TOOLS and (arguments or len(lines) == 1) and not first.rstrip().endswith((".", ":", ",")):
        return shell_commands(code, "")
    return None


def queries_in(code: str) -> list[tuple[int, str]]:
    """Return the PromQL queries of a block of untagged code, with their lines in it; empty for other code.

    The block is one query, or every paragraph of it is one, or every line.
    """
    return _split(code, is_query)


def tagged_queries(code: str) -> list[tuple[int, str]]:
    """Return the queries of a `promql` fence: one, or several where only its paragraphs or lines parse."""
    return _split(code, lambda text: neutral(text) is not None) or (
        [(0, code.strip())] if code.strip() else []
    )


def is_query(code: str, *, inline: bool = False) -> bool:
    """Tell whether code that nobody marked is PromQL that selects a metric: more than a word that parses."""
    text = code.strip()
    if not text or len(text) > 10_000 or not re.search(r"[a-zA-Z_]", text):
        return False
    if re.fullmatch(r"[\w:]+", text):
        return (
            bool(_KNOWN_METRIC.fullmatch(text) if inline else re.search(r"[_:]", text))
            and parsed(text) is not None
        )
    bare = neutral(text)
    tree = parsed(bare) if bare is not None else None
    return tree is not None and _evident(tree, re.sub(r"#[^\n]*", "", text))


def _evident(tree: promql_parser.Expr, text: str) -> bool:
    names: list[str] = []
    calls = selectors = numbers = 0

    def visit(node: promql_parser.Expr) -> None:
        nonlocal calls, selectors, numbers
        if isinstance(node, promql_parser.VectorSelector):
            named = [m.value for m in node.matchers.matchers if m.name == "__name__"]
            names.extend([node.name] if node.name else named)
            selectors += len(node.matchers.matchers)
        calls += isinstance(node, promql_parser.Call | promql_parser.AggregateExpr)
        numbers += isinstance(node, promql_parser.NumberLiteral)

    promql_parser.walk(tree, pre_visit=visit)
    names = [name for name in names if name != "placeholder"]
    if not names:
        return False
    if calls or selectors:
        return True
    if re.search(r"\s(==|!=|>=?|<=?)\s", text) and numbers:
        return True
    operated = re.search(r"\s(?:[-+*/%^]|and|or|unless|==|!=|[<>]=?)\s|\[[^\]]+\]|\boffset\b", text)
    return bool(operated) and any("_" in name or ":" in name for name in names)


def _split(code: str, good: Callable[[str], bool]) -> list[tuple[int, str]]:
    if not code.strip():
        return []
    if good(code):
        return [_trimmed(0, code)]
    for parts in (_paragraphs(code), _lines(code)):
        if len(parts) > 1 and all(good(text) for _, text in parts):
            return [_trimmed(line, text) for line, text in parts]
    return []


def _trimmed(line: int, text: str) -> tuple[int, str]:
    lead = len(text) - len(text.lstrip("\n"))
    return line + lead, text.strip()


def _paragraphs(code: str) -> list[tuple[int, str]]:
    parts: list[tuple[int, str]] = []
    for match in re.finditer(r"(?:[^\n]*\S[^\n]*(?:\n|$))+", code):
        text = match.group()
        if re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).strip():
            parts.append((code.count("\n", 0, match.start()), text))
    return parts


def _lines(code: str) -> list[tuple[int, str]]:
    rows = enumerate(code.split("\n"))
    return [(n, row) for n, row in rows if row.strip() and not row.lstrip().startswith("#")]


def _tight(line: str) -> bool:
    match = _TIGHT_DOLLAR.match(line)
    return match is not None and first_program(line[match.end() :])[0] in TOOLS


def _known(line: str) -> bool:
    return first_program(line)[0] in TOOLS


def _is_root_prompt(line: str) -> bool:
    match = _ROOT.match(line)
    if match is None:
        return False
    program = first_program(line[match.end() :])[0]
    return program in TOOLS or line[match.end() :].startswith(("./", "/"))


def _prompted(lines: list[str], prompts: list[bool]) -> str:
    kept: list[str] = []
    open_command, until = False, ""
    dollars = any(_DOLLAR.match(x) for x in lines)
    for line, prompt in zip(lines, prompts, strict=True):
        if until:
            kept.append(line)
            open_command = until != line.strip()
            until = until if open_command else ""
            continue
        if prompt:
            text = line
            for pattern in (_USER_PROMPT, _DOLLAR, _TIGHT_DOLLAR, *(() if dollars else (_ROOT,))):
                text, count = pattern.subn("", text, count=1)
                if count:
                    break
        elif open_command:
            text = re.sub(r"^> ", "", line)
        elif dollars and re.match(r"\s*#", line):
            text = line.strip()
        else:
            continue
        kept.append(text)
        heredoc = _HEREDOC.search(text)
        until = heredoc[1] if heredoc and "<<<" not in text else ""
        open_command = bool(_CONTINUES.search(text)) or _odd_quotes("\n".join(kept[-20:]))
    return "\n".join(kept)


def _odd_quotes(text: str) -> bool:
    return len(re.findall(r"(?<!\\)'", text)) % 2 == 1 and '"' not in text
