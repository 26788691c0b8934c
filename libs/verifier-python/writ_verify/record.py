"""The record: which messages are events, void or junk; keys by ledger position; chains; traces of tampering."""
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from .encoding import (
    EVENT, ZERO, Broken, Frame, Refused, b64url, canonical, embedded, parse_canonical, sha256, thumbprint, unb64url,
)

FAMILIES = ("decision", "authority", "outcome", "approval", "conduct", "stop")
GENESIS, APPOINTED = "writ.registry.organisation-founded.v1", "writ.registry.registrar-appointed.v1"
UNVERSIONED = tuple(f"writ.authority.{fact}.v1" for fact in ("halt-engaged", "halt-released", "permit-revoked"))
TOKEN = "[a-z0-9][a-z0-9-]{0,62}"
SUBJECT = re.compile(rf"gov\.ledger\.(?:(registry)\.({TOKEN})|({'|'.join(FAMILIES)})\.({TOKEN}\.{TOKEN}\.{TOKEN}))")
AGENT = re.compile(rf"{TOKEN}(\.{TOKEN}){{3}}")
WRITER = {"registry": "registrar", "outcome": "receipt-ledger", "conduct": "anomaly-detector", "stop": "kill-switch"}
SERVICE = {"root": "registry", "registrar": "registry"}
BACKWARDS_MS = 5_000


def covers(scope: str, name: str) -> bool:
    return name == scope or name.startswith(scope + ".")


def address(subject: str):
    """Family and scope of a ledger subject, or None."""
    match = SUBJECT.fullmatch(subject)
    return match and (match[1] or match[3], match[2] or match[4])


def ms_of(time: str) -> int:
    try:
        return round(datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp() * 1000)
    except (ValueError, TypeError) as error:
        raise Refused("not a time") from error


@dataclass
class Message:
    seq: int
    time: str
    subject: str
    data: bytes


@dataclass
class Key:
    kid: str
    x: str
    role: str
    holder: str
    scope: str
    certified: int
    ended: dict = field(default_factory=dict)  # 'retired' | 'revoked' -> sequence; 'distrusted' -> from

    def standing(self, seq: int) -> str:
        if self.certified >= seq:
            return "unknown"
        late = any(self.ended.get(how, seq) < seq for how in ("retired", "revoked"))
        return "void" if late or self.ended.get("distrusted", seq + 1) <= seq else "valid"


@dataclass
class Chain:
    ver: int = 0
    head: bytes = ZERO
    agents: dict = field(default_factory=dict)
    facts: set = field(default_factory=set)


@dataclass
class Event:
    seq: int
    ms: int
    subject: str
    family: str
    scope: str
    digest: str
    document: dict

    @property
    def type(self):
        return self.document["type"]

    @property
    def data(self):
        return self.document["data"]


def role_may_write(role: str, family: str, kind: str) -> bool:
    if family == "registry":
        return role == ("root" if kind == GENESIS else "registrar")
    if family == "authority":
        facts = kind in UNVERSIONED or kind.startswith("writ.authority.environment-opened.")
        return role == ("kill-switch" if facts else "receipt-ledger")
    return role == WRITER.get(family, family)


def _envelope(document) -> bool:
    if document.get("specversion") != "1.0" or not isinstance(document.get("data"), dict):
        return False
    texts = all(isinstance(document.get(n), str) and document[n] for n in ("id", "type", "source", "subject", "kid"))
    counts = all(type(document.get(n, 1)) is int and document.get(n, 1) >= 1 for n in ("ver", "agentver"))
    links = all(isinstance(document.get(n, "x"), str) for n in ("prev", "agentprev", "agent"))
    return texts and counts and links and type(document.get("seen")) is int and document["seen"] >= 0


class Record:
    """Takes messages in ledger order. `faults` are (code, sequence, reason): any of them makes the record INVALID."""

    def __init__(self, org, roots, threshold=1, complete=True, distrust=None):
        self.org, self.threshold, self.complete = org, threshold, complete
        # What the registry distrusts anywhere counts from the beginning (`distrust_in`).
        self.distrust, self.declared, self.office = distrust or {}, {}, None
        # Of a part: how many messages were not here when a subject last had a version, how many of it are here, which were bridged.
        self.here, self.gone, self.bridged = {}, {}, set()
        self.read, self.untold = 0, 0
        self.keys = {root["kid"]: Key(root["kid"], root["x"], "root", "root", org, 0) for root in roots}
        self.chains, self.suspects, self.faults = {}, {}, []
        self.founded, self.last, self.last_ms, self.genesis = False, 0, -(10**15), None
        self.junk = self.void = 0

    def fault(self, code, seq, reason):
        self.faults.append((code, seq, reason))

    def find(self, kid, org):
        key = self.keys.get(kid)
        return key if key and key.role == "root" and key.certified == 0 and key.scope == org else None

    def take(self, message: Message):
        """The effective event that a message is, or None."""
        self._position(message)
        self.missing = message.seq - 1 - self.read
        self.read += 1
        self.here[message.subject] = self.here.get(message.subject, 0) + 1
        try:
            frame = Frame(message.data)
            document = self._open(frame)
        except Refused as refused:
            self.junk += 1
            if isinstance(refused, Broken):
                self._broken(message, str(refused))
            return None
        return self._admit(message, frame, document)

    def _position(self, message):
        if self.complete and message.seq != self.last + 1:
            self.fault("WRIT-VER-102" if message.seq <= self.last else "WRIT-VER-101", message.seq, "out of sequence")
        try:
            ms = ms_of(message.time)
        except Refused:
            return self.fault("WRIT-VER-103", message.seq, "the server time cannot be read")
        if ms < self.last_ms - BACKWARDS_MS:
            self.fault("WRIT-VER-103", message.seq, "the server time runs back")
        self.last, self.last_ms = message.seq, max(ms, self.last_ms)

    def _introduced(self, frame):
        """The key that an appointment brings with it."""
        document = parse_canonical(frame.document)
        registrar = document.get("data", {}).get("registrar") if isinstance(document, dict) else None
        if isinstance(registrar, dict) and document.get("type") == APPOINTED and registrar.get("kid") == frame.kid:
            return registrar.get("x")
        raise Refused("the key is not known")

    def _open(self, frame):
        key = self.keys.get(frame.kid)
        document = frame.open(EVENT, key.x if key else self._introduced(frame))
        if not _envelope(document):
            raise Refused("not a ledger event")
        return document

    def _may_write(self, kid, message) -> bool:
        key, at = self.keys.get(kid), address(message.subject)
        if not key or not at or key.standing(message.seq) != "valid" or not covers(key.scope, at[1]):
            return False
        service = SERVICE.get(key.role, key.role)
        writers = {"registry": ["registry"], "authority": ["receipt-ledger", "kill-switch"]}
        return service in writers.get(at[0], [WRITER.get(at[0], at[0])])

    def _broken(self, message, reason):
        head = message.data[:51].decode("latin-1")
        if head.startswith('{"kid":"') and self._may_write(head[8:], message):
            self._suspect(message, "WRIT-VER-105", None, reason)

    def _suspect(self, message, code, ver, reason):
        self.suspects.setdefault(message.subject, []).append((code, message.seq, ver, reason))

    def _agree(self, document, threshold) -> bool:
        data = {name: value for name, value in document["data"].items() if name != "endorsements"}
        what, subject = b64url(sha256(canonical(data))), f"gov.ledger.registry.{self.org}"
        agreed = {document["kid"]} if self.find(document["kid"], self.org) else set()
        for value in document["data"].get("endorsements", [])[:16]:
            try:
                frame = embedded(value)
                root = self.find(frame.kid, self.org)
                said = frame.open("application/vnd.writ.root-endorsement+json", root.x) if root else {}
            except Refused:
                continue
            if said.get("subject") == subject and said.get("data") == {"org": self.org, "what": what}:
                agreed.add(frame.kid)
        return len(agreed) >= max(1, self.threshold, threshold)

    def _root_rules(self, document) -> bool:
        data = document["data"]
        if document["type"] == APPOINTED:
            registrar, ends = data.get("registrar", {}), self.keys.get(data.get("revokes"))
            own = registrar.get("kid") == document["kid"] and document["kid"] not in self.keys
            fits = registrar.get("role") == "registrar" and (data.get("revokes") is None or (ends and ends.role == "registrar"))
            here = self.genesis and (data.get("genesis"), data.get("after")) == (self.genesis.digest, self.office)
            return bool(own and fits and here) and self._agree(document, self.threshold)
        if document["type"] != GENESIS:
            # Roots and registrars come from the roots alone, and go with them alone.
            kid, key = data.get("kid"), data.get("key")
            ended = self.keys.get(kid) if document["type"].startswith("writ.registry.key-") else None
            few = ("root", "registrar")
            role = key.get("role") if isinstance(key, dict) else None
            of = {"person-added": "person", "agent-registered": "agent", "enforcement-point-registered": "enforcement-point"}
            expected = of.get(document["type"].split(".")[2], role) if document["type"].startswith("writ.registry.") else role
            return role not in few and role == expected and not (ended and ended.role in few)
        if data.get("threshold", 1) < self.threshold:
            return False
        roots = data.get("roots", [])
        pinned = all((self.find(r.get("kid"), self.org) or Key("", "", "", "", "", 0)).x == r.get("x") for r in roots)
        named = any(r.get("kid") == document["kid"] for r in roots)
        return bool(roots) and pinned and named and self._agree(document, data.get("threshold", 1))

    def _admit(self, message, frame, document):
        seq, kind, subject = message.seq, document["type"], message.subject
        key, at = self.keys.get(frame.kid), address(subject)
        if kind == APPOINTED and key is None:
            key = Key(frame.kid, document["data"]["registrar"]["x"], "registrar", "registry", self.org, 0)
        standing = key.standing(seq)
        chain = self.chains.setdefault(subject, Chain())
        fits = (
            standing != "unknown"
            and at is not None
            and document["subject"] == subject
            and kind.startswith(f"writ.{at[0]}.")
            and role_may_write(key.role, at[0], kind)
            and covers(key.scope, at[1])
            and document["source"] == f"/writ/{SERVICE.get(key.role, key.role)}"
            and ("agent" not in document or covers(at[1], document["agent"]))
        )
        if not fits or (document["seen"] < seq and not self._root_rules(document)):
            self.junk += 1
            return None
        if document["seen"] >= seq:
            self._suspect(message, "WRIT-VER-107", document.get("ver"), "it has seen what comes after it")
            return None
        if not self._placed(message, document, chain):
            self.junk += 1
            return None
        self._extend(chain, document, frame.digest(), standing == "valid")
        if "ver" in document:
            self.gone[subject] = self.missing
        if "ver" in document:
            left = [s for s in self.suspects.get(subject, []) if s[2] is not None and s[2] > document["ver"]]
            self.suspects[subject] = left
        if standing != "valid":
            self.void += 1
            return None
        event = Event(seq, self.last_ms, subject, at[0], at[1], b64url(frame.digest()), document)
        if at[0] == "registry":
            self._registry(event)
        return event

    def _placed(self, message, document, chain) -> bool:
        if document["type"] in UNVERSIONED:
            free = not any(name in document for name in ("ver", "prev", "agentver", "agentprev"))
            return free and document["id"] not in chain.facts
        ver, agent = document.get("ver"), document.get("agent")
        of = chain.agents.get(agent, (0, ZERO))
        self._bridge(message, document, chain)
        own = (ver, document.get("prev")) == (chain.ver + 1, b64url(chain.head))
        expected = (of[0] + 1, b64url(of[1])) if agent else (None, None)
        genesis = document["type"] == GENESIS
        first = genesis == (ver == 1) if document["subject"].startswith("gov.ledger.registry.") else not genesis
        if own and first and (document.get("agentver"), document.get("agentprev")) == expected:
            return True
        if message.subject in self.bridged and type(ver) is int and ver <= chain.ver:
            self.untold += 1
        elif ver is not None and ver > chain.ver:
            self._suspect(message, "WRIT-VER-104", ver, "not the next of its chain")
        return False

    def _bridge(self, message, document, chain):
        """Takes a version over from an event of a part, where messages that are not here can have had those in between."""
        ver, prev, subject = document.get("ver"), document.get("prev"), message.subject
        skipped = self.missing - self.gone.get(subject, 0)
        whole = self.complete or subject == f"gov.ledger.registry.{self.org}"
        if whole or type(ver) is not int or not isinstance(prev, str) or (ver, prev) == (chain.ver + 1, b64url(chain.head)):
            return
        if ver > chain.ver and skipped > 0 and ver - chain.ver - 1 <= skipped:
            chain.ver, chain.head = ver - 1, unb64url(prev, 32)
            self.bridged.add(subject)

    def _extend(self, chain, document, digest, effective):
        versioned, agent = "ver" in document, document.get("agent")
        chain.ver += versioned
        chain.head = sha256(chain.head + digest)
        if agent:
            ver, head = chain.agents.get(agent, (0, ZERO))
            chain.agents[agent] = (ver + versioned, sha256(head + digest))
        if not versioned and effective:
            chain.facts.add(document["id"])

    def _certify(self, certificate, seq):
        kid, x = certificate["kid"], certificate["x"]
        if kid not in self.keys and thumbprint(x) == kid and len(unb64url(x)) == 32:
            self.keys[kid] = Key(kid, x, certificate["role"], certificate["holder"], certificate["scope"], seq)
            if kid in self.distrust:
                self._distrust(kid, self.distrust[kid])

    def _end(self, how, seq, chosen):
        for key in self.keys.values():
            if chosen(key):
                key.ended.setdefault(how, seq)

    def _distrust(self, kid, position):
        key = self.keys.get(kid)
        self.declared[kid] = min(position, self.declared.get(kid, position))
        if key:
            key.ended["distrusted"] = min(position, key.ended.get("distrusted", position))

    def _registry(self, event):
        data, fact, seq = event.data, event.type[len("writ.registry.") : -len(".v1")], event.seq
        for name in ("registrar", "key"):
            if isinstance(data.get(name), dict):
                self._certify(data[name], seq)
        if event.type == GENESIS:
            self.founded, self.genesis, self.threshold = True, event, max(self.threshold, data["threshold"])
            self.office = data["registrar"]["kid"]
        elif fact == "registrar-appointed":
            self.office = data["registrar"]["kid"]
        if fact == "registrar-appointed" and data["revokes"]:
            self._end("revoked", seq, lambda key: key.kid == data["revokes"] and key.role == "registrar")
            if data["from"] is not None:
                self._distrust(data["revokes"], data["from"])
        elif fact == "key-retired":
            self._end("retired", seq, lambda key: key.kid == data["kid"])
        elif fact == "key-revoked":
            self._end("revoked", seq, lambda key: key.kid == data["kid"])
        elif fact == "key-distrusted" and self.keys[data["kid"]].role not in ("root", "registrar"):
            self._distrust(data["kid"], data["from"])
        elif fact == "person-removed":
            self._end("retired", seq, lambda key: (key.role, key.holder) == ("person", data["person"]))
        elif fact == "agent-retired":
            self._end("retired", seq, lambda key: (key.role, key.holder) == ("agent", data["agent"]))

    def finish(self, size=0):
        """`size`: how many messages the whole ledger has, where that is shown."""
        for subject, left in self.suspects.items():
            whole = self.complete or subject == f"gov.ledger.registry.{self.org}"
            most = size - self.read + self.here.get(subject, 0)
            for code, seq, ver, reason in left:
                if whole or (ver is not None and ver > most):
                    self.fault(code, seq, reason)
                    break
        if self.complete and self.last and not self.founded:
            self.fault("WRIT-VER-106", 0, "no genesis under the pinned roots")


def distrust_in(messages, org, roots, threshold):
    """What the registry distrusts, read until it settles: a distrusted key may have declared distrust itself."""
    registry, known = [m for m in messages if m.subject == f"gov.ledger.registry.{org}"], {}
    for _ in range(8):
        record = Record(org, roots, threshold, False, known)
        for message in registry:
            record.take(message)
        if record.declared == known:
            break
        known = record.declared
    return known
