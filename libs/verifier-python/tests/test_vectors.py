"""The parts of this verifier against public vectors, which stay where they are, and against forms that must be refused."""
import base64
import glob
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from writ_verify.encoding import Refused, b64url, canonical, parse_canonical, unb64url, verify  # noqa: E402
from writ_verify.tree import Note, Range, consistent, included, leaf_hash, root_of, witness_key  # noqa: E402

VECTORS = os.path.join(os.path.dirname(__file__), "../../../../shared/vectors")
PRESENT = os.path.isdir(VECTORS)
ABSENT = "SKIPPED: the public vectors are not at ../shared/vectors; this run shows no conformance"


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def of_merkle(kind):
    return [load(path) for path in glob.glob(f"{VECTORS}/merkle/{kind}/**/*.json", recursive=True)]


def raw(text):
    return base64.b64decode(text)


@unittest.skipUnless(PRESENT, ABSENT)
class Vectors(unittest.TestCase):
    def test_wycheproof_ed25519(self):
        seen = 0
        for group in load(f"{VECTORS}/wycheproof/ed25519_test.json")["testGroups"]:
            x = b64url(bytes.fromhex(group["publicKey"]["pk"]))
            for case in group["tests"]:
                seen += 1
                holds = verify(x, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
                self.assertEqual(holds, case["result"] == "valid", case["tcId"])
        self.assertEqual(seen, 151)

    def test_merkle_proofs(self):
        inclusion, consistency = of_merkle("inclusion"), of_merkle("consistency")
        self.assertEqual((len(inclusion), len(consistency)), (98, 98))
        for c in inclusion:
            proof = [raw(h) for h in c["proof"] or []]
            sound = all(len(h) == 32 for h in [*proof, raw(c["root"]), raw(c["leafHash"])])
            holds = sound and included(raw(c["leafHash"]), c["leafIdx"], c["treeSize"], proof, raw(c["root"]))
            self.assertEqual(holds, not c["wantErr"], c["desc"])
        for c in consistency:
            proof = [raw(h) for h in c["proof"] or []]
            holds = consistent(c["size1"], raw(c["root1"]), c["size2"], raw(c["root2"]), proof)
            self.assertEqual(holds, not c["wantErr"], c["desc"])


class Forms(unittest.TestCase):
    def test_canonical_json_has_one_spelling(self):
        for text in ('{"a":1,"b":[true,null,"\\u001f\\n"]}', '{"\U0001f600":1,"\uf000":2}'):
            self.assertEqual(canonical(parse_canonical(text.encode())), text.encode())
        refused = ['{"a":1,"a":1}', '{"b":1,"a":1}', "1.0", "-0", "1e2", "9007199254740992", '"\\ud800"', "[1 ]", "NaN", ""]
        for text in refused:
            with self.assertRaises(Refused, msg=text):
                parse_canonical(text.encode())

    def test_base64url_has_one_spelling(self):
        text = b64url(bytes(64))
        self.assertEqual(unb64url(text, 64), bytes(64))
        for other in (text[:-1] + "B", text + "=", text.replace("A", "+", 1), text[:-1]):
            with self.assertRaises(Refused):
                unb64url(other, 64)

    def test_a_frontier_goes_on_as_the_whole_tree(self):
        leaves = [leaf_hash(str(n).encode()) for n in range(40)]
        for cut in range(len(leaves)):
            front = Range()
            for leaf in leaves[:cut]:
                front.append(leaf)
            again = Range(cut, front.hashes)
            for leaf in leaves[cut:]:
                again.append(leaf)
            self.assertEqual(again.root(), root_of(leaves))
        with self.assertRaises(Refused):
            Range(3, [leaves[0]])

    def test_a_note_names_its_signer(self):
        text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        with self.assertRaises(Refused):
            Note(text)
        with self.assertRaises(Refused):
            witness_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")


if __name__ == "__main__":
    unittest.main()
