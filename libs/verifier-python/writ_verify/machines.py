"""The state machines of authority (docs/architecture.md, section 7): decisions, gates, receipts, halts, outcomes. Decisions are not derived again."""
import re
from .encoding import MAX_DOCUMENT, MAX_INTENT, Refused, b64url, canonical, embedded
from .record import ms_of, covers

VIEW_MS, CLOCK_MS, CLAIM_MS, KEEP_MS = 4_000, 5_000, 30_000, 60_000
EFFECT = {"permitted": "permit", "denied": "deny", "escalated": "gate"}
ASKERS = ("agent", "enforcement-point")
MAX_SESSION, SESSION_MS = 4096, 86_400_000
SESSION_KINDS = ("intent", "receipt-request", "outcome-report", "state-request", "preserve-request", "ack")
# What this verifier looks for, and in which families; the other one finds these and more.
JUDGED = ("decision", "approval", "authority", "outcome")
CODES = frozenset(
    f"WRIT-VER-{n}"
    for n in "111 112 113 114 116 117 118 119 121 122 123 131 132 133 134 135 136 137 141 142 151 152 153 154 155 156 157 158"
    " 161 162 163 164 191 192 193 194".split()
)


def vouched_by(session, keys):
    """What the certificate of a session key says, when it holds: signed by an identity key, and by the session key of itself."""
    certificate = embedded(session, MAX_SESSION)
    if certificate.kid not in keys:
        raise Refused("the key of the certificate is not known")
    document = certificate.open("application/vnd.writ.session-key+json", keys[certificate.kid].x)
    try:
        data = document["data"]
        x, agent, window = data["session"]["x"], data["agent"], (data["notBefore"], data["notAfter"])
        own = embedded(data["possession"], MAX_SESSION).open("application/vnd.writ.key-possession+json", x)
        role = own["data"]["role"]
        named = {n: document[n] for n in ("id", "time", "subject")}
        told = {**named, "type": "writ.key-possession.v1", "kid": own["kid"]}
        told["data"] = {"x": x, "role": role, "holder": agent, "scope": agent}
        said = {**named, "type": "writ.session-key.v1", "kid": certificate.kid, "subject": f"gov.session.{agent}"}
        said["data"] = {"session": {"kid": own["kid"], "x": x}, "agent": agent, "possession": data["possession"]}
        said["data"] |= {"notBefore": window[0], "notAfter": window[1]}
    except (KeyError, TypeError) as error:
        raise Refused("not a certificate") from error
    if own != told or document != said or own["kid"] == certificate.kid or role not in ASKERS:
        raise Refused("the session key does not say the same of itself")
    if any(len(time) != 24 for time in window) or ms_of(window[1]) - ms_of(window[0]) > SESSION_MS:
        raise Refused("more than 24 hours")
    return {**data, "role": role}


class Timeline:
    """A value and what it was a little earlier: what a writer with a view that was fresh enough may have seen."""

    def __init__(self, value):
        self.entries = [(0, -(10**15), value)]

    def now(self):
        return self.entries[-1][2]

    def set(self, seq, ms, value):
        self.entries.append((seq, ms, value))

    def fresh(self, seen, since):
        values, n = [self.now()], len(self.entries) - 1
        while n > 0 and self.entries[n][0] > seen and self.entries[n][1] >= since:
            n -= 1
            values.append(self.entries[n][2])
        return values


def glob(pattern: str, text: str, across: bool) -> bool:
    parts = re.split(r"(\*\*?)", pattern)
    star = ".*" if across else "[^/:]*"
    return re.fullmatch("".join(".*" if p == "**" else star if p == "*" else re.escape(p) for p in parts), text, re.S) is not None


def touches(tool, what) -> bool:
    return tool is None or (glob(tool["resource"], what["resource"], False) and glob(tool["operation"], what["operation"], True))


class Environment:
    def __init__(self):
        self.opened, self.halts, self.unlawful, self.revoked, self.gates = False, {}, [], set(), {}


class Machines:
    """Takes effective events in ledger order; `violations` are (sequence, code)."""

    def __init__(self, record):
        self.record, self.violations = record, []
        self.environments, self.decisions, self.receipts, self.outcomes = {}, {}, {}, {}
        self.roles, self.boundaries, self.owners = Timeline({}), Timeline({}), Timeline({})
        self.gate_documents, self.commands, self.times, self.ver = {}, set(), {}, 0

    def take(self, event):
        found = []
        handler = getattr(self, "_" + event.family)
        handler(event, lambda bad, code: found.append(f"WRIT-VER-{code}") if bad else None)
        self.violations += [(event.seq, code) for code in dict.fromkeys(found)]

    # Registry: roles, boundaries, gates
    def _registry(self, event, flaw):
        data, fact = event.data, event.type[len("writ.registry.") : -len(".v1")]
        self.ver, self.times[event.seq] = event.document["ver"], event.ms
        roles, boundaries = dict(self.roles.now()), dict(self.boundaries.now())
        person = data.get("person")
        if fact == "person-added":
            roles[person] = [(g["role"], g["scope"]) for g in data["grants"]]
        elif fact == "person-removed":
            roles.pop(person, None)
        elif fact == "role-granted" and person in roles:
            roles[person] = roles[person] + [(data["grant"]["role"], data["grant"]["scope"])]
        elif fact == "role-revoked" and person in roles:
            gone = (data["grant"]["role"], data["grant"]["scope"])
            roles[person] = [grant for grant in roles[person] if grant != gone]
        elif fact == "boundary-published":
            boundaries[data["scope"]] = (data["digest"], data["boundary"])
        elif fact == "boundary-retired":
            boundaries.pop(data["scope"], None)
        elif fact == "gate-published":
            self.gate_documents[data["digest"]] = data["gate"]
        elif fact in ("agent-registered", "owner-changed"):
            self.owners.set(event.seq, event.ms, {**self.owners.now(), data["agent"]: data["owner"]})
        self.roles.set(event.seq, event.ms, roles)
        self.boundaries.set(event.seq, event.ms, boundaries)

    def _has_role(self, event, person, role, scope):
        held = self.roles.fresh(event.document["seen"], event.ms - VIEW_MS)
        return any(r == role and covers(s, scope) for roles in held for r, s in roles.get(person, []))

    def _live(self, event, name, kind, flaw, roles, holder=None, kid=None, subject=None, digest=None, value=None):
        """An embedded live frame and its key, when the one expected signed it; else a flaw and nothing."""
        value = event.data.get(name) if value is None else value
        try:
            frame = embedded(value, MAX_INTENT if kind == "intent" else MAX_DOCUMENT)
        except Refused:
            return flaw(True, 161) or (None, None)
        payload, session = f"application/vnd.writ.{kind}+json", event.data.get("session")
        try:
            vouched = vouched_by(session, self.record.keys) if session and kind in SESSION_KINDS else None
            key = self.record.keys.get(session["kid"] if vouched else frame.kid)
            document = frame.open(payload, vouched["session"]["x"] if vouched else key.x) if key else None
        except Refused:
            return flaw(True, 161) or (None, None)
        if document is None:
            return flaw(True, 161) or (None, None)
        if vouched and (key.holder != vouched["agent"] or key.role != vouched["role"] or frame.kid in self.record.keys):
            return flaw(True, 162) or (None, None)
        if key.role not in roles or (holder and key.holder != holder) or (kid and key.kid != kid):
            return flaw(True, 162) or (None, None)
        ended = [key.ended[how] for how in ("retired", "revoked") if how in key.ended]
        counted = key.certified < event.seq and key.ended.get("distrusted", event.seq + 1) > event.seq
        counted = counted and all(self.times.get(seq, 0) >= event.ms - VIEW_MS for seq in ended)
        counted = counted and (not vouched or vouched["notBefore"] <= str(document.get("time")) < vouched["notAfter"])
        flaw(not counted, 163)
        flaw(subject is not None and document["subject"] != subject(key.holder), 164)
        flaw(digest is not None and b64url(frame.digest(payload)) != digest, 164)
        return document, key

    def _command(self, event, service, role, scope, flaw, asks, value=None):
        found = []

        def own(bad, code):
            if bad:
                found.append(code)
            flaw(bad, code)

        subject = lambda holder: f"gov.command.{service}.{self.record.org}.{holder}"
        document, key = self._live(event, "command", "command", own, ("person",), subject=subject, value=value)
        if document is None:
            return None
        own((document["id"], event.subject) in self.commands, 191)
        own(event.ms > ms_of(document["data"]["expires"]) + CLOCK_MS, 192)
        own(document["data"]["version"] > self.ver, 193)
        own(not self._has_role(event, key.holder, role, scope), 194)
        own(not asks(document["data"]["action"]), 194)
        return key.holder if not found else None

    def _use(self, event, *frames):
        self.commands.update((frame["signed"]["id"], event.subject) for frame in frames if frame)

    def _at(self, event):
        return self.environments.setdefault(event.scope, Environment())

    # One decision per intent
    def _decision(self, event, flaw):
        data, fact = event.data, event.type.split(".")[2]
        if fact not in EFFECT:
            return
        agent = data["agent"]
        intent, _ = self._live(
            event, "intent", "intent", flaw, ("agent",), agent, None, lambda _: f"gov.intent.{agent}", data["intentDigest"]
        )
        signed = intent or data["intent"]["signed"]
        known = self.decisions.get(signed["id"])
        flaw(event.document["id"] != f"{signed['id']}.decision.0" or event.document.get("agent") != agent, 142)
        flaw(known is not None, 141)
        if known is None:
            effect = EFFECT[fact]
            until = data["expires"] if effect == "permit" else signed["data"]["deadline"]
            self.decisions[signed["id"]] = (effect, event, signed, until)

    # Gates and votes
    def _approval(self, event, flaw):
        data, gates, fact = event.data, self._at(event).gates, event.type.split(".")[2]
        intent = data["intentId"]
        if fact == "gate-opened":
            return self._open_gate(event, gates, flaw)
        gate = gates.get(intent)
        if gate is None:
            return flaw(True, 151)
        decisive = fact in ("granted", "rejected", "timed-out")
        flaw(decisive and gate["result"] is not None, 156)
        flaw((gate["intentDigest"], gate["agent"]) != (data["intentDigest"], data["agent"]), 154)
        judge = getattr(self, "_gate_" + fact.replace("-", "_"), None)
        if judge:
            judge(event, gate, flaw)
        if gate["result"] is None or fact == "overridden":
            self._fold_gate(event, gate, fact)
        self._use(event, data.get("command"))

    def _open_gate(self, event, gates, flaw):
        data = event.data
        effect, decision, _, _ = self.decisions.get(data["intentId"], (None, None, None, None))
        document = self.gate_documents.get(data["gate"]["digest"])
        if effect != "gate" or document is None:
            flaw(True, 151)
        else:
            said, spec = decision.data, document["spec"]
            same = ("intentDigest", "obligedDigest", "agent")
            bound = data["decision"] == {"id": decision.document["id"], "digest": decision.digest}
            bound = bound and all(data[n] == said[n] for n in same) and data["gate"]["digest"] == said["gate"]["digest"]
            bound = bound and data["boundaryDigest"] == (said["boundary"] or {}).get("digest")
            allow = data["fallback"] == "deny" or (spec["fallback"] == "allow" and said["lowRisk"])
            ruled = data["quorum"] == spec["quorum"] and data["grantSeconds"] <= spec["grantSeconds"] and allow
            late = ms_of(data["deadline"]) > event.ms + spec["deadlineSeconds"] * 1000 + CLAIM_MS
            flaw(data["intentId"] in gates, 156)
            flaw(not bound or not ruled or late, 151)
            people, roles = spec["approvers"]["people"], spec["approvers"]["roles"]
            known = lambda p: p in people or any(self._has_role(event, p, role, data["agent"]) for role in roles)
            flaw(not all(known(person) for person in data["approvers"]), 152)
            owners = {o.get(data["agent"], "") for o in self.owners.fresh(event.document["seen"], event.ms - VIEW_MS)}
            may = all(owner in data["approvers"] and owner not in data["excluded"] for owner in owners)
            flaw(spec["excludeOwner"] and may, 152)
        gates.setdefault(data["intentId"], {**data, "votes": {}, "result": None, "frozen": None})

    def _gate_voted(self, event, gate, flaw):
        data, person = event.data, event.data["person"]
        over = event.ms > ms_of(gate["deadline"]) + CLOCK_MS
        flaw(gate["result"] is not None or gate["frozen"] is not None or over, 158)
        subject = lambda _: f"gov.vote.{self.record.org}.{person}"
        vote, _ = self._live(event, "vote", "vote", flaw, ("person",), person, None, subject, data["voteDigest"])
        flaw(person not in gate["approvers"] or person in gate["excluded"], 152)
        flaw(person in gate["votes"], 153)
        if vote:
            said, bound = vote["data"], ("intentId", "intentDigest", "boundaryDigest", "obligedDigest")
            same = all(said[n] == gate[n] for n in bound) and said["environment"] == event.scope
            flaw(not same or said["choice"] != data["choice"], 154)
            flaw(event.ms > ms_of(said["expires"]) + CLOCK_MS, 158)

    def _voters(self, gate, choice):
        return sorted(person for person, vote in gate["votes"].items() if vote == choice)

    def _gate_granted(self, event, gate, flaw):
        yes, until = self._voters(gate, "approve"), event.data["until"]
        signed = self.decisions.get(gate["intentId"], (0, 0, None, 0))[2]
        late = ms_of(until) > event.ms + gate["grantSeconds"] * 1000 + CLAIM_MS
        flaw(len(yes) < gate["quorum"] or sorted(event.data["by"]) != yes, 155)
        flaw(late or (signed is not None and until > signed["data"]["deadline"]), 155)

    def _gate_rejected(self, event, gate, flaw):
        no, may = self._voters(gate, "reject"), set(gate["approvers"]) - set(gate["excluded"])
        possible = len(self._voters(gate, "approve")) + len(may) - len(gate["votes"])
        lawful = possible < gate["quorum"] or (gate["quorum"] == 1 and no)
        flaw(not lawful or sorted(event.data["by"]) != no, 155)

    def _gate_timed_out(self, event, gate, flaw):
        data = event.data
        early = event.ms < ms_of(gate["deadline"]) - CLOCK_MS
        until = data.get("until")
        late = until is not None and ms_of(until) > event.ms + gate["grantSeconds"] * 1000 + CLAIM_MS
        flaw(early or gate["frozen"] is not None, 157)
        flaw(data["fallback"] != gate["fallback"] or (data["fallback"] == "deny" and until is not None) or late, 157)

    def _gate_overridden(self, event, gate, flaw):
        data = event.data
        want = {n: data[n] for n in ("intentId", "effect", "until")}
        asks = lambda a: a["do"] == "override" and a["environment"] == event.scope and all(a[n] == want[n] for n in want)
        person = self._command(event, "approval", "override", event.scope, flaw, asks)
        flaw(person is not None and person != data["person"], 194)

    def _gate_frozen(self, event, gate, flaw):
        flaw(event.data["remainingMs"] > ms_of(gate["deadline"]) - event.ms + CLAIM_MS, 157)

    def _gate_thawed(self, event, gate, flaw):
        latest = event.ms + (gate["frozen"] or 0) + CLAIM_MS
        flaw(gate["frozen"] is None or ms_of(event.data["deadline"]) > latest, 157)

    def _fold_gate(self, event, gate, fact):
        data = event.data
        if fact == "voted":
            gate["votes"].setdefault(data["person"], data["choice"])
        elif fact in ("stage-escalated", "thawed"):
            gate["deadline"], gate["frozen"] = data["deadline"], None if fact == "thawed" else gate["frozen"]
        elif fact == "frozen":
            gate["frozen"] = data["remainingMs"]
        else:
            force = fact == "overridden" and data["effect"] == "force"
            via = {"granted": "approval", "timed-out": "timeout-fallback", "overridden": "override"}.get(fact)
            granted = fact == "granted" or force or (fact == "timed-out" and data["fallback"] == "allow")
            people = data["by"] if fact == "granted" else [data["person"]] if force else []
            approval = {"id": event.document["id"], "digest": event.digest, "people": sorted(people)}
            gate["result"] = {"via": via, "approval": approval, "until": data.get("until") if granted else None}

    # Receipts and halts share one subject
    def _authority(self, event, flaw):
        environment, fact = self._at(event), event.type.split(".")[2]
        judge = getattr(self, "_" + fact.replace("-", "_"))
        judge(event, environment, flaw)

    def _environment_opened(self, event, environment, flaw):
        if not environment.opened:
            for halt in event.data["haltsInForce"]:
                environment.halts.setdefault(halt["id"], (halt["scope"], halt.get("tool")))
        environment.opened = True

    def _halt_engaged(self, event, environment, flaw):
        environment.halts.setdefault(event.data["halt"], (event.data["scope"], event.data.get("tool")))

    def _halt_released(self, event, environment, flaw):
        data, found = event.data, []

        def own(bad, code):
            if bad:
                found.append(code)
            flaw(bad, code)

        def asks(action):
            named = action["do"] == "release" and covers(action["scope"], data["scope"])
            return named and set(data["halts"]) <= set(action["halts"])

        signed = {self._command(event, "kill-switch", "operator", data["scope"], own, asks, f) for f in data["commands"]}
        own(not set(data["by"]) <= signed, 123)
        gone = [h for h in data["halts"] if h in environment.halts and covers(data["scope"], environment.halts[h][0])]
        if found:
            environment.unlawful += [environment.halts[halt] for halt in gone]
        else:
            environment.unlawful = [h for h in environment.unlawful if not covers(data["scope"], h[0])]
        for halt in gone:
            del environment.halts[halt]
        self._use(event, *data["commands"])

    def _permit_revoked(self, event, environment, flaw):
        data = event.data
        want = ("revoke-permit", data["agent"], data["intentId"])
        if "command" in data:
            asks = lambda a: (a["do"], a.get("agent"), a.get("intentId")) == want
            self._command(event, "kill-switch", "operator", data["agent"], flaw, asks)
        environment.revoked.add(data["intentId"])
        self._use(event, data.get("command"))

    def _receipt_withheld(self, event, environment, flaw):
        request, _ = self._live(event, "request", "receipt-request", flaw, ASKERS, subject=lambda h: f"gov.receipt.{h}")
        flaw(request is not None and request["data"]["intentId"] != event.data["intentId"], 119)

    def _receipt_issued(self, event, environment, flaw):
        data = event.data
        intent, agent, what, name = data["intentId"], data["agent"], data["what"], data["audience"]["name"]
        flaw(intent in self.receipts, 131)
        subject = lambda holder: f"gov.receipt.{holder}"
        request, key = self._live(event, "request", "receipt-request", flaw, ASKERS, name, data["audience"]["kid"], subject)
        if request:
            asked = (request["data"]["intentId"], request["data"]["agent"], request["data"]["argsDigest"])
            other = asked != (intent, agent, what["argsDigest"])
            flaw(other or event.document["id"] != f"{request['id']}.authority.0", 119)
            flaw(event.ms > ms_of(request["data"]["expires"]) + CLOCK_MS, 119)
            own = key.holder == agent if key.role == "agent" else key.holder.rsplit(".", 1)[0] == event.scope
            flaw(not own, 132)
        flaw(not environment.opened, 122)
        stopping = [*environment.halts.values(), *environment.unlawful]
        flaw(any(touches(t, what) and (covers(s, agent) or covers(s, name)) for s, t in stopping), 121)
        if intent not in self.receipts:
            self._grounds(event, environment, flaw)
            self.receipts[intent] = event

    def _grounds(self, event, environment, flaw):
        data, (effect, decision, signed, until) = event.data, self.decisions.get(event.data["intentId"], (None,) * 4)
        if effect in (None, "deny"):
            return flaw(True, 111)
        if event.ms > ms_of(until) + KEEP_MS:
            return flaw(True, 113)
        said, action = decision.data, signed["data"]["action"]
        what = {**{n: action[n] for n in ("tool", "operation", "resource")}, "obligations": said["obligations"]}
        same = data["what"] == {**what, "argsDigest": said["obligedDigest"]}
        same = same and data["who"]["decision"] == {"id": decision.document["id"], "digest": decision.digest}
        same = same and all(data[n] == said[n] for n in ("agent", "intentDigest"))
        same = same and all(data["why"][n] == said[n] for n in ("rule", "codes"))
        boundary = said["boundary"] or {"name": "", "digest": ""}
        same = same and data["why"]["boundary"] == {n: boundary[n] for n in ("name", "digest")}
        flaw(not same, 112)
        if effect == "gate":
            until = self._cover(event, environment, decision, flaw)
        else:
            until = said["expires"]
            flaw(data["who"]["via"] != "policy" or data["who"]["approval"] is not None, 116)
        if until is not None:
            last = min(until, signed["data"]["deadline"])
            flaw(event.ms > ms_of(last) + CLOCK_MS, 113)
            flaw(data["when"]["expires"] > last, 118)
        self._boundary(event, flaw)
        flaw(data["intentId"] in environment.revoked, 117)

    def _cover(self, event, environment, decision, flaw):
        who, gate = event.data["who"], environment.gates.get(event.data["intentId"])
        result = gate and gate["result"]
        bound = gate and gate["decision"] == {"id": decision.document["id"], "digest": decision.digest}
        if not result or result["until"] is None or not bound:
            return flaw(True, 116)
        named = who["approval"] and {**who["approval"], "people": sorted(who["approval"]["people"])}
        flaw(result["via"] != who["via"] or named != result["approval"], 116)
        return result["until"]

    def _boundary(self, event, flaw):
        data = event.data
        scopes = [data["agent"].rsplit(".", n)[0] for n in range(4)]
        current = lambda boundaries: next((boundaries[s] for s in scopes if s in boundaries), (None, None))
        named = lambda boundaries: current(boundaries)[0] == data["why"]["currentBoundaryDigest"]
        seen = event.document["seen"]
        fresh = [b for b in self.boundaries.fresh(seen, event.ms - VIEW_MS) if named(b)]
        if not fresh:
            return flaw(any(named(b) for b in self.boundaries.fresh(seen, -(10**15))), 114)
        lives = ms_of(data["when"]["expires"]) - ms_of(data["when"]["issued"])
        flaw(lives > current(fresh[-1])[1]["spec"].get("receiptSeconds", 1) * 1000, 118)

    # One outcome chain per receipt
    def _outcome(self, event, flaw):
        data, fact = event.data, event.type.split(".")[2]
        receipt = self.receipts.get(data["intentId"])
        if receipt is None or receipt.document["id"] != data["receipt"] or receipt.data["agent"] != data["agent"]:
            return flaw(True, 133)
        so = self.outcomes.setdefault(data["intentId"], {"facts": [], "verifiers": set()})
        spoken = {"succeeded", "failed"} & set(so["facts"]), "reconciled" in so["facts"]
        if fact in ("succeeded", "failed"):
            flaw(any(spoken), 134)
            flaw(data["reportedBy"]["name"] != receipt.data["audience"]["name"], 135)
            self._report(event, data["reportedBy"], "executor", fact, flaw)
        elif fact in ("verified", "contradicted"):
            name = data["verifiedBy"]["name"]
            own = name == receipt.data["audience"]["name"] or name.rsplit(".", 1)[0] != event.scope
            flaw(own, 135)
            flaw(name in so["verifiers"] or not any(spoken), 134)
            self._report(event, data["verifiedBy"], "verifier", None, flaw)
            so["verifiers"].add(name)
        elif fact == "unknown":
            flaw(bool(so["facts"]) or event.ms < ms_of(receipt.data["when"]["expires"]) - CLOCK_MS, 134)
        elif fact == "reconciled":
            flaw("unknown" not in so["facts"] or spoken[1], 134)
            want = (event.scope, data["intentId"], data["status"])
            asks = lambda a: a["do"] == "reconcile" and (a["environment"], a["intentId"], a["status"]) == want
            self._command(event, "receipt-ledger", "operator", event.scope, flaw, asks)
            self._use(event, data["command"])
        if fact != "unknown" or not so["facts"]:
            so["facts"].append(fact)

    def _report(self, event, by, role, status, flaw):
        subject = lambda holder: f"gov.outcome.{holder}"
        report, _ = self._live(event, "report", "outcome-report", flaw, ASKERS, by["name"], by["kid"], subject)
        if report:
            said = report["data"]
            same = all(said[n] == event.data[n] for n in ("receipt", "intentId", "agent")) and said["as"] == role
            same = same and canonical(said["effects"]) == canonical(event.data["effects"])
            same = same and (status is None or said["status"] == status)
            flaw(not same or event.document["id"] != f"{report['id']}.outcome.0", 136)
            until = ms_of(self.receipts[event.data["intentId"]].data["when"]["expires"])
            flaw(role == "executor" and ms_of(said["startedAt"]) > until + CLOCK_MS, 137)

    def _conduct(self, event, flaw):
        self._use(event, event.data.get("command"))

    def _stop(self, event, flaw):
        pass
