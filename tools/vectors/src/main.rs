//! Writes the vectors: `cargo run -p freightpass-vectors -- tests/vectors`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: freightpass-vectors FOLDER");
        return ExitCode::from(3);
    };
    let vectors = freightpass_vectors::files().into_iter().map(|(name, text)| (folder.join(name), text.into_bytes()));
    let deployment = freightpass_vectors::deployment::files().into_iter();
    let deployment = deployment.map(|(name, bytes)| (folder.join("deployment").join(name), bytes));
    for (path, bytes) in vectors.chain(deployment) {
        if let Err(error) = std::fs::write(&path, bytes) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(3);
        }
    }
    ExitCode::SUCCESS
}
