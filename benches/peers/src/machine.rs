//! The machine in words, and the day.

use std::process::Command;
use std::{env, fs, io, thread};

pub struct Machine {
    /// "2 cores of a shared x86_64 server (AMD EPYC), Rust 1.95.0".
    pub words: String,
    /// As the script gives it: 2026-11-25.
    pub day: String,
}

impl Machine {
    pub fn found() -> io::Result<Self> {
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let model = model.map_or("of a model that it does not name", |(_, model)| model.trim());
        let rustc = Command::new("rustc").arg("--version").output()?.stdout;
        let rustc = String::from_utf8_lossy(&rustc);
        let rust = rustc.split(' ').nth(1).unwrap_or("of an unknown version");
        let cores = thread::available_parallelism()?;
        let words = format!("{cores} cores of a shared {} server ({model}), Rust {rust}", env::consts::ARCH);
        Ok(Machine { words, day: env::var("MEASURED_ON").unwrap_or("an unknown day".into()) })
    }
}
