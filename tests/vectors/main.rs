//! The vectors: every file is replayed against the core, and is what the tool writes; and the libraries of others.

mod peers;
mod replay;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use freightpass_core::scan::Reason;
use freightpass_vectors::model::{Expected, File, Step};
use replay::replay;

#[test]
fn every_vector_answers_what_its_file_says() {
    let mut wrong = Vec::new();
    for (name, file) in files() {
        for case in &file.cases {
            if let Err(error) = replay(&file, case) {
                wrong.push(format!("{name}: {}: {error}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_files_are_what_the_tool_writes() {
    let written = freightpass_vectors::files();
    assert_eq!(written, freightpass_vectors::files(), "the tool gives other bytes the second time");
    let names: BTreeSet<_> = written.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, stored().into_iter().map(|(name, _)| name).collect(), "files that the tool does not know");
    for (name, text) in written {
        let stored = fs::read_to_string(folder().join(&name)).unwrap();
        assert!(stored == text, "{name} differs: cargo run -p freightpass-vectors -- tests/vectors");
    }
}

#[test]
fn the_files_of_the_deployment_are_what_the_tool_writes() {
    let written = freightpass_vectors::deployment::files();
    let folder = folder().join("deployment");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), written.len(), "files that the tool does not know");
    for (name, bytes) in written {
        let stored = fs::read(folder.join(name)).unwrap();
        assert!(stored == bytes, "{name} differs: cargo run -p freightpass-vectors -- tests/vectors");
    }
}

#[test]
fn there_are_enough_vectors_and_most_are_negative() {
    let files = files();
    let cases: Vec<_> = files.iter().flat_map(|(_, file)| &file.cases).collect();
    let negative = cases.iter().filter(|case| case.is_negative()).count();
    println!("{} vectors, {negative} of them negative, in {} files", cases.len(), files.len());
    assert!(cases.len() >= 120, "{}", cases.len());
    assert!(negative >= 80, "{negative}");
}

#[test]
fn every_reason_but_that_of_pictures_is_met() {
    let mut met = BTreeSet::new();
    for (_, file) in files() {
        for step in file.cases.into_iter().flat_map(|case| case.steps) {
            if let Step::Scan(scan) = step {
                met.extend(scan.expected.code);
            }
        }
    }
    let unmet: Vec<_> = Reason::CODES.iter().filter(|code| **code != "unreadable" && !met.contains(**code)).collect();
    assert!(unmet.is_empty(), "{unmet:?}");
    let unknown: Vec<_> = met.iter().filter(|code| !Reason::CODES.contains(&code.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_code_of_the_vectors_is_in_the_specification() {
    let specification = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/FORMAT.md")).unwrap();
    let mut codes = BTreeSet::new();
    for (_, file) in files() {
        let scanners = file.scanners.into_values().flat_map(|scanner| scanner.steps);
        for step in scanners.chain(file.cases.iter().flat_map(|case| case.steps.clone())) {
            match step {
                Step::Adopt(adopt) => codes.extend(adopt.parts.into_iter().chain([adopt.expected]).flat_map(named)),
                Step::ConfirmStart(confirm) => codes.extend(named(confirm.expected)),
                Step::Scan(scan) => codes.extend(named(scan.expected)),
                Step::Restart => {}
            }
        }
        codes.extend(file.cases.into_iter().filter_map(|case| case.decode).flat_map(|decode| named(decode.expected)));
    }
    assert!(codes.len() > 90, "{}: {codes:?}", codes.len());
    let unnamed: Vec<_> = codes.iter().filter(|code| !specification.contains(&format!("`{code}`"))).collect();
    assert!(unnamed.is_empty(), "docs/FORMAT.md does not have {unnamed:?}");
}

/// The names that an answer consists of, but for its outcome and the field, which is help for people.
fn named(expected: Expected) -> impl Iterator<Item = String> {
    [expected.code, expected.fault].into_iter().flatten()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn stored() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut files: Vec<_> = files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn files() -> Vec<(String, File)> {
    stored().into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
}
