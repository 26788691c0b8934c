"""Base64, canonical JSON (RFC 8785, safe integers only), the signed frame, strict Ed25519. Nothing is decoded leniently."""
import base64
import hashlib
import json
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EVENT = "application/vnd.writ.event+json"
MAX_DOCUMENT, MAX_INTENT = 48 * 1024, 12 * 1024
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
ZERO = bytes(32)
# y of the points of order 1, 2, 4 and 8, in every spelling of 255 bits; the sign bit is masked away.
Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER_Y = {0, 1, PRIME - 1, PRIME, PRIME + 1, Y8, PRIME - Y8}


class Refused(Exception):
    """Something is not what it must be; the text says what, never its content."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text, length=None) -> bytes:
    if not isinstance(text, str) or not text.isascii() or "=" in text:
        raise Refused("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("not base64url") from error
    if b64url(data) != text or (length is not None and len(data) != length):
        raise Refused("not base64url in its one spelling")
    return data


def unb64(text, length=None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Refused("not base64") from error
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise Refused("not base64 in its one spelling")
    return data


def _pairs(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("a name stands twice")
    return dict(pairs)


def _no(_):
    raise Refused("a number that is not an integer")


def _sorted(value, depth):
    if depth > 32:
        raise Refused("too deep")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _sorted(value[name], depth + 1) for name in names}
    if isinstance(value, list):
        return [_sorted(item, depth + 1) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        raise Refused("an integer that is not safe")
    return value


def canonical(value) -> bytes:
    text = json.dumps(_sorted(value, 0), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused("a lone surrogate") from error


def parse_canonical(data: bytes):
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_pairs, parse_float=_no, parse_constant=_no)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if canonical(value) != data:
        raise Refused("not canonical")
    return value


def thumbprint(x: str) -> str:
    return b64url(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()))


def pae(kind: str, document: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(document), document)


def verify(x: str, message: bytes, signature: bytes) -> bool:
    """Strict Ed25519: S below the order, neither A nor R of small order (RFC 8032 and docs/architecture.md, section 3)."""
    key = unb64url(x, 32)
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    for point in (key, signature[:32]):
        if int.from_bytes(point, "little") % 2**255 in SMALL_ORDER_Y:
            return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Broken(Refused):
    """Not a frame any more, or its signature does not hold: it may have been one before somebody touched it."""


class Frame:
    """A frame taken apart by position. `document` stays bytes until `open` has verified them."""

    def __init__(self, data: bytes, limit: int = MAX_DOCUMENT):
        head = data[:157].decode("latin-1")
        if len(data) < 160 or head[:8] != '{"kid":"' or head[51:60] != '","sig":"' or head[146:] != '","signed":':
            raise Broken("not a frame")
        self.kid, self.sig, self.document = head[8:51], head[60:146], data[157:-1]
        try:
            unb64url(self.kid, 32)
            self.signature = unb64url(self.sig, 64)
        except Refused as refused:
            raise Broken("not a frame") from refused
        if data[-1:] != b"}" or len(self.document) > limit:
            raise Broken("not a frame")

    def digest(self, kind: str = EVENT) -> bytes:
        return sha256(pae(kind, self.document))

    def open(self, kind: str, x: str):
        if thumbprint(x) != self.kid or not verify(x, pae(kind, self.document), self.signature):
            raise Broken("the signature does not hold")
        document = parse_canonical(self.document)
        if not isinstance(document, dict) or document.get("kid") != self.kid:
            raise Refused("the document names another key")
        return document


def embedded(value, limit: int = MAX_DOCUMENT) -> Frame:
    """A frame that stands in a document as an object."""
    if not isinstance(value, dict) or set(value) != {"kid", "sig", "signed"}:
        raise Refused("not a frame")
    return Frame(canonical(value), limit)
