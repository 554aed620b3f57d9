"""``meshc check``: what it reads, what it prints, how it exits."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from mesh_compiler.cli.main import meshc

HEAD = "apiVersion: meshc.dev/v1alpha1\nkind: Workload\nmetadata: {name: NAME, namespace: shop}\n"
WEB = HEAD.replace("NAME", "web") + "spec: {calls: [{name: CALLED}]}\n"
API = HEAD.replace("NAME", "api") + "spec: {ports: [{port: 80}]}\n"
GOOD = WEB.replace("CALLED", "api") + "---\n" + API
BAD = WEB.replace("CALLED", "apj") + "---\n" + API
WAIVER = (
    "---\napiVersion: meshc.dev/v1alpha1\nkind: Waiver\nmetadata: {name: later, namespace: shop}\n"
    "spec: {code: MESH101, target: {kind: Workload, name: web}, reason: soon, expires: 2027-01-01}\n"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(*arguments, stdin=None, **options):
    """Run the command in this process."""
    command = ["check", "--now", "2026-06-01", *arguments]
    return CliRunner().invoke(
        meshc, command, prog_name="meshc", input=stdin, standalone_mode=False, **options
    )


def code(result):
    """The exit code, as ``main`` makes it of what the command returns or raises."""
    if result.exception is None:
        return result.return_value
    return getattr(result.exception, "exit_code", 3)


def test_clean_tree_exits_with_0(here):
    """Nothing to say but the summary."""
    (here / "mesh.yaml").write_text(GOOD)
    result = run("mesh.yaml")
    assert code(result) == 0
    assert result.output.splitlines()[-1].startswith("no problems (1 file, 2 documents, 2 resources, ")


def test_error_exits_with_1_and_shows_the_line(here, golden):
    """File, line, column, the line itself, and what to do."""
    (here / "mesh.yaml").write_text(BAD)
    result = run("mesh.yaml")
    assert code(result) == 1
    lines = result.output.splitlines()
    golden(Path(__file__).with_name("golden") / "check.txt", "\n".join(lines[:-1]) + "\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.yaml"], "`missing.yaml` does not exist"),
        (["--baseline", "missing.json", "."], "`missing.json`: no such file or directory"),
        (["--env", "prod"], "meshc.toml names no environment `prod`"),
        (["--now", "soon", "."], "'soon' does not match the format"),
    ],
)
def test_what_cannot_run_exits_with_2(here, arguments, message):
    """One line, never a traceback."""
    result = run(*arguments)
    assert code(result) == 2
    assert message in result.exception.format_message()


def test_no_traceback_reaches_the_user(here):
    """The same as a process."""
    command = [sys.executable, "-m", "mesh_compiler", "check", "missing.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("asked", "expected"), [("error", 0), ("warning", 0), ("note", 1)])
def test_fail_on(here, asked, expected):
    """Findings below the asked severity are shown, and do not fail."""
    (here / "mesh.yaml").write_text(WEB.replace("name: CALLED", "name: till, namespace: bank"))
    result = run("--fail-on", asked, ".")
    assert code(result) == expected
    assert "note[MESH110]" in result.output


def test_settings_say_what_fails(here):
    """``fail-on`` of meshc.toml counts where the option is not given."""
    (here / "meshc.toml").write_text('fail-on = "note"\n')
    (here / "mesh.yaml").write_text(WEB.replace("name: CALLED", "name: till, namespace: bank"))
    assert code(run(".")) == 1
    assert code(run("--fail-on", "error", ".")) == 0


def test_standard_input(here):
    """``kustomize build | meshc check -``."""
    result = run("-", stdin=BAD)
    assert code(result) == 1
    assert "--> <stdin>:4:" in result.output


def test_json_obeys_its_schema(here):
    """The contract that other tools rely on."""
    (here / "mesh.yaml").write_text(BAD)
    result = run("--format", "json", ".")
    schema = json.loads((Path(__file__).parents[3] / "schemas" / "findings.v1.json").read_text())
    data = json.loads(result.output)
    jsonschema.validate(data, schema)
    [finding] = data["findings"]
    assert (finding["code"], finding["file"], finding["line"]) == ("MESH101", "mesh.yaml", 4)
    assert data["summary"]["now"] == "2026-06-01"
    assert code(result) == 1


@pytest.mark.parametrize(
    ("form", "beginning"), [("sarif", '{\n  "$schema"'), ("github", "::error file=mesh.yaml,line=4")]
)
def test_other_formats(here, form, beginning):
    """For code scanning and for annotations."""
    (here / "mesh.yaml").write_text(BAD)
    assert run("--format", form, ".").output.startswith(beginning)


def test_baseline_sets_aside_what_was_there(here):
    """Adopt now, fix later: only what is new fails."""
    (here / "mesh.yaml").write_text(BAD)
    assert code(run("--write-baseline", "known.json", "mesh.yaml")) == 0
    result = run("--baseline", "known.json", "mesh.yaml")
    assert code(result) == 0
    assert "1 in the baseline" in result.output
    (here / "mesh.yaml").write_text(BAD.replace("[{name: apj}]", "[{name: apj}, {name: web-of}]"))
    assert code(run("--baseline", "known.json", "mesh.yaml")) == 1


def test_stale_baseline_is_said(here):
    """What was fixed should leave the file."""
    (here / "mesh.yaml").write_text(BAD)
    run("--write-baseline", "known.json", "mesh.yaml")
    (here / "mesh.yaml").write_text(GOOD)
    assert (
        "1 entry of the baseline fits nothing any more" in run("--baseline", "known.json", "mesh.yaml").output
    )


def test_baseline_is_the_same_from_run_to_run(here):
    """It is reviewed, so it must not change by itself."""
    (here / "mesh.yaml").write_text(BAD)
    run("--write-baseline", "a.json", ".")
    run("--write-baseline", "b.json", "mesh.yaml")
    assert (here / "a.json").read_text() == (here / "b.json").read_text()


def test_waived_finding_is_counted(here):
    """The summary says how much was accepted."""
    (here / "mesh.yaml").write_text(BAD + WAIVER)
    result = run(".")
    assert code(result) == 0
    assert "1 waived" in result.output


def test_date_decides_over_waivers(here):
    """``--now`` is the one clock."""
    (here / "mesh.yaml").write_text(BAD + WAIVER)
    result = run("--now", "2027-01-01", ".")
    assert code(result) == 1
    assert "warning[MESH601]" in result.output
    assert "date 2027-01-01" in result.output


@pytest.fixture
def environments(here):
    """Two environments, of which one has a fault."""
    (here / "meshc.toml").write_text(
        '[environments]\nprod = ["base", "prod"]\nstaging = ["base", "staging"]\n'
    )
    for name, text in {
        "base": API,
        "prod": WEB.replace("CALLED", "apj"),
        "staging": WEB.replace("CALLED", "api"),
    }.items():
        (here / name).mkdir()
        (here / name / "mesh.yaml").write_text(text)
    return here


def test_every_environment_is_checked(environments):
    """Without a path, each is a tree of its own: `web` is not written twice."""
    result = run()
    assert code(result) == 1
    assert result.output.index("environment prod") < result.output.index("error[MESH101]")
    assert result.output.index("error[MESH101]") < result.output.index("environment staging")
    assert result.output.count("error[") == 1


def test_one_environment(environments):
    """``--env`` names it."""
    assert code(run("--env", "staging")) == 0
    assert code(run("--env", "prod")) == 1


def test_misspelt_environment(environments):
    """With the nearest name."""
    result = run("--env", "prd")
    assert result.exception.format_message() == "meshc.toml names no environment `prd`; did you mean `prod`?"


def test_environment_and_paths_exclude_each_other(environments):
    """Both say what to check."""
    assert code(run("--env", "prod", "base")) == 2


def test_environments_are_one_document_for_programs(environments):
    """JSON has the findings of all of them, each once."""
    data = json.loads(run("--format", "json").output)
    assert [finding["file"] for finding in data["findings"]] == ["prod/mesh.yaml"]
    assert data["summary"]["files"] == 3


def test_tree_without_a_mesh_is_said(here):
    """What holds then, and what is off."""
    (here / "mesh.yaml").write_text(GOOD)
    assert "there is no Mesh in this tree" in run(".").output
    (here / "mesh.yaml").write_text(
        "apiVersion: meshc.dev/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nspec: {}\n"
    )
    assert "there is no Mesh" not in run(".").output


def test_broken_mesh_is_not_called_absent(here):
    """There is one, and it has a finding of its own."""
    (here / "mesh.yaml").write_text(
        "apiVersion: meshc.dev/v1alpha1\nkind: Mesh\nmetadata: {name: m}\nspec: {trust: x}\n---\n" + API
    )
    output = run(".").output
    assert "the Mesh could not be read" in output
    assert "there is no Mesh" not in output


def test_skipped_directories_come_with_their_command(here):
    """What renders them, ready to be run."""
    (here / "overlay").mkdir()
    (here / "overlay" / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    (here / "mesh.yaml").write_text(GOOD)
    assert "kustomize build overlay | meshc check -" in run(".").output


def test_empty_tree_is_said(here):
    """Rather than that all is well."""
    assert "there is no YAML or JSON here to check" in run(".").output


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
        ([], {}, False),
    ],
)
def test_colour(here, arguments, environment, coloured):
    """Only where asked for, or on a terminal that does not mind."""
    (here / "mesh.yaml").write_text(BAD)
    result = run(*arguments, ".", env=environment, color=True)
    assert ("\x1b[" in result.output) == coloured


def test_check_loads_no_more_than_it_needs(here):
    """The tool starts quickly because it leaves alone what a check has no use for."""
    (here / "mesh.yaml").write_text(GOOD)
    program = (
        "import sys; from mesh_compiler.cli.main import meshc;"
        "meshc.main(['check', 'mesh.yaml'], standalone_mode=False); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    heavy = {
        "networkx",
        "cryptography",
        "tuf",
        "rich",
        "ruamel.yaml",
        "re2",
        "pathspec",
        "jsonschema",
        "asyncio",
    }
    assert loaded & heavy == set()


def test_an_environment_that_names_nothing_is_told_with_its_file(tmp_path, monkeypatch):
    """And by its name."""
    monkeypatch.chdir(tmp_path)
    Path("meshc.toml").write_text('[environments]\nprod = ["nosuch"]\n')
    result = CliRunner().invoke(meshc, ["check"])
    assert result.exit_code == 2
    assert "meshc.toml: the environment `prod` names a path that is not there: `nosuch`" in result.output


def test_a_baseline_that_is_no_text_is_told_in_our_words(tmp_path):
    """No codec is named."""
    known = tmp_path / "known.json"
    known.write_bytes(b"\xf7\x00")
    result = CliRunner().invoke(meshc, ["check", str(tmp_path), "--baseline", str(known)])
    assert (result.exit_code, "is not text, and so no baseline" in result.output) == (2, True)
