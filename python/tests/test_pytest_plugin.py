"""Graph files as tests of pytest's."""

import re

import pytest

from graphrun.pytest_plugin import ACTED_ON

RIGHT = "input x = [1, 2]\ny = sum(x * x)\nexpect y = 5\n"
WRONG = "input x = [1, 2]\ny = sum(x * x)\nexpect y = 6\n"


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".graph", right=RIGHT, wrong=WRONG)
    pytester.makefile(".toml", apple='[inputs]\nx = 3\n[nodes]\ny = "x * x"\n', other="[package]\nname = 1\n")
    return pytester


def run(folder, *words):
    return folder.runpytest_subprocess("-p", "no:cacheprovider", *words)


def test_one_item_a_file_and_the_report_of_those_that_fail(folder):
    result = run(folder)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*wrong.graph*",
            "*wrong.graph:3  y*",
            "*wanted*6",
            "*got*5",
            "FAILED wrong.graph::graphrun - wrong.graph:3*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    listed = run(folder, "--collect-only", "-q")
    listed.stdout.fnmatch_lines(["apple.toml::graphrun", "right.graph::graphrun", "wrong.graph::graphrun"])


def test_they_are_chosen_by_name_and_by_tag(folder):
    folder.makefile(".graph", slow="tags slow, big-one\n" + RIGHT)
    run(folder, "-k", "right").assert_outcomes(passed=1, deselected=3)
    run(folder, "-m", "slow", "--strict-markers", "-W", "error").assert_outcomes(passed=1, deselected=3)
    run(folder, "-m", "not slow and not big-one").assert_outcomes(passed=2, failed=1, deselected=1)


@pytest.mark.parametrize("tag", [*sorted(ACTED_ON), "_x", "__class__"])
def test_a_tag_chooses_and_does_not_change_what_becomes_of_the_file(folder, tag):
    folder.makefile(".graph", named=f"tags {tag}, slow\n" + WRONG)
    result = run(folder, "-m", "slow", "--strict-markers", "-W", "error")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["*named.graph:*y*"])
    run(folder, "-k", f"{tag} and slow").assert_outcomes(failed=1, deselected=3)


def test_these_are_all_the_markers_that_pytest_acts_on(pytester, monkeypatch):
    # Without the plugins that are installed here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    listed = pytester.runpytest_subprocess("--markers", "-p", "no:cacheprovider").outlines
    names = [re.match(r"@pytest\.mark\.(\w+)", line) for line in listed]
    assert {name[1] for name in names if name} == ACTED_ON


def test_skip_xfail_and_missing_data(folder):
    folder.makefile(
        ".graph",
        wrong='xfail "not yet"\n' + WRONG,
        right='xfail "never"\n' + RIGHT,
        skipped='skip "no time"\n' + WRONG,
        nodata='input x = npy("x.npy")\ny = sum(x)\n',
        broken="input x = = 1\n",
        undecided="input x = [0]\ny = sum(1 / x)\n",
    )
    result = run(folder, "-rxs")
    result.assert_outcomes(passed=1, xfailed=1, skipped=2, failed=3)
    result.stdout.fnmatch_lines(
        ["XFAIL wrong.graph*not yet", "SKIPPED*nodata.graph*x.npy*", "SKIPPED*skipped.graph*no time"]
    )
    run(folder, "--runxfail", "-k", "wrong").assert_outcomes(failed=1, deselected=6)
    run(folder, "--graphrun-allow-undecided", "-k", "undecided").assert_outcomes(passed=1, deselected=6)


def test_data_folders(folder):
    np = pytest.importorskip("numpy")
    data = folder.mkdir("data")
    np.save(data / "x.npy", np.ones(3))
    folder.makefile(".graph", data='input x = npy("x.npy")\ny = sum(x)\nexpect y = 3\n')
    run(folder, "-k", "data.graph").assert_outcomes(skipped=1, deselected=3)
    run(folder, "-k", "data.graph", "--graphrun-data", "data").assert_outcomes(passed=1, deselected=3)
    folder.makeini("[pytest]\ngraphrun_data = data\n")
    run(folder, "-k", "data.graph").assert_outcomes(passed=1, deselected=3)


def test_settings_of_a_folder_count(folder):
    folder.makefile(".toml", graphrun='exclude = ["wrong"]\n')
    run(folder).assert_outcomes(passed=2)
    folder.makefile(".toml", graphrun="exclude = 3\n")
    result = run(folder)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*graphrun.toml:1:*"])


def test_a_graph_in_a_folder_of_its_own(folder):
    folder.mkdir("deep")
    (folder.path / "right.graph").rename(folder.path / "deep" / "right.graph")
    run(folder, "deep/right.graph").assert_outcomes(passed=1)
    run(folder, "deep").assert_outcomes(passed=1)


def test_files_are_shared_out_by_xdist(folder):
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    run(folder, "-n", "2").assert_outcomes(passed=2, failed=1)


def test_the_fixture_loads_what_lies_beside_the_test(folder):
    folder.makepyfile(
        """
        def test_right(graph):
            loaded = graph("right.graph", x=[3, 4])
            assert loaded.run()["y"] == 25
            loaded.check().raise_for_verdict()

        def test_wrong(graph):
            arrays = {"x": [1.0, 2.0], "y": 5.0, "grad(x)": [2.0, 5.0]}
            graph("right.graph").against(arrays).raise_for_verdict()
        """
    )
    result = run(folder, "-k", "test_")
    result.assert_outcomes(passed=1, failed=1, deselected=3)
    result.stdout.fnmatch_lines(["*VerdictError*", "*grad(x)*"])


def test_it_can_be_left_out(folder):
    assert run(folder, "-p", "no:graphrun").ret == pytest.ExitCode.NO_TESTS_COLLECTED
