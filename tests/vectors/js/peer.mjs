// JavaScript's @auth0/cose as a peer of ours: it verifies passes and manifests, and makes passes.
//
// Reads a JSON list of questions, writes a JSON list of answers: {"ok": ...} or {"error": ...}. Bytes are hexadecimal.

import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";

import { Sign1 } from "@auth0/cose";
import { Encoder } from "cbor-x";

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const url = (text) => Buffer.from(text, "hex").toString("base64url");

const publicKey = ({ key }) => createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: url(key) } });
const privateKey = ({ key, seed }) =>
  createPrivateKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: url(key), d: url(seed) } });

const asked = {
  // The payload of a COSE_Sign1 whose signature holds.
  async verify(question) {
    const message = Sign1.decode(bytes(question.message));
    await message.verify(publicKey(question), { algorithms: [-8] });
    return { payload: hex(message.payload), kid: hex(message.protectedHeaders.get(4)), typ: message.protectedHeaders.get(16) };
  },
  // A pass of claims: cbor-x writes them, the library the headers, the structure and the signature.
  async make(question) {
    const cbor = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false, useTag259ForMaps: false });
    const claims = cbor.encode(cbor.decode(bytes(question.claims)));
    const header = new Map([[1, -8], [4, bytes(question.kid)], [16, question.typ]]);
    const message = await Sign1.sign(header, new Map(), claims, privateKey(question));
    return hex(message.encode());
  },
};

const answer = async (question) => {
  try {
    return { ok: await asked[question.ask](question) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
};

const answers = [];
for (const question of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await answer(question));
}
process.stdout.write(JSON.stringify(answers));
