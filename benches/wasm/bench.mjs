// A scan of a pass by the core in WebAssembly, beside the bare Ed25519 verification of this node's own cryptography on
// the same signature.
//
// WebCrypto verifies on a thread of libuv's pool and answers by a promise; a scan answers on this one. So that neither
// has more than one core, the pool has one thread (`run` sets it); so that no promise's way is counted as arithmetic,
// a batch of verifications is begun at once and awaited together. What one verification costs that is awaited by
// itself, and what the same library costs without promises (crypto.verify), stand beside it.
import { createPublicKey, verify, webcrypto } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BATCH = 25;
const ROUNDS = 200;
const WARM_UP = 20;

const [, , wasmFile, fixtureFile, reportFile] = process.argv;
if (process.env.UV_THREADPOOL_SIZE !== "1") throw new Error("UV_THREADPOOL_SIZE must be 1");
const fixture = JSON.parse(readFileSync(fixtureFile, "utf8"));
const bytes = (hex) => Buffer.from(hex, "hex");
const code = readFileSync(wasmFile);
const { instance } = await WebAssembly.instantiate(code, {});
const core = instance.exports;

function put(content) {
  const at = core.room(content.length);
  new Uint8Array(core.memory.buffer, at, content.length).set(content);
}

const utf8 = new TextEncoder();
function scan(text) {
  put(utf8.encode(text));
  return core.scan(fixture.county, fixture.now);
}

put(bytes(fixture.provision));
expect("provision", core.provision(), 0);
put(bytes(fixture.bundle));
expect("adopt", core.adopt(), 0);
expect("scan", scan(fixture.text), 0);
if (scan(fixture.text.slice(0, -3)) === 0) throw new Error("a pass that is cut off is admitted");

const [message, signature] = [bytes(fixture.message), bytes(fixture.signature)];
const raw = bytes(fixture.key);
const key = await webcrypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
const spki = Buffer.concat([bytes("302a300506032b6570032100"), raw]);
const keyObject = createPublicKey({ key: spki, format: "der", type: "spki" });
const subtle = () => webcrypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
expect("WebCrypto", await subtle(), true);
expect("crypto.verify", verify(null, message, keyObject, signature), true);

const least = { scan: Infinity, together: Infinity, alone: Infinity, plain: Infinity };
const times = Array.from({ length: BATCH });
const ways = {
  scan: () => times.forEach(() => scan(fixture.text)),
  together: () => Promise.all(times.map(subtle)),
  alone: async () => {
    for (const _ of times) await subtle();
  },
  plain: () => times.forEach(() => verify(null, message, keyObject, signature)),
};
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const [name, way] of Object.entries(ways)) {
    const begun = process.hrtime.bigint();
    await way();
    const each = Number(process.hrtime.bigint() - begun) / BATCH;
    if (round >= 0) least[name] = Math.min(least[name], each);
  }
}

const gzip = gzipSync(code, { level: 9 }).length;
console.log(`node ${process.version}, OpenSSL ${process.versions.openssl}; ${wasmFile.split("/").pop()}: ${code.length} bytes, ${gzip} by gzip`);
const rows = [
  row("scan by WASM / WebCrypto's bare verify in batches, ns", least.scan, least.together, 1.25),
  row("scan by WASM / WebCrypto's bare verify awaited one by one, ns", least.scan, least.alone),
  row("scan by WASM / crypto.verify without promises, ns", least.scan, least.plain),
  row("bytes of the scanner by gzip / 128 KiB", gzip, 128 * 1024, 1.0),
];
mkdirSync(reportFile.slice(0, reportFile.lastIndexOf("/")), { recursive: true });
writeFileSync(reportFile, `${JSON.stringify(rows, null, 2)}\n`);

function row(name, ours, baseline, most) {
  const ratio = ours / baseline;
  const goal = most === undefined ? "none" : `<= ${most.toFixed(2)}`;
  const missed = most !== undefined && ratio > most ? "  MISSED" : "";
  console.log(`${name.padEnd(62)} ${ours.toFixed(1).padStart(14)} ${baseline.toFixed(1).padStart(14)} ${ratio.toFixed(4).padStart(8)}  ${goal}${missed}`);
  return { name, ours, baseline, ratio, goal };
}

function expect(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what}: ${found}, not ${wanted}`);
}
