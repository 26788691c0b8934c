"""A bundle folder or a plain export against the trust page: what is there, and the two verdicts (docs/reference/bundle.md)."""
import json
import os
import re
from .encoding import Frame, Refused, ZERO, b64url, canonical, parse_canonical, sha256, unb64, unb64url
from .machines import CODES, Machines
from .record import AGENT, FAMILIES, Message, Record, address, distrust_in
from .tree import Note, Range, b64, consistent, included, leaf_hash, ledger_leaf, root_of, witness_key

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")


def line_of(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def read_export(data: bytes, org: str):
    """The messages of an export; every line in its one spelling, the running digest at the end."""
    lines = data.split(b"\n")
    if len(lines) < 3 or lines[-1] != b"":
        raise Refused("the export is cut off")
    try:
        head = json.loads(lines[0])
        spelled = {n: head[n] for n in ("from", "to", "messages")}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("not an export") from error
    if line_of({"writ": "ledger-export", "version": 1, "org": org, **spelled}) != lines[0]:
        raise Refused("not an export of this organisation")
    digest = sha256(ZERO + sha256(lines[0]))
    messages = []
    for line in lines[1:-2]:
        try:
            value = json.loads(line)
            parts = {n: value[n] for n in ("seq", "subject", "time", "frame")}
            message = Message(parts["seq"], parts["time"], parts["subject"], unb64url(parts["frame"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Refused("not a message") from error
        if line_of(parts) != line or type(message.seq) is not int or (messages and message.seq <= messages[-1].seq):
            raise Refused("a message is not spelled as it must be, or out of order")
        messages.append(message)
        digest = sha256(digest + sha256(line))
    if lines[-2] != line_of({"writ": "ledger-export-end", "digest": b64url(digest)}):
        raise Refused("the end line does not fit what is before it")
    ends = (messages[0].seq, messages[-1].seq) if messages else (0, 0)
    if (head["from"], head["to"], head["messages"]) != (*ends, len(messages)):
        raise Refused("the header does not fit the messages")
    return messages


def named_agent(message):
    """The agent that a message names, by its shape alone."""
    at = address(message.subject)
    try:
        document = parse_canonical(Frame(message.data).document)
    except Refused:
        return None
    agent = document.get("agent") if isinstance(document, dict) else None
    named = at and isinstance(agent, str) and AGENT.fullmatch(agent) and agent.startswith(at[1] + ".")
    return agent if named else None


class Head:
    def __init__(self):
        self.count, self.last, self.head = 0, 0, ZERO

    def add(self, message):
        self.count, self.last, self.head = self.count + 1, message.seq, sha256(self.head + ledger_leaf(message))

    def __str__(self):
        return f"{self.count} {self.last} {b64url(self.head)}"


def heads_of(messages):
    """The leaves of the heads tree by their first line."""
    single, agents = {}, {}
    for message in messages:
        agent = named_agent(message)
        single.setdefault(f"subject {message.subject}", Head()).add(message)
        if agent:
            agents.setdefault(f"agent {agent}", {}).setdefault(message.subject, Head()).add(message)
        else:
            single.setdefault(f"rest {message.subject}", Head()).add(message)
    leaves = {name: f"{name}\n{head}\n" for name, head in single.items()}
    for name, heads in agents.items():
        lines = sorted(f"{subject} {head}" for subject, head in heads.items())
        leaves[name] = name + "\n" + "".join(line + "\n" for line in lines)
    return dict(sorted(leaves.items(), key=lambda item: item[0].encode()))


class Bundle:
    def __init__(self, path, trust):
        self.trust, self.files, self.checkpoint = trust, {}, None
        if os.path.isfile(path):
            self.kind, self.query = "full", {"kind": "full"}
            with open(path, "rb") as file:
                self.messages = read_export(file.read(), trust["org"])
            self.signer = None
            return
        for name in sorted(os.listdir(path)):
            with open(os.path.join(path, name), "rb") as file:
                self.files[name] = file.read()
        self._manifest()
        self.messages = read_export(self.files["messages.ndjson"], trust["org"])
        if "checkpoint.txt" in self.files:
            self.checkpoint = note_of(self.files["checkpoint.txt"])
        self._agrees()

    def _manifest(self):
        data = self.files.pop("manifest.json", b"")
        frame = Frame(data)
        said = parse_canonical(frame.document)["data"]
        manifest = frame.open("application/vnd.writ.bundle-manifest+json", said["by"]["x"])
        self.said, self.signer = said, frame.kid
        named = manifest["subject"] == f"bundle.{self.trust['org']}" and said["by"]["kid"] == frame.kid
        if not named or manifest["type"] != "writ.bundle-manifest.v1" or said["org"] != self.trust["org"]:
            raise Refused("the manifest is of something else")
        here = {n: {"bytes": len(d), "sha256": b64url(sha256(d))} for n, d in self.files.items()}
        if here != said["files"] or not all(NAME.fullmatch(n) for n in here) or "messages.ndjson" not in here:
            raise Refused("the files are not those of the manifest")
        self.kind, self.query = said["bundle"], said["query"]
        if self.query["kind"] != self.kind:
            raise Refused("the manifest contradicts itself")

    def _agrees(self):
        note = self.checkpoint
        point = {"size": note.size, "root": b64(note.root)} if note else None
        if self.said["checkpoint"] != point or self.said["counts"] != {"messages": len(self.messages)}:
            raise Refused("the manifest does not fit its files")
        if note is None and self.kind != "full":
            raise Refused("a bundle that leaves something out rests on a checkpoint")


def note_of(data: bytes) -> Note:
    try:
        return Note(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused("not a signed note") from error


def signed_by_sealer(note, record) -> bool:
    """A key of role sealer that counts behind the checkpoint signed it; a signature of one that does not hold refuses it."""
    verdicts = [
        note.signed_by(note.origin, unb64url(key.x, 32), 1)
        for key in record.keys.values()
        if key.role == "sealer" and key.standing(note.size + 1) == "valid"
    ]
    return True in verdicts and False not in verdicts


def witnesses_of(note, trust):
    """The operators whose witnesses cosigned; raises when a cosignature of a known one does not hold."""
    operators = set()
    for entry in trust.get("witnesses", {}).get("keys", []):
        name, key = witness_key(entry["key"])
        verdict = note.signed_by(name, key, 4)
        if verdict is False:
            raise Refused("a cosignature does not hold")
        if verdict:
            operators.add(entry["operator"])
    return sorted(operators)


def audit(path, trust, outside=()):
    """The report: verdict of the record, violations of the state machines, who witnessed."""
    report = {"record": "INVALID", "authority": "UNDETERMINED", "faults": [], "violations": [], "witnesses": []}
    try:
        bundle = Bundle(path, trust)
    except (Refused, KeyError, TypeError, AttributeError, ValueError) as refused:
        report["faults"] = [["bundle", 0, str(refused)]]
        return report
    complete, threshold = bundle.kind == "full", trust.get("threshold", 1)
    distrust = distrust_in(bundle.messages, trust["org"], trust["roots"], threshold)
    record = Record(trust["org"], trust["roots"], threshold, complete, distrust)
    machines, note = Machines(record), bundle.checkpoint
    registry = f"gov.ledger.registry.{trust['org']}"
    # Of a range or a sample only the registry is judged: the rest is shown by the tree.
    judged = bundle.kind in ("full", "subject")
    for message in bundle.messages:
        event = record.take(message) if judged or message.subject == registry else None
        if event:
            try:
                machines.take(event)
            except (Refused, KeyError, TypeError, AttributeError, IndexError, ValueError):
                machines.violations.append((event.seq, "malformed"))
    record.finish(note.size if note else len(bundle.messages))
    report.update(kind=bundle.kind, messages=len(bundle.messages), junk=record.junk, void=record.void)
    seal, diverged = None, False
    try:
        check_origin(bundle, record)
        check_disclosures(bundle)
        seal = judge_seal(bundle, record, report) if note else None
        diverged = any(diverges(note_of(data), bundle, record, trust) for data in outside)
    except (Refused, KeyError, TypeError, ValueError) as refused:
        record.fault("WRIT-VER-200", 0, str(refused))
    report["faults"] = [list(fault) for fault in record.faults]
    # Where a part does not tell which of two events has counted, nobody is accused by it: a full bundle tells.
    told = complete or record.untold == 0
    report["violations"] = [list(v) for v in machines.violations if v[1] in CODES and told]
    if not record.faults:
        report["record"] = "DIVERGED" if diverged else seal or "UNANCHORED"
        if report["violations"]:
            report["authority"] = "VIOLATION"
    return report


def origin_of(record):
    return f"writ/{record.org}/{record.genesis.digest}" if record.genesis else None


def check_origin(bundle, record):
    origin = origin_of(record)
    named = [bundle.trust.get("origin", origin)]
    named += [bundle.said["origin"]] if bundle.files else []
    named += [bundle.checkpoint.origin] if bundle.checkpoint else []
    if record.genesis and any(name != origin for name in named):
        raise Refused("the origin is another ledger's")


def committed(value):
    """Every digest that stands in an `_sd` of a document."""
    if isinstance(value, dict):
        own = value.get("_sd")
        yield from own if isinstance(own, list) else ()
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from committed(item)


def check_disclosures(bundle):
    """Each disclosure opens something in the message that it names."""
    documents = {}
    for line in bundle.files.get("disclosures.ndjson", b"").splitlines():
        said = json.loads(line)
        seq, disclosure = said["seq"], said["disclosure"]
        if line_of({"seq": seq, "disclosure": disclosure}) != line:
            raise Refused("a disclosure is not spelled as it must be")
        if seq not in documents:
            found = [message for message in bundle.messages if message.seq == seq]
            documents[seq] = set(committed(parse_canonical(Frame(found[0].data).document))) if found else set()
        if b64url(sha256(disclosure.encode("ascii"))) not in documents[seq]:
            raise Refused("a disclosure opens nothing that is here")


def judge_seal(bundle, record, report):
    note, trust, messages = bundle.checkpoint, bundle.trust, bundle.messages
    if record.genesis is None:
        raise Refused("no genesis under the pinned roots")
    if not signed_by_sealer(note, record):
        raise Refused("the checkpoint is not signed by the sealer")
    if bundle.kind == "full":
        if note.size > len(messages) or root_of(map(ledger_leaf, messages[: note.size])) != note.root:
            raise Refused("the messages are not those of the checkpoint")
        leaves = [leaf_hash(text.encode()) for text in heads_of(messages[: note.size]).values()]
        if note.extension("heads") != b64(root_of(leaves)):
            raise Refused("the heads are not those of the checkpoint")
    else:
        check_asked(bundle, f"gov.ledger.registry.{trust['org']}")
        check_proofs(bundle)
        check_heads(bundle, f"gov.ledger.registry.{trust['org']}")
    report["witnesses"] = witnesses_of(note, trust)
    wanted = trust.get("witnesses", {}).get("threshold", 0)
    return "WITNESSED" if wanted and len(report["witnesses"]) >= wanted else "SEALED"


def drawn(note, count):
    """The sequences that a checkpoint draws for a sample."""
    chosen, c = [], 0
    while len(chosen) < min(count, note.size):
        index = int.from_bytes(sha256(note.root + c.to_bytes(8, "big"))[:8], "big") % note.size
        c += 1
        if index + 1 not in chosen:
            chosen.append(index + 1)
    return set(chosen)


def correlation(message):
    try:
        return parse_canonical(Frame(message.data).document).get("correlationid")
    except (Refused, AttributeError):
        return None


def check_asked(bundle, registry):
    """No message that the query does not give, and in a sample every one that was drawn."""
    query, note = bundle.query, bundle.checkpoint
    if any(message.seq > note.size for message in bundle.messages):
        raise Refused("a message beyond the checkpoint")
    others = [message for message in bundle.messages if message.subject != registry]
    if bundle.kind == "range":
        asked = lambda message: query["from"] <= message.seq <= query["to"]
    elif bundle.kind == "sample":
        chosen = drawn(note, query["count"])
        if not chosen <= {message.seq for message in bundle.messages}:
            raise Refused("a drawn message is not there")
        shared = {correlation(m) for m in bundle.messages if m.seq in chosen} - {None} if query["intents"] else set()
        asked = lambda message: message.seq in chosen or correlation(message) in shared
    else:
        return
    if not all(asked(message) for message in others):
        raise Refused("a message that was not asked for")


def count_of(value):
    """A count as JSON spells it: no fraction, no truth value."""
    if type(value) is not int or value < 0:
        raise Refused("not a count")
    return value


def check_proofs(bundle):
    note, lines = bundle.checkpoint, [json.loads(line) for line in bundle.files["proofs.ndjson"].splitlines()]
    if b"".join(line_of(line) + b"\n" for line in lines) != bundle.files["proofs.ndjson"]:
        raise Refused("a proof is not spelled as it must be")
    alone = list(bundle.messages)
    if bundle.kind == "range":
        frontier, path, lines = lines[0], lines[1], lines[2:]
        first, last = count_of(bundle.query["from"]), count_of(bundle.query["to"])
        tree = Range(first - 1, [unb64(h, 32) for h in frontier["hashes"]])
        inside = [m for m in alone if first <= m.seq <= last]
        alone = [m for m in alone if not first <= m.seq <= last]
        if [m.seq for m in inside] != list(range(first, last + 1)) or (frontier["kind"], path["kind"]) != ("frontier", "consistency"):
            raise Refused("the range is not whole")
        for message in inside:
            tree.append(ledger_leaf(message))
        if (path["from"], path["to"]) != (last, note.size) or not consistent(
            last, tree.root(), note.size, note.root, [unb64(h, 32) for h in path["hashes"]]
        ):
            raise Refused("the range is not of this ledger")
    if [line.get("seq") for line in lines] != [m.seq for m in alone]:
        raise Refused("a message has no proof")
    for message, line in zip(alone, lines):
        proof = [unb64(h, 32) for h in line["hashes"]]
        if line["kind"] != "inclusion" or not included(ledger_leaf(message), message.seq - 1, note.size, proof, note.root):
            raise Refused("a message is not in the tree")


def check_heads(bundle, registry):
    note, shown = bundle.checkpoint, json.loads(bundle.files["heads.json"])
    root, by_name, places = unb64(note.extension("heads"), 32), {}, {}
    count_of(shown["size"])
    for leaf in shown["leaves"]:
        if count_of(leaf["index"]) in places:
            raise Refused("a head stands twice")
        proof = [unb64(h, 32) for h in leaf["hashes"]]
        if not included(leaf_hash(leaf["text"].encode()), leaf["index"], shown["size"], proof, root):
            raise Refused("a head is not of this checkpoint")
        name = leaf["text"].split("\n")[0]
        by_name[name], places[leaf["index"]] = leaf["text"], name
    own = heads_of(bundle.messages)
    wanted = [f"subject {registry}"]
    if bundle.kind == "subject":
        agent = bundle.query["agent"]
        environment = agent.rsplit(".", 1)[0]
        wanted += [f"agent {agent}"] + [f"rest gov.ledger.{family}.{environment}" for family in FAMILIES]
        for message in bundle.messages:
            named, at = named_agent(message), address(message.subject)
            asked = message.subject == registry or named == agent or (named is None and at and at[1] == environment)
            if not asked:
                raise Refused("a message that was not asked for")
    for name in wanted:
        if by_name.get(name) != own.get(name) or (name not in by_name and not absent(name, places, shown["size"])):
            raise Refused("what is shown is not all there is")


def absent(name, places, size) -> bool:
    """Whether neighbouring leaves leave no room for a name."""
    key = name.encode()
    for index, left in places.items():
        right = places.get(index + 1)
        if left.encode() < key and (index == size - 1 or (right is not None and key < right.encode())):
            return True
        if index == 0 and key < left.encode():
            return True
    return size == 0


def diverges(note, bundle, record, trust) -> bool:
    """Whether a checkpoint from elsewhere, validly signed for this origin, does not fit these messages."""
    signed = signed_by_sealer(note, record) or bool(witnesses_of(note, trust))
    if note.origin != origin_of(record) or not signed:
        return False
    own = bundle.checkpoint
    if own and own.size == note.size and own.text != note.text:
        return True
    if bundle.kind != "full":
        return False
    return note.size > len(bundle.messages) or root_of(map(ledger_leaf, bundle.messages[: note.size])) != note.root
