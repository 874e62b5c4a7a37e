//! Which passes this scanner admitted before, and when and where: a second crossing is usual, and is said all the same.
//!
//! The memory is a convenience. Whatever happens to it, a scan has its verdict: what cannot be read counts as never
//! seen, what cannot be written is not remembered. It names passes by their identifiers and nobody by name or plate.
//!
//! The file `crossings` has one line a crossing, appended in one write: identifier, end of the pass, moment, place, and
//! a full stop, so that a line that was cut is none. Each line begins with a line end too: a torn one before it ends
//! there and takes nothing along. Who appends holds `crossings.lock` shared; who tidies up holds it alone, writes what
//! is still of use to `crossings.new` and renames it. A crash before the rename leaves the old file, after it the new
//! one. Nothing is synced for a crossing: a power cut may lose the last ones.

mod book;
mod contents;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use freightpass_core::pass::PassNumber;

use self::book::{Book, KEPT, Kept};
use self::contents::Entry;

/// What a scanner that runs for days keeps in memory before it drops what is over, and the oldest beyond [`KEPT`].
const MOST_KNOWN: usize = 2 * KEPT;
/// For another program to be done with tidying up, once all verdicts are out.
const PATIENCE: Duration = Duration::from_secs(1);

/// An admission of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Where the checkpoint stood, as the code of a division; none where that was not known.
    pub place: Option<String>,
}

/// Whether crossings are remembered for later runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A checkpoint at work.
    Duty,
    /// Another moment is tried out: nothing is written.
    Rehearsal,
}

/// What is remembered, with what this run has seen itself.
#[derive(Debug)]
pub struct Crossings {
    known: HashMap<PassNumber, Entry>,
    book: Option<Book>,
    /// Lines that another program's tidying up has kept out of the file so far.
    waiting: String,
    fault: Option<io::Error>,
    /// How long the file is as far as it was read or written by this run.
    bytes: u64,
}

impl Crossings {
    /// What the scanner in `folder` remembers at the moment `t`, seconds since 1970. Where nothing can be read there is
    /// nothing.
    pub fn read(folder: &Path, t: u64, purpose: Purpose) -> Self {
        let book = Book::of(folder);
        // The length first: what is added while the file is read shows as more the next time.
        let bytes = book.bytes();
        let contents = book.contents();
        let mut crossings = Self { known: HashMap::new(), book: None, waiting: String::new(), fault: None, bytes };
        if purpose == Purpose::Duty {
            if contents.want_tidying(t) {
                crossings.fault = book.tidy(t).err();
            }
            crossings.book = Some(book);
        }
        crossings.known = contents.latest;
        crossings
    }

    /// Takes up what other programs have written since, at the moment `t`: lanes beside each other share a folder. What
    /// cannot be read counts as unchanged.
    pub fn refresh(&mut self, t: u64) {
        let Some(book) = &self.book else { return };
        let bytes = book.bytes();
        if bytes != self.bytes {
            for (number, entry) in book.contents().latest {
                match self.known.get(&number) {
                    Some(own) if own.last.at >= entry.last.at => {}
                    _ => drop(self.known.insert(number, entry)),
                }
            }
            self.bytes = bytes;
        }
        if self.known.len() > MOST_KNOWN {
            self.known.retain(|_, entry| entry.until > t);
            let mut times: Vec<u64> = self.known.values().map(|entry| entry.last.at).collect();
            times.sort_unstable_by(|a, b| b.cmp(a));
            if let Some(oldest) = times.get(KEPT).copied() {
                self.known.retain(|_, entry| entry.last.at > oldest);
            }
        }
    }

    /// The last time before or at `t` that the pass was admitted.
    pub fn last(&self, number: PassNumber, t: u64) -> Option<&Crossing> {
        self.known.get(&number).map(|entry| &entry.last).filter(|last| last.at <= t)
    }

    /// Remembers that the pass, good until then, was admitted now.
    pub fn admitted(&mut self, number: PassNumber, until: u64, crossing: Crossing) {
        let entry = Entry { until, last: crossing };
        if let Some(book) = &self.book {
            self.waiting.push_str(&entry.line(number));
            match book.append(&self.waiting, entry.last.at) {
                Ok(()) => {
                    // What others wrote in between shows as a length that is not expected.
                    self.bytes += self.waiting.len() as u64;
                    self.waiting.clear();
                }
                Err(Kept::ByAnother) => {}
                Err(Kept::Fault(error)) => self.give_up(error),
            }
        }
        self.known.insert(number, entry);
    }

    /// Writes what is still waiting, and says what went wrong.
    ///
    /// # Errors
    /// The first fault of the file system. Everything that this program was asked for is done all the same.
    pub fn end(mut self) -> io::Result<()> {
        if let (Some(book), false) = (self.book.take(), self.waiting.is_empty()) {
            let (done, is_done) = mpsc::channel();
            let text = std::mem::take(&mut self.waiting);
            // Its own thread, because the lock of a program that was stopped in the middle is never given back.
            thread::spawn(move || done.send(book.append_in_turn(&text)));
            match is_done.recv_timeout(PATIENCE) {
                Ok(Err(error)) => self.give_up(error),
                Ok(Ok(())) => {}
                Err(_) => self.give_up(io::ErrorKind::TimedOut.into()),
            }
        }
        self.fault.map_or(Ok(()), Err)
    }

    fn give_up(&mut self, error: io::Error) {
        self.book = None;
        self.waiting.clear();
        self.fault.get_or_insert(error);
    }
}

#[cfg(test)]
mod tests;
