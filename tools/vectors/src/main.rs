//! Writes the vectors: `cargo run -p freightpass-vectors -- tests/vectors`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: freightpass-vectors FOLDER");
        return ExitCode::from(3);
    };
    for (name, text) in freightpass_vectors::files() {
        let path = folder.join(name);
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(3);
        }
    }
    ExitCode::SUCCESS
}
