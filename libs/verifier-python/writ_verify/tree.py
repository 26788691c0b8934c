"""The Merkle tree of RFC 6962, its proofs (RFC 9162), and the C2SP signed note."""
import base64
import re
from .encoding import Refused, b64url, sha256, unb64, verify

EMPTY = sha256(b"")


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right)


def ledger_leaf(message) -> bytes:
    return leaf_hash(f"{message.seq}\n{message.time}\n{message.subject}\n{b64url(sha256(message.data))}\n".encode())


class Range:
    """The roots of the full subtrees from the left: enough to append and to tell the root."""

    def __init__(self, size=0, hashes=()):
        self.size, self.hashes = size, list(hashes)
        if bin(size).count("1") != len(self.hashes):
            raise Refused("not the frontier of a tree of this size")

    def append(self, leaf: bytes):
        index = self.size
        while index % 2:
            leaf, index = node(self.hashes.pop(), leaf), index // 2
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node(left, root)
        return root


def root_of(leaves) -> bytes:
    tree = Range()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def included(leaf: bytes, index: int, size: int, proof, root: bytes) -> bool:
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            leaf = node(sibling, leaf)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            leaf = node(leaf, sibling)
        at, last = at // 2, last // 2
    return last == 0 and leaf == root


def consistent(size: int, first: bytes, to: int, second: bytes, proof) -> bool:
    if not 0 < size <= to:
        return False
    if size == to:
        return not proof and first == second
    path = ([first] if size & (size - 1) == 0 else []) + list(proof)
    if not proof or not path:
        return False
    at, last = size - 1, to - 1
    while at % 2:
        at, last = at // 2, last // 2
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            before, after = node(sibling, before), node(sibling, after)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            after = node(after, sibling)
        at, last = at // 2, last // 2
    return last == 0 and before == first and after == second


SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class Note:
    """A checkpoint as a signed note, taken apart; `signers` verifies."""

    def __init__(self, note: str):
        end = note.rfind("\n\n")
        if end < 0 or not note.endswith("\n") or len(note) > 65536 or re.search("[\0-\x09\x0b-\x1f]", note):
            raise Refused("not a signed note")
        self.text, self.signatures = note[: end + 1], []
        for line in note[end + 2 : -1].split("\n"):
            match = SIGNATURE.fullmatch(line)
            if not match:
                raise Refused("not a signed note")
            self.signatures.append((match[1], unb64(match[2])))
        lines = self.text[:-1].split("\n")
        if len(lines) < 3 or "" in lines or not re.fullmatch("0|[1-9][0-9]{0,15}", lines[1]):
            raise Refused("not a checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unb64(lines[2], 32)
        self.extensions = lines[3:]

    def extension(self, name: str):
        found = [line[len(name) + 1 :] for line in self.extensions if line.startswith(name + " ")]
        return found[0] if len(found) == 1 else None

    def signed_by(self, name: str, x_bytes: bytes, kind: int):
        """None: not signed with this key. False: signed, and it does not hold. True: it holds."""
        key_id = sha256(name.encode() + b"\n" + bytes([kind]) + x_bytes)[:4]
        verdict = None
        for signer, data in self.signatures:
            if signer != name or data[:4] != key_id:
                continue
            signature, text = data[4:], self.text
            if kind == 4:
                text = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
                signature = signature[8:]
            if not verify(b64url(x_bytes), text.encode(), signature):
                return False
            verdict = True
        return verdict


def witness_key(text: str):
    """Name and 32 bytes of a C2SP verifier key of a witness (type 04)."""
    name, key_id, material = (text.split("+", 2) + ["", ""])[:3]
    data = unb64(material, 33)
    if data[0] != 4 or sha256(name.encode() + b"\n" + data)[:4].hex() != key_id:
        raise Refused("not the verifier key of a witness")
    return name, data[1:]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
