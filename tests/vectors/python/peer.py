"""Python's libraries as peers of ours: cwt for passes, manifests and status tokens, pycose for trust lists.

Reads a JSON list of questions, writes a JSON list of answers: {"ok": ...} or {"error": ...}. Bytes are hexadecimal.
"""

import json
import sys
import zlib
from datetime import datetime, timezone

import cbor2
import cwt
import cwt.cwt
from cwt import COSE, COSEKey
from pycose.algorithms import EdDSA
from pycose.headers import KID
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage


def patch_clock(now):
    """cwt asks the machine for the time and takes no other; a test's time is its own."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(now, tz or timezone.utc)

    cwt.cwt.datetime = Clock


def cwt_key(question):
    key = {1: 1, 2: bytes.fromhex(question["kid"]), 3: -8, -1: 6, -2: bytes.fromhex(question["key"])}
    if "seed" in question:
        key[-4] = bytes.fromhex(question["seed"])
    return COSEKey.new(key)


def cwt_claims(question):
    """The claims of a CWT, with its signature and its window checked by cwt."""
    patch_clock(question["now"])
    claims = cwt.decode(bytes.fromhex(question["message"]), cwt_key(question))
    return cbor2.dumps(claims).hex()


def cwt_payload(question):
    """The payload of a COSE_Sign1, with its signature checked by cwt."""
    message = bytes.fromhex(question["message"])
    protected, unprotected, payload = COSE.new().decode_with_headers(message, cwt_key(question))
    return {"protected": {str(k): v.hex() if isinstance(v, bytes) else v for k, v in protected.items()},
            "unprotected": len(unprotected), "payload": payload.hex()}


def cwt_make(question):
    """A pass that cwt makes of claims: cbor2 writes them, cwt the headers, the structure and the signature."""
    claims = cbor2.loads(bytes.fromhex(question["claims"]))
    protected = {1: -8, 4: bytes.fromhex(question["kid"]), 16: question["typ"]}
    return COSE.new().encode_and_sign(cbor2.dumps(claims), cwt_key(question), protected, {}).hex()


def pycose_signers(question):
    """The kids of the signers whose signatures pycose calls valid under the keys given; counting is ours."""
    message = CoseMessage.decode(bytes.fromhex(question["message"]))
    keys = {bytes.fromhex(kid): bytes.fromhex(key) for kid, key in question["keys"].items()}
    valid = []
    for signer in message.signers:
        kid = signer.phdr[KID]
        if kid not in keys:
            continue
        signer.key = OKPKey(crv=Ed25519, x=keys[kid], optional_params={"ALG": EdDSA})
        if signer.verify_signature():
            valid.append(kid.hex())
    return {"valid": valid, "payload": message.payload.hex()}


def status_token(question):
    """A Token Status List: verified by cwt, inflated by zlib, read by its draft's own rule."""
    patch_clock(question["now"])
    claims = cwt.decode(bytes.fromhex(question["message"]), cwt_key(question))
    status_list = claims[65533]
    bits, array = status_list["bits"], zlib.decompress(status_list["lst"])
    per_byte = 8 // bits
    mask = (1 << bits) - 1
    values = [array[i // per_byte] >> (i % per_byte) * bits & mask for i in range(len(array) * per_byte)]
    return {"sub": claims[2], "exp": claims.get(4), "iat": claims[6], "ttl": claims.get(65534), "bits": bits,
            "inflated": array.hex(), "values": values}


ASKED = {f.__name__: f for f in (cwt_claims, cwt_payload, cwt_make, pycose_signers, status_token)}


def answer(question):
    try:
        return {"ok": ASKED[question["ask"]](question)}
    except Exception as error:  # A peer's refusal is an answer, whatever it raises.
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
