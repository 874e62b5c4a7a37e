//! The first inputs of a target: objects, texts and cases of tests/vectors. Nothing of them is committed a second time.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use freightpass_vectors::model::{Decode, File, Step};

/// Objects at their caps show nothing that shorter ones do not, and would be cut.
const LONGEST: usize = 8 << 10;

/// Names the folder into which a target lays its seeds before it begins.
const FOLDER: &str = "FUZZ_SEEDS";

/// Lays the seeds out when the environment asks for it.
pub fn lay_out(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        for (number, seed) in seeds().iter().filter(|seed| seed.len() <= LONGEST).enumerate() {
            fs::write(Path::new(&folder).join(format!("seed-{number:04}")), seed).expect("the folder of the seeds");
        }
    }
}

/// All vectors.
pub struct Vectors(Vec<File>);

impl Vectors {
    /// Reads tests/vectors.
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
        let mut files: Vec<_> = fs::read_dir(folder).expect("tests/vectors").flatten().map(|it| it.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let read = |path| serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("a file of vectors");
        Self(files.iter().map(read).collect())
    }

    /// Every part of that kind: `provision`, `trust`, `manifest`, `object` or `bundle`.
    pub fn parts(&self, kind: &str) -> Vec<Vec<u8>> {
        let parts = self.0.iter().flat_map(|file| &file.parts);
        let of_kind = parts.filter(|(name, _)| name.split_once('-').is_some_and(|(name, _)| name == kind));
        once(of_kind.map(|(_, hex)| bytes_of(hex)))
    }

    /// What is scanned.
    pub fn texts(&self) -> Vec<String> {
        let steps = self.0.iter().flat_map(|file| &file.cases).flat_map(|case| &case.steps);
        let texts: BTreeSet<_> = steps
            .filter_map(|step| match step {
                Step::Scan(scan) => Some(scan.text.clone()),
                _ => None,
            })
            .collect();
        texts.into_iter().collect()
    }

    /// The bytes of what is scanned, where it is canonical base45.
    pub fn passes(&self) -> Vec<Vec<u8>> {
        let body = |text: String| base45::decode(text.strip_prefix("FP1:")?).ok();
        once(self.texts().into_iter().filter_map(body))
    }

    /// The cases that decode such an object: the input and its n.
    pub fn decoded(&self, object: &str) -> Vec<(Vec<u8>, u32)> {
        let decodes = self.0.iter().flat_map(|file| &file.cases).filter_map(|case| case.decode.as_ref());
        let input = |decode: &Decode| match decode.object.as_str() {
            "pass_number" => decode.input.clone().into_bytes(),
            _ => bytes_of(&decode.input),
        };
        let of_kind = decodes.filter(|decode| decode.object == object);
        of_kind.map(|decode| (input(decode), decode.n.unwrap_or_default())).collect()
    }

    /// The objects of that kind among parts and cases.
    pub fn objects(&self, object: &str, kind: &str) -> Vec<Vec<u8>> {
        once(self.parts(kind).into_iter().chain(self.decoded(object).into_iter().map(|(input, _)| input)))
    }
}

/// Each once, the smallest first.
fn once(all: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut all: Vec<_> = all.collect::<BTreeSet<_>>().into_iter().collect();
    all.sort_by_key(Vec::len);
    all
}

/// The bytes of a hexadecimal text, in which `(N*xx)` stands for the byte xx N times (tests/vectors/README.md).
fn bytes_of(hex: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in hex.split(['(', ')']) {
        let (times, digits) = part.split_once('*').unwrap_or(("1", part));
        let pairs = digits.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
        let row: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect();
        bytes.extend(row.repeat(times.parse().expect("a number")));
    }
    bytes
}
