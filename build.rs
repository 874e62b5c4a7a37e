//! Compiles `proto/` without protoc: protox reads the files, tonic-prost-build writes the Rust, and the descriptor set
//! (with comments) goes beside it for reflection and for the test that compares it with the table of roles.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(proto_files(Path::new("proto/freightpass/v1"))?)?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("freightpass_descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure().bytes(".").compile_fds(compiler.file_descriptor_set())?;

    println!("cargo:rustc-env=FREIGHTPASS_COMMIT={}", commit());
    Ok(())
}

/// The commit that is built, for `--version`: what the packager says, else what git says, else `unknown`.
fn commit() -> String {
    println!("cargo:rerun-if-env-changed=FREIGHTPASS_COMMIT");
    let log = Path::new(".git/logs/HEAD");
    if log.exists() {
        println!("cargo:rerun-if-changed={}", log.display());
    }
    let asked = || {
        let run = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
        run.status.success().then(|| String::from_utf8_lossy(&run.stdout).trim().to_owned())
    };
    env::var("FREIGHTPASS_COMMIT").ok().or_else(asked).unwrap_or_else(|| "unknown".to_owned())
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
