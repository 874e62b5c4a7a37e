//! target/report/peers.json, in the form of all benches: ours beside every peer. A size has the goal not to be beaten;
//! a time has none, since what is done in it differs (docs/BENCHMARKS.md says how).

use std::fs;

use serde_json::{Value, json};

use crate::{revocation, tokens};

/// From the folder of the repository, where the script runs this.
const FOLDER: &str = "target/report";

pub fn write(tokens: &[tokens::Row], scenes: &[revocation::Found]) -> std::io::Result<()> {
    let mut rows = Vec::new();
    let (pass, peers) = tokens.split_first().expect("our pass is the first");
    for peer in peers {
        let name = |what| format!("{what}, a pass beside {}", peer.name);
        rows.push(size(name("bytes"), pass.bytes, peer.bytes));
        rows.push(size(name("characters"), pass.characters, peer.characters));
        rows.push(size(name("modules of the QR code at Q"), pass.packed.modules, peer.packed.modules));
        if let (Some(ours), Some(theirs)) = (pass.times, peer.times) {
            rows.push(time(name("ns to sign"), ours.0, theirs.0));
            rows.push(time(name("ns to verify"), ours.1, theirs.1));
        }
    }
    for revocation::Found { scene, rows: found, .. } in scenes {
        let (ours, peers) = found.split_first().expect("our snapshot is the first");
        for peer in peers.iter().filter(|peer| !peer.is_ours()) {
            let name = |what| format!("{what}, {}, beside {}", scene.name, peer.name);
            rows.push(size(name("bytes"), ours.bytes, peer.bytes));
            rows.push(time(name("ns to encode"), ours.encode, peer.encode));
            rows.push(time(name("ns to load"), ours.load, peer.load));
            rows.push(time(name("ns to query"), ours.query, peer.query));
        }
    }
    fs::create_dir_all(FOLDER)?;
    fs::write(format!("{FOLDER}/peers.json"), format!("{:#}\n", Value::Array(rows)))
}

fn size(name: String, ours: usize, peer: usize) -> Value {
    row(name, ours as f64, peer as f64, "<= 1.00")
}

fn time(name: String, ours: f64, peer: f64) -> Value {
    row(name, ours, peer, "none")
}

fn row(name: String, ours: f64, baseline: f64, goal: &str) -> Value {
    json!({"name": name, "ours": ours, "baseline": baseline, "ratio": ours / baseline, "goal": goal})
}
