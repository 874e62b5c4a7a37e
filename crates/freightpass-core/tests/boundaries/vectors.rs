//! The vectors, replayed without the rest of the workspace.

#[path = "../../../../tests/vectors/replay.rs"]
mod replay;

use std::fs;
use std::path::Path;

use freightpass_vectors::model::File;

#[test]
fn every_vector_answers_what_its_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let (mut replayed, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: File = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in &file.cases {
            replayed += 1;
            if let Err(error) = replay::replay(&file, case) {
                wrong.push(format!("{}: {}: {error}", path.display(), case.name));
            }
        }
    }
    assert!(replayed > 500, "{replayed} vectors");
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}
