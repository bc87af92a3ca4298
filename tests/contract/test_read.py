from tests.contract.healthy import Team


def test_source_code_with_yaml_in_it_is_no_rule_file(team: Team) -> None:
    rules = (team.folder / "rules/shop.yml").read_text()
    team.write("tests/test_rules.py", f'"""Tests."""\n\nRULES = """\\\n{rules}"""\n')

    assert team.found() == []
    assert team.report().not_read == ()
