//! Standard output, a line at a time: each line is flushed whole, and a reader that went away is no panic.

use std::fmt;
use std::io::{self, BufRead as _, IsTerminal, Write};

/// The reader of standard output has gone (`| head -n 1`). Nothing is wrong, and nothing more can be said.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the output has gone")]
pub struct ReaderGone;

/// What a shell reports of a program that SIGPIPE ended: the verdicts that nobody read must not count as admitted.
pub const READER_GONE: u8 = 141;

/// Writes one line and flushes it.
///
/// # Errors
/// [`ReaderGone`] behind anyhow when nobody reads any more; other faults of the output as they are.
pub fn line(text: impl fmt::Display) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    // In one piece: a line that is cut in half would be a half-written verdict.
    let text = format!("{text}\n");
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes bytes as they are.
///
/// # Errors
/// As [`line`].
pub fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Says something to the person at the terminal, beside the output. If nobody hears it, nothing is lost.
pub fn aside(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether a person reads the output, and wants colours (<https://no-color.org>).
pub fn in_colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn written(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(ReaderGone.into()),
        other => Ok(other?),
    }
}

/// Asks the person at the terminal, and says whether the answer is yes.
pub fn asked_yes(question: impl fmt::Display) -> anyhow::Result<bool> {
    eprint!("{question}");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是"))
}
