"""Three tests for every rule there will ever be: its page is documentation, fixture and test at once."""

import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from mesh_compiler import dialects, rules, source
from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import FAMILIES, all_rules
from mesh_compiler.rules.registry import checks
from tests.compiler.rules.checking import blocks, checked, rendered

GOLDEN = Path(__file__).with_name("golden")
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead"]
RULES = all_rules()
RUNNABLE = [rule for rule in RULES if any(heading == "Example" for heading, _ in blocks(rule.page))]
ADVISED = [rule for rule in RULES if any(heading == "Use instead" for heading, _ in blocks(rule.page))]

every = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
every_runnable = pytest.mark.parametrize("rule", RUNNABLE, ids=lambda rule: rule.code)


def example(rule, heading):
    [text] = [text for under, text in blocks(rule.page) if under == heading]
    return text


def found(rule, heading):
    """The findings of an example. Those of reading are about a fragment: what it means is not their matter."""
    findings = checked(example(rule, heading)).findings
    return [finding for finding in findings if rule.code >= "MESH1" or finding.rule.code < "MESH1"]


@every
def test_headings_stand_in_order(rule):
    """Every page has the four headings in their order, then at most references."""
    headings = re.findall(r"^## (.*)$", rule.page, re.MULTILINE)
    assert headings[:4] == HEADINGS
    assert headings[4:] in ([], ["References"])


@every_runnable
def test_example_gives_exactly_this_code(rule):
    """The example breaks the rule that it is the example of, and no other."""
    assert [finding.rule.code for finding in found(rule, "Example")] == [rule.code]


@pytest.mark.parametrize("rule", ADVISED, ids=lambda rule: rule.code)
def test_what_to_use_instead_is_clean(rule):
    """What a page advises gives no finding."""
    assert found(rule, "Use instead") == []


@every_runnable
def test_example_reads_as_the_golden_says(rule, golden):
    """What a person sees of the example."""
    golden(GOLDEN / f"{rule.code}.txt", rendered(example(rule, "Example"), found(rule, "Example")))


def test_no_golden_is_left_over():
    """Each golden is of a rule."""
    assert {path.stem for path in GOLDEN.iterdir()} == {rule.code for rule in RUNNABLE}


def test_rules_about_meaning_can_all_be_run():
    """Only text that is no YAML, or a file that cannot be, may go without an example that runs."""
    assert [rule.code for rule in RULES if rule not in RUNNABLE and rule.code >= "MESH1"] == []


@every
def test_code_and_name_are_as_they_should_be(rule):
    """Codes are MESH and three digits; names are words that read after "allow"."""
    assert re.fullmatch(r"MESH[0-9]{3}", rule.code)
    assert rule.code[:5] in FAMILIES
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert not rule.name.startswith(("no-", "invalid-", "check-"))
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", rule.since)


def test_rules_run_in_the_order_of_their_codes():
    """The table gives them sorted, whatever order their modules were imported in."""
    order = [check.rule.code for check in checks()]
    assert order == sorted(set(order))


@every_runnable
def test_words_of_findings_are_a_persons(rule):
    """Messages start lower case, end without a period, stay on one line, and know nothing of the program."""
    for finding in found(rule, "Example"):
        for words in (
            finding.message,
            *(label.text for label in finding.labels),
            *filter(None, [finding.help]),
        ):
            assert words == words.strip()
            assert "\n" not in words
            assert not words.endswith(".")
            assert words[0] in "`0123456789" or words[0].islower() or words.split()[0] in PROPER
            assert not re.search(r"\b(None|True|False|dict|str|pydantic|NoneType|mappingproxy)\b", words)
            assert words.count("`") % 2 == 0


PROPER = {"YAML", "HTTPRoute", "GRPCRoute", "TCPRoute"}
"""Names that keep their capitals."""


@every_runnable
def test_findings_about_meaning_name_their_resource(rule):
    """A finding about a resource says which, so that a waiver can name it."""
    if rule.code >= "MESH1":
        assert all(finding.resource for finding in found(rule, "Example"))


def test_importing_the_rules_declares_those_of_every_stage():
    """`meshc rule` and the count in the summary know all of them."""
    program = "import mesh_compiler.rules, mesh_compiler.diagnostics.registry as r; print(len(r.all_rules()))"
    counted = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for package in (source, dialects, rules):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    assert int(counted.stdout) == len(all_rules())


def test_errors_are_the_worst_that_a_rule_says():
    """Every severity is used; a tool that only shouts is not listened to."""
    assert {rule.severity for rule in RULES} == set(Severity)
