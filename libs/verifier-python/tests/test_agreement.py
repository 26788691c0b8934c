"""Both verifiers say the same of every ledger that the tests of the other one judged: the record, and the state machines."""
import glob
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from writ_verify.bundle import audit  # noqa: E402
from writ_verify.machines import CODES, JUDGED  # noqa: E402

CASES = os.environ.get("WRIT_CASES", "")


def differences(case):
    """What the two verifiers say differently of a case."""
    with open(case, encoding="utf-8") as file:
        expected = json.load(file)
    path = case[: -len(".json")]
    outside = [note.encode() for note in expected.get("outside", [])]
    report = audit(path if os.path.isdir(path) else path + ".ndjson", expected["trust"], outside)
    if report["record"] != expected["record"]:
        return [f"record {report['record']} where {expected['record']} was said; {report['faults'][:3]}"]
    if report["record"] == "INVALID":
        return []
    ours = {tuple(violation) for violation in report["violations"]}
    theirs = {(seq, code) for seq, code, family in expected["violations"] if code in CODES and family in JUDGED}
    return [f"only here {sorted(ours - theirs)}, only there {sorted(theirs - ours)}"] if ours != theirs else []


@unittest.skipUnless(CASES, "SKIPPED: WRIT_CASES names no folder of judged ledgers; this run shows no agreement")
class Agreement(unittest.TestCase):
    maxDiff = None

    def test_every_case(self):
        cases = sorted(glob.glob(os.path.join(CASES, "*.json")))
        self.assertGreater(len(cases), 100, "too few cases to show anything")
        verdicts, wrong = set(), {}
        for case in cases:
            with open(case, encoding="utf-8") as file:
                verdicts.add(json.load(file)["record"])
            found = differences(case)
            if found:
                wrong[os.path.basename(case)] = found
        self.assertTrue({"INVALID", "UNANCHORED", "SEALED", "WITNESSED", "DIVERGED"} <= verdicts, verdicts)
        self.assertEqual({}, wrong, f"{len(wrong)} of {len(cases)} differ")
        print(f"both verifiers agree on {len(cases)} ledgers")


if __name__ == "__main__":
    unittest.main()
