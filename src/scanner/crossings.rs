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

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use freightpass_core::characters::first_refused;
use freightpass_core::pass::PassNumber;

/// Crossings that tidying up keeps, the latest: five days of a road with 10,000 trucks a day.
const KEPT: usize = 50_000;
/// A file that is larger is tidied up: half as much again as the lines that are kept, of 50 bytes each.
const TIDY_BYTES: u64 = 4 << 20;
/// Nothing is appended to a larger file, and no more of one is read, from its end.
const MOST_BYTES: u64 = 8 << 20;
/// What a scanner that runs for days keeps in memory before it drops what is over, and the oldest beyond [`KEPT`].
const MOST_KNOWN: usize = 2 * KEPT;
/// A file with fewer lines is not worth tidying up for what is superseded in it.
const FEW_LINES: usize = 64;
/// No line stays longer than this after the end of its pass, if the scanner is in use: a day, in seconds.
const OVER_S: u64 = 86_400;
/// The longest name of a place (docs/FORMAT.md, div), in bytes.
const PLACE_BYTES: usize = 8;
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

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// End of the pass, seconds since 1970.
    until: u64,
    last: Crossing,
}

impl Crossings {
    /// What the scanner in `folder` remembers at the moment `t`, seconds since 1970. Where nothing can be read there is
    /// nothing.
    pub fn read(folder: &Path, t: u64, purpose: Purpose) -> Self {
        let book = Book { folder: folder.to_owned() };
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

/// The files.
#[derive(Debug)]
struct Book {
    folder: PathBuf,
}

/// Why something was not written.
enum Kept {
    ByAnother,
    Fault(io::Error),
}

impl From<io::Error> for Kept {
    fn from(error: io::Error) -> Self {
        Kept::Fault(error)
    }
}

impl From<TryLockError> for Kept {
    fn from(error: TryLockError) -> Self {
        match error {
            TryLockError::WouldBlock => Kept::ByAnother,
            TryLockError::Error(error) => Kept::Fault(error),
        }
    }
}

impl Book {
    fn append(&self, text: &str, t: u64) -> Result<(), Kept> {
        let lock = self.lock()?;
        lock.try_lock_shared()?;
        let length = self.write(text)?;
        drop(lock);
        if length > TIDY_BYTES {
            self.tidy(t)?;
        }
        Ok(())
    }

    fn append_in_turn(&self, text: &str) -> io::Result<()> {
        let lock = self.lock()?;
        lock.lock_shared()?;
        self.write(text).map(drop)
    }

    /// Appends and gives the new length; too large a file stays as it is.
    fn write(&self, text: &str) -> io::Result<u64> {
        let mut file = private().append(true).create(true).open(self.path("crossings"))?;
        let length = file.metadata()?.len();
        if length <= MOST_BYTES {
            file.write_all(text.as_bytes())?;
        }
        Ok(length + text.len() as u64)
    }

    /// Leaves out what is over, superseded or unreadable, and the oldest beyond what is kept. Where another program is
    /// at the file, that is for a later run.
    fn tidy(&self, t: u64) -> io::Result<()> {
        let lock = self.lock()?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        let mut kept: Vec<_> = self.contents().latest.into_iter().filter(|(_, entry)| entry.until > t).collect();
        kept.sort_by_key(|(number, entry)| (entry.last.at, *number));
        let lines = kept.iter().skip(kept.len().saturating_sub(KEPT)).map(|(number, entry)| entry.line(*number));
        let (beside, place) = (self.path("crossings.new"), self.path("crossings"));
        let mut file = private().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(lines.collect::<String>().as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, place)
    }

    fn bytes(&self) -> u64 {
        fs::metadata(self.path("crossings")).map_or(0, |metadata| metadata.len())
    }

    fn contents(&self) -> Contents {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(self.path("crossings")) {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            // What could be read counts, also where the file ends in a fault.
            let _ = file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)));
            let _ = file.take(MOST_BYTES).read_to_end(&mut bytes);
        }
        Contents::of(&bytes)
    }

    fn lock(&self) -> io::Result<File> {
        private().write(true).create(true).truncate(false).open(self.path("crossings.lock"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Where somebody was when is nobody else's business on this machine.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// What stands in the file.
#[derive(Debug, Default)]
struct Contents {
    latest: HashMap<PassNumber, Entry>,
    bytes: u64,
    lines: usize,
    /// When the first of the passes ends.
    first_over: Option<u64>,
}

impl Contents {
    fn of(bytes: &[u8]) -> Self {
        let mut contents = Self { bytes: bytes.len() as u64, ..Self::default() };
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            contents.lines += 1;
            let Some((number, entry)) = Entry::of(line) else { continue };
            contents.first_over = Some(contents.first_over.map_or(entry.until, |first| first.min(entry.until)));
            match contents.latest.get(&number) {
                Some(other) if other.last.at > entry.last.at => {}
                _ => drop(contents.latest.insert(number, entry)),
            }
        }
        contents
    }

    fn want_tidying(&self, t: u64) -> bool {
        let live = self.latest.values().filter(|entry| entry.until > t).count();
        self.bytes > TIDY_BYTES
            || (self.lines >= FEW_LINES && live < self.lines / 2)
            || self.first_over.is_some_and(|until| until.saturating_add(OVER_S) <= t)
    }
}

impl Entry {
    fn line(&self, number: PassNumber) -> String {
        let place = self.last.place.as_deref().filter(|place| is_place(place)).unwrap_or("-");
        format!("\n{:016x} {} {} {place} .\n", u64::from_be_bytes(number.to_bytes()), self.until, self.last.at)
    }

    /// A whole line, as [`Entry::line`] wrote it; anything else is none.
    fn of(line: &[u8]) -> Option<(PassNumber, Self)> {
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        let number = words.next().filter(|word| word.len() == 16)?;
        let number = PassNumber::from_bytes(u64::from_str_radix(number, 16).ok()?.to_be_bytes())?;
        let until = words.next()?.parse().ok()?;
        let at = words.next()?.parse().ok()?;
        let place = match words.next()? {
            "-" => None,
            place => Some(place.to_owned()).filter(|place| is_place(place)),
        };
        // No pass is admitted when it is over.
        let whole = words.next() == Some(".") && words.next().is_none() && at < until;
        whole.then_some((number, Self { until, last: Crossing { at, place } }))
    }
}

/// Whether this can be the code of a division on one line of the file and of a terminal.
fn is_place(text: &str) -> bool {
    let size = (1..=PLACE_BYTES).contains(&text.len());
    size && text != "-" && !text.contains(char::is_whitespace) && first_refused(text).is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    const NOW: u64 = 1_796_054_400;
    const DAY: u64 = 86_400;

    fn number(serial: u32) -> PassNumber {
        PassNumber::new(320_500, 2_526, serial).unwrap()
    }

    fn here(at: u64) -> Crossing {
        Crossing { at, place: Some("320583".to_owned()) }
    }

    fn on_duty(folder: &TempDir, t: u64) -> Crossings {
        Crossings::read(folder.path(), t, Purpose::Duty)
    }

    fn file(folder: &TempDir) -> PathBuf {
        folder.path().join("crossings")
    }

    #[test]
    fn what_another_lane_admits_is_taken_up_and_memory_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut two) = (on_duty(&folder, NOW), on_duty(&folder, NOW));
        one.admitted(number(1), NOW + DAY, here(NOW));
        two.admitted(number(2), NOW + DAY, here(NOW));
        assert_eq!(two.last(number(1), NOW), None);
        two.refresh(NOW);
        one.refresh(NOW);
        assert_eq!((two.last(number(1), NOW), one.last(number(2), NOW)), (Some(&here(NOW)), Some(&here(NOW))));

        let entry = |at: u64| Entry { until: NOW + DAY, last: here(at) };
        one.known =
            (0..=MOST_KNOWN as u32).map(|serial| (number(serial + 1), entry(NOW - u64::from(serial)))).collect();
        one.refresh(NOW);
        assert_eq!(one.known.len(), KEPT);
        assert!(one.last(number(1), NOW).is_some() && one.last(number(MOST_KNOWN as u32), NOW).is_none());
    }

    #[test]
    fn an_admission_is_remembered_by_the_next_run_and_by_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = on_duty(&folder, NOW);
        assert_eq!(first.last(number(1), NOW), None);
        first.admitted(number(1), NOW + DAY, here(NOW));
        first.admitted(number(2), NOW + DAY, Crossing { at: NOW + 1, place: None });
        assert_eq!(first.last(number(1), NOW), Some(&here(NOW)));
        first.end().unwrap();
        let mut second = on_duty(&folder, NOW + 9);
        assert_eq!(second.last(number(1), NOW + 9), Some(&here(NOW)));
        assert_eq!(second.last(number(2), NOW + 9), Some(&Crossing { at: NOW + 1, place: None }));
        second.admitted(number(1), NOW + DAY, here(NOW + 9));
        second.end().unwrap();
        assert_eq!(on_duty(&folder, NOW + 20).last(number(1), NOW + 20), Some(&here(NOW + 9)));
        // What is to come is not before.
        assert_eq!(on_duty(&folder, NOW + 8).last(number(1), NOW + 8), None);
    }

    #[test]
    fn a_rehearsal_sees_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut rehearsal = Crossings::read(folder.path(), NOW, Purpose::Rehearsal);
        rehearsal.admitted(number(1), NOW + DAY, here(NOW));
        assert_eq!(rehearsal.last(number(1), NOW), Some(&here(NOW)));
        rehearsal.end().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_torn_line_takes_nothing_along_wherever_it_was_cut() {
        let whole = Entry { until: NOW + DAY, last: here(NOW) }.line(number(1));
        for cut in 0..whole.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(file(&folder), &whole.as_bytes()[..cut]).unwrap();
            let mut crossings = on_duty(&folder, NOW);
            // The line lacks nothing but its end where the full stop stands.
            assert_eq!(crossings.last(number(1), NOW).is_some(), cut == whole.len() - 1, "cut at {cut}");
            crossings.admitted(number(2), NOW + DAY, here(NOW + 1));
            crossings.end().unwrap();
            assert_eq!(on_duty(&folder, NOW + 2).last(number(2), NOW + 2), Some(&here(NOW + 1)), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_over_for_a_day_leaves_the_file_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut crossings = on_duty(&folder, NOW);
        crossings.admitted(number(1), NOW + 60, here(NOW));
        crossings.admitted(number(2), NOW + 9 * DAY, here(NOW));
        crossings.end().unwrap();
        let lines = |t| {
            drop(on_duty(&folder, t));
            fs::read_to_string(file(&folder)).unwrap().split_whitespace().filter(|word| *word == ".").count()
        };
        assert_eq!(lines(NOW + 60 + DAY - 1), 2);
        assert_eq!(lines(NOW + 60 + DAY), 1);
        assert_eq!(on_duty(&folder, NOW + 2 * DAY).last(number(2), NOW + 2 * DAY), Some(&here(NOW)));
    }

    #[test]
    fn one_truck_that_comes_all_day_takes_no_more_than_a_few_lines_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        for run in 0..200 {
            let mut crossings = on_duty(&folder, NOW + run);
            crossings.admitted(number(1), NOW + DAY, here(NOW + run));
            crossings.end().unwrap();
        }
        let contents = Contents::of(&fs::read(file(&folder)).unwrap());
        assert!(contents.lines <= FEW_LINES, "{}", contents.lines);
        assert_eq!(contents.latest[&number(1)].last, here(NOW + 199));
    }

    #[test]
    fn a_file_that_grew_too_large_keeps_the_latest_and_stays_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let lines = (1..=u32::try_from(TIDY_BYTES / 40).unwrap())
            .map(|serial| Entry { until: NOW + 9 * DAY, last: here(NOW + u64::from(serial)) }.line(number(serial)));
        let lines: Vec<String> = lines.collect();
        fs::write(file(&folder), lines.concat()).unwrap();
        let t = NOW + DAY * 4;
        let mut crossings = on_duty(&folder, t);
        crossings.admitted(number(1), t + DAY, here(t));
        crossings.end().unwrap();
        let contents = Contents::of(&fs::read(file(&folder)).unwrap());
        assert_eq!(contents.lines, KEPT + 1);
        assert!(contents.bytes < TIDY_BYTES, "{}", contents.bytes);
        assert!(contents.latest.contains_key(&number(u32::try_from(lines.len()).unwrap())));
        assert!(!contents.latest.contains_key(&number(2)));
    }

    #[test]
    fn two_programs_lose_nothing_of_each_other_while_both_tidy_up() {
        let folder = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for program in 0..2_u32 {
                let folder = &folder;
                scope.spawn(move || {
                    for run in 0..100 {
                        let mut crossings = on_duty(folder, NOW);
                        // The first is superseded at once, so that there is always something to tidy up.
                        for serial in [1 + program * 1_000, 2 + program * 1_000 + run] {
                            crossings.admitted(number(serial), NOW + DAY, here(NOW));
                        }
                        Book { folder: folder.path().to_owned() }.tidy(NOW).unwrap();
                        crossings.end().unwrap();
                    }
                });
            }
        });
        let known = on_duty(&folder, NOW);
        for serial in (1..=101).chain(1_001..=1_101) {
            assert_eq!(known.last(number(serial), NOW), Some(&here(NOW)), "{serial}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_said_at_the_end_and_counts_in_this_run() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(file(&folder)).unwrap();
        let mut crossings = on_duty(&folder, NOW);
        crossings.admitted(number(1), NOW + DAY, here(NOW));
        crossings.admitted(number(2), NOW + DAY, here(NOW));
        assert_eq!(crossings.last(number(1), NOW), Some(&here(NOW)));
        crossings.end().unwrap_err();
    }

    #[test]
    fn a_place_that_is_none_is_not_told() {
        for place in ["3205 83", "320583\u{1b}", "123456789", "-", ""] {
            let entry = Entry { until: NOW + 1, last: Crossing { at: NOW, place: Some(place.to_owned()) } };
            let contents = Contents::of(entry.line(number(1)).as_bytes());
            assert_eq!(contents.latest[&number(1)].last.place, None, "{place:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_hide_a_line_that_follows_them(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let line = Entry { until: NOW + DAY, last: here(NOW) }.line(number(7));
            let contents = Contents::of(&[&noise, line.as_bytes()].concat());
            prop_assert_eq!(contents.latest.get(&number(7)).map(|entry| &entry.last), Some(&here(NOW)));
        }
    }
}
