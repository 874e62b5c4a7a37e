//! Compiles `proto/` without protoc: protox reads the files, tonic-prost-build writes the Rust, and the descriptor set
//! (with comments) goes beside it for reflection and for the test that compares it with the table of roles. Fields that
//! are marked `debug_redact` are left out of Debug.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use protox::prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(proto_files(Path::new("proto/freightpass/v1"))?)?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("freightpass_descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let private = redacted(&compiler.descriptor_pool());
    tonic_prost_build::configure()
        .bytes(".")
        .skip_debug(private.iter().map(|message| format!(".{}", message.full_name())))
        .compile_fds(compiler.file_descriptor_set())?;
    fs::write(out.join("freightpass_debug.rs"), private.iter().map(debug).collect::<String>())?;

    println!("cargo:rustc-env=FREIGHTPASS_COMMIT={}", commit());
    Ok(())
}

/// The messages with a field that is marked `debug_redact`.
fn redacted(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    pool.all_messages().filter(|message| message.fields().any(|field| is_redacted(&field))).collect()
}

fn is_redacted(field: &FieldDescriptor) -> bool {
    field.options().get_field_by_name("debug_redact").and_then(|value| value.as_bool()).unwrap_or(false)
}

/// Debug for such a message: every field but those that are marked.
fn debug(message: &MessageDescriptor) -> String {
    let name = message.name();
    let shown: String = message
        .fields()
        .filter(|field| !is_redacted(field))
        .map(|field| format!(".field(\"{0}\", &self.{0})", field.name()))
        .collect();
    format!(
        "impl ::core::fmt::Debug for {name} {{
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{
                f.debug_struct(\"{name}\"){shown}.finish_non_exhaustive()
            }}
        }}\n"
    )
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
