//! docs/BENCHMARKS.md: the whole file, tables and what can be said of them.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::{revocation, tokens};

/// Versions stand in the lock file.
const LOCK: &str = include_str!("../Cargo.lock");

/// Below this share of our time a peer's is called less: nearer ones change places from run to run.
const CLEARLY: f64 = 0.95;

/// What is compared of a row.
type Figure<T> = fn(&T) -> f64;

pub fn write(machine: &Machine, tokens: &[tokens::Row], bare: &[tokens::Bare], scenes: &[revocation::Found]) -> String {
    let mut text = format!(
        "# Beside its peers\n\n\
         What other tokens and other codings of revocation need for the same, in one run. `benches/peers/run` writes \
         this file; do not edit it.\n\n\
         Measured on {} on {}, on one thread, optimised (release), while others worked on the machine. A time is the \
         least of many runs (of two where one takes over 100 ms), all rows of a table run in turn: compare times \
         within a table only.\n\n\
         ```sh\n\
         benches/peers/run           # this file and target/report/peers.json, some minutes\n\
         benches/peers/run --short   # that they compile and answer rightly; writes nothing\n\
         ```\n\n",
        machine.day, machine.words
    );
    text += &the_pass(tokens, bare);
    text += &the_state(scenes);
    text += &format!("## Libraries\n\n{}\n", libraries());
    text
}

fn the_pass(rows: &[tokens::Row], bare: &[tokens::Bare]) -> String {
    let mut text = "## A pass\n\n\
        The claims of the typical pass of [FORMAT.md](FORMAT.md): issuer, times, number, status, programme, both \
        plates, two people with Chinese names, four regions, cargo, enterprise. Ed25519 throughout.\n\n\
        | | bytes | characters | QR at M | QR at Q | at Q, packed | sign, µs | verify, µs |\n\
        |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let code = |code: tokens::Code| format!("{} ({})", code.version, code.modules);
        let [m, q] = row.usual.map(code);
        let (sign, verify) = match row.times {
            Some((sign, verify)) => (microseconds(sign), microseconds(verify)),
            None => ("".into(), "".into()),
        };
        let (name, bytes, characters, packed) = (row.name, row.bytes, row.characters, code(row.packed));
        let _ = writeln!(text, "| {name} | {bytes} | {characters} | {m} | {q} | {packed} | {sign} | {verify} |");
    }
    for row in bare {
        let sign = row.sign.map(microseconds).unwrap_or_default();
        let (name, verify) = (row.name, microseconds(row.verify));
        let _ = writeln!(text, "| bare signature: {name} | | | | | | {sign} | {verify} |");
    }
    text += "\nA QR code is given as its version and, in brackets, its modules along a side. Ours and the CWTs are \
        base45 in alphanumeric mode (RFC 9285), the others base64url in byte mode, as they are defined. \"Packed\" \
        is the alphabet that costs fewest modules: two digits a character for JWT and PASETO (as SMART Health Cards \
        do), base45 of its bytes for Biscuit.\n\n\
        **Sign**: from the claims in memory to the text, with keys and headers standing ready. Ours includes reading \
        back what it encoded. jsonwebtoken and rusty_paseto take their key anew from its bytes each time. Biscuit \
        makes a key pair for each token, since its holder may attenuate it.\n\n\
        **Verify**: from the text to the same claims in memory: the key by its name out of three, the signature, the \
        issuer against the key, the times against one given clock. Ours does more in its time: canonical form, every \
        rule of the format, and the whole verdict with revocation, scope, freshness and place. Its issuer is one \
        that the scanner has met before, for which it has laid out a table; the first 24 passes of an issuer take \
        longer by the difference of the two bare signatures. Each token is also seen to be refused when one of its \
        characters changes (every seventh is tried).\n\n\
        - *CWT, our claims by coset*: the same pass to the byte, written and read by coset and ciborium: the format \
        is a plain COSE_Sign1, and any library makes it. No canonical form is checked.\n\
        - *CWT, claims named in text*: three letters for each private claim, the enterprise's code as text.\n\
        - *JWT*: three letters for each claim, arrays for the crew, nothing that is usual written; kid of 8 bytes.\n\
        - *JWT, payload deflated*: the same as SMART Health Cards compress theirs, for its size.\n\
        - *PASETO v4.public*: the same JSON, times as RFC 3339 text as PASETO has them, the kid in its footer.\n\
        - *Biscuit*: claims as two facts, the times as a check of the token; verified, authorised, and asked for the \
        facts. Root key id of 32 bits, not sealed.\n\n\
        What a peer does better:\n\n";
    let (ours, peers) = rows.split_first().expect("our pass is the first");
    let sizes: [(&str, Figure<tokens::Row>); 3] = [
        ("bytes", |row| row.bytes as f64),
        ("characters", |row| row.characters as f64),
        ("modules at Q, packed", |row| row.packed.modules as f64),
    ];
    for (what, size) in sizes {
        text += &better(what, size(ours), peers.iter().map(|peer| (peer.name, size(peer))), 1.0);
    }
    let times: [(&str, Figure<(f64, f64)>); 2] =
        [("time to sign", |times| times.0), ("time to verify", |times| times.1)];
    for (what, time) in times {
        let mine = ours.times.as_ref().map_or(f64::NAN, time);
        let theirs = peers.iter().filter_map(|peer| Some((peer.name, time(peer.times.as_ref()?))));
        text += &better(what, mine, theirs, CLEARLY);
    }
    text + "\n"
}

fn the_state(scenes: &[revocation::Found]) -> String {
    let mut text = "## Revocation\n\n\
        Which indexes of a list are revoked. *At random* is the worst that can come. *Every second* and *in \
        blocks*: 60% come in batches of 40, as an enterprise's passes lie that are revoked together, at every \
        second index or scattered over a leased block; the rest at random. A scanner fetches and loads a list now \
        and then and asks it once for a pass, so bytes come first in the design of ours; what is better in the rest \
        stands under each table.\n\n"
        .to_owned();
    for found in scenes {
        let _ = write!(
            text,
            "**{}** ({} indexes; as many at random have an entropy of {} bytes)\n\n\
             | | bytes | of the entropy | encode, ms | load, ms | a query, ns | held, kB |\n\
             |---|---|---|---|---|---|---|\n",
            found.scene.name, found.revoked, found.entropy as u64
        );
        for row in &found.rows {
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} | {} | {} | {:.1} | {} |",
                row.name,
                row.bytes,
                row.bytes as f64 / found.entropy,
                milliseconds(row.encode),
                milliseconds(row.load),
                row.query,
                row.held / 1000,
            );
        }
        text += "\nWhat a peer does better:\n\n";
        let (ours, peers) = found.rows.split_first().expect("our snapshot is the first");
        let values: [(&str, f64, Figure<revocation::Row>); 5] = [
            ("bytes", 1.0, |row| row.bytes as f64),
            ("time to encode", CLEARLY, |row| row.encode),
            ("time to load", CLEARLY, |row| row.load),
            ("time of a query", CLEARLY, |row| row.query),
            ("memory", 1.0, |row| row.held as f64),
        ];
        for (what, below, value) in values {
            let theirs = peers.iter().filter(|peer| !peer.is_ours()).map(|peer| (peer.name, value(peer)));
            text += &better(what, value(ours), theirs, below);
        }
        text += "\n";
    }
    text + "**Encode** is from the revoked indexes in memory, ascending, to the bytes. **Load** is from the bytes \
        to what answers a query at once. **A query** is the mean over 8,192, half of them of revoked indexes, in no \
        order. **Held** is what a scanner keeps in memory for it. Before anything is timed every coding is asked \
        for every revoked index and for 200,000 others, and must be right. No row includes a signature.\n\n\
        - *freightpass*: a snapshot as [FORMAT.md](FORMAT.md), section 4, has it, with its empty set of suspended \
        indexes. Loading checks that it is the one canonical encoding, and gives two bits an index.\n\
        - *freightpass, with its state hash*: the same and the SHA-256 of the array, which adoption compares with the \
        signed manifest: the hash is of the state, so that a snapshot and a chain of deltas are checked alike, and \
        costs more than one of the compressed bytes would.\n\
        - *Token Status List*: the `lst` of the token (CWT form; base64url in a JWT is a third more). One bit tells \
        revoked from valid; two tell suspended too, as ours does and as our service publishes it.\n\
        - *bitmap, zstd level 19*: a bit for each index.\n\
        - *roaring*: the standard serialised form, runs where they are smaller; its bytes are nearly what is held.\n\
        - *64-bit hashes*: truncated SHA-256 of each revoked identifier, ascending, searched by halves. Needs no index \
        in the pass.\n\
        - *clubcard*: the filter of CRLite over this list; exact for the indexes of the list. It needs no index in the \
        pass either, and any unique name would do. It is built anew for each change; what it answers for a name \
        that is not of its universe means nothing.\n\
        - *Rice codes, fitted*: of gaps with the best parameter, or of gaps and runs with the best of each, \
        whichever is smaller; loaded into a bitmap, without a look at whether another encoder would have written \
        the same.\n\n"
}

/// A line for what peers do better, or that none does.
fn better(what: &str, ours: f64, peers: impl Iterator<Item = (&'static str, f64)>, below: f64) -> String {
    let mut better: Vec<(&str, f64)> = peers.map(|(name, theirs)| (name, theirs / ours)).collect();
    better.retain(|&(_, ratio)| ratio < below);
    better.sort_by(|a, b| a.1.total_cmp(&b.1));
    let better: Vec<String> =
        better.iter().map(|(name, ratio)| format!("{name} ({} of ours)", share(*ratio))).collect();
    match better.is_empty() {
        true => format!("- {what}: none\n"),
        false => format!("- {what}: {}\n", better.join(", ")),
    }
}

fn share(ratio: f64) -> String {
    if (0.1..0.95).contains(&ratio) { format!("{ratio:.2}") } else { format!("{ratio:.3}") }
}

fn microseconds(nanoseconds: f64) -> String {
    format!("{:.1}", nanoseconds / 1e3)
}

fn milliseconds(nanoseconds: f64) -> String {
    let milliseconds = nanoseconds / 1e6;
    let digits = match milliseconds {
        10.0.. => 0,
        0.1.. => 2,
        _ => 4,
    };
    format!("{milliseconds:.digits$}")
}

/// The peers' crates and their versions, and who signs what.
fn libraries() -> String {
    let crates = [
        "jsonwebtoken",
        "aws-lc-rs",
        "rusty_paseto",
        "biscuit-auth",
        "coset",
        "ciborium",
        "flate2",
        "zstd",
        "roaring",
        "clubcard",
    ];
    let named: Vec<String> = crates.iter().filter_map(|name| Some(format!("{name} {}", version_of(name)?))).collect();
    format!(
        "{}. JWTs are signed by aws-lc, which jsonwebtoken names first; ours and the CWTs by ed25519-dalek 3 \
         (`verify_strict`; a pass of an issuer with a table by that table, whose entries stay in the nearest cache, since \
         one signature is verified again and again), PASETO and Biscuit by its version 2.",
        named.join(", ")
    )
}

fn version_of(name: &str) -> Option<&'static str> {
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}
