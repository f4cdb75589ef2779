"""The report of where time went is read from what pytest wrote."""

from __future__ import annotations

import json
from pathlib import Path

from kit.slowest import Timed, by_wait, read, slowest

XML = """<testsuites><testsuite>
<testcase classname="integration.test_way" name="test_a" time="25.0"><properties>
<property name="waited" value='{waited}'/></properties></testcase>
<testcase classname="integration.test_way" name="test_b" time="1.5"><failure message="assert 1 == 2&#10;more">l</failure>
</testcase>
</testsuite></testsuites>"""


def test_tests_are_read_with_what_they_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "integration.xml"
    file.write_text(XML.format(waited=json.dumps({"training": 20.0, "sleep": 1.0})))
    first, second = read(file)
    assert (first.layer, first.name, first.seconds, first.failed) == ("integration", "test_way::test_a", 25.0, None)
    assert first.told() == "training 20 s, own work 4 s"
    assert (second.waited, second.failed) == ({}, "assert 1 == 2")
    assert read(tmp_path / "none.xml") == []


def test_the_slowest_come_first(tmp_path: Path) -> None:
    tests = [Timed("unit", f"t{number}", number, {"sleep": number / 2}) for number in range(20)]
    lines = slowest(tests, 3)
    assert len(lines) == 4 and [line.split()[0] for line in lines[1:]] == ["19", "18", "17"]
    assert by_wait(tests) == "sleep 95 s, own work 95 s"
