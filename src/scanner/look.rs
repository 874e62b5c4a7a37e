//! From what is put before the scanner to texts: a text as it was typed, a picture, a file of texts, a folder of them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::lines::{Line, lines};
use super::unread::Unread;
use crate::card::read::{Codes, PictureError, Unreadable, texts};
use crate::messages;

/// Texts of one file that are judged: what a checkpoint sees on a long day. Each is held until the file is judged.
const TEXTS_A_FILE: usize = 10_000;
/// The most bytes of a file that are read: what is larger is no photograph of a card.
const FILE_BYTES: u64 = 64 << 20;

/// One thing that was put before the scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A text, as typed or as a hand-held reader sends it.
    Text(String),
    /// A file: a picture, or texts line by line.
    File(PathBuf),
}

/// What a source shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The file, or none for a text.
    pub file: Option<PathBuf>,
    /// What is in it, at least one.
    pub shown: Vec<Shown>,
    /// Codes in view beside the passes that are none themselves: not judged, but said.
    pub others: usize,
}

/// What is to be judged or said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A text. Of a picture: every pass in view, or, where there is none, every other code.
    Text(String),
    /// Something that could not be read, and why.
    Unreadable(Unread),
}

impl Source {
    /// What an argument of the command line means: an existing file, the files of an existing folder (by name, hidden
    /// ones and folders in it left out), or else a text.
    ///
    /// # Errors
    /// When a folder cannot be listed; when it is a device or a pipe; when the argument is plainly the name of a picture
    /// that is not there, which must not be judged as a text.
    pub fn of_argument(argument: &str) -> io::Result<Vec<Source>> {
        let path = Path::new(argument);
        if path.is_dir() {
            let mut files = Vec::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if !hidden && entry.path().is_file() {
                    files.push(entry.path());
                }
            }
            files.sort();
            return Ok(files.into_iter().map(Source::File).collect());
        }
        if path.is_file() {
            return Ok(vec![Source::File(path.to_owned())]);
        }
        // Reading a named pipe or a device might never end.
        if path.exists() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, messages::fault("neither", &[])));
        }
        let named_like_a_picture = path.extension().is_some_and(|extension| {
            let extension = extension.to_ascii_lowercase();
            ["png", "jpg", "jpeg", "webp", "bmp", "gif"].iter().any(|known| extension == *known)
        });
        if named_like_a_picture && !argument.starts_with("FP") && !argument.contains("://") {
            return Err(io::Error::new(io::ErrorKind::NotFound, messages::fault("no_such_picture", &[])));
        }
        Ok(vec![Source::Text(argument.to_owned())])
    }
}

/// Takes the texts out of a source. Nothing in it makes this fail: what cannot be read is said so.
pub fn look_at(source: &Source) -> Look {
    match source {
        Source::Text(text) => Look { file: None, shown: vec![Shown::Text(bare(text).to_owned())], others: 0 },
        Source::File(path) => {
            let (shown, others) = bytes_of(path).map_or_else(unreadable, |bytes| in_file(&bytes));
            Look { file: Some(path.clone()), shown, others }
        }
    }
}

fn in_file(bytes: &[u8]) -> (Vec<Shown>, usize) {
    match texts(bytes) {
        Ok(codes) => in_picture(codes),
        Err(Unreadable::Picture(PictureError::NotAPicture)) if is_text(bytes) => {
            let told = lines(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map(|line| match line {
                Ok(Line::Text(text)) => Shown::Text(bare(&text).to_owned()),
                Ok(Line::Unreadable(why)) => Shown::Unreadable(why),
                Err(error) => Shown::Unreadable(error.into()),
            });
            let mut told: Vec<Shown> = told.take(TEXTS_A_FILE + 1).collect();
            if told.len() > TEXTS_A_FILE {
                told.truncate(TEXTS_A_FILE);
                told.push(Shown::Unreadable(Unread::new("many_lines").with("most", TEXTS_A_FILE)));
            }
            if told.is_empty() { unreadable(PictureError::Empty) } else { (told, 0) }
        }
        Err(reason) => unreadable(reason),
    }
}

fn in_picture(codes: Codes) -> (Vec<Shown>, usize) {
    let (passes, others): (Vec<String>, Vec<String>) =
        codes.codes.into_iter().map(|code| code.text).partition(|text| is_pass_like(text));
    // With a pass in view the other codes on the windscreen mean nothing; without one they are the answer.
    let (texts, others) = if passes.is_empty() { (others, 0) } else { (passes, others.len()) };
    // A code as large as a pass that cannot be read may be one, and must not be passed over in silence.
    let unread = (0..codes.unread).map(|_| Shown::Unreadable(Unread::new("another")));
    (texts.into_iter().map(Shown::Text).chain(unread).collect(), others)
}

/// Whether a file without the beginning of a picture is text: what a program wrote has a zero in its first bytes.
fn is_text(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
    !start.contains(&0) && std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn unreadable(why: impl Into<Unread>) -> (Vec<Shown>, usize) {
    (vec![Shown::Unreadable(why.into())], 0)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Unread> {
    let file = File::open(path)?;
    let huge = || Unread::new("huge").with("most", FILE_BYTES);
    if file.metadata()?.len() > FILE_BYTES {
        return Err(huge());
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES { Err(huge()) } else { Ok(bytes) }
}

/// Whether a text is a pass of this version or of a later one: `FP`, a number, a colon.
fn is_pass_like(text: &str) -> bool {
    let number = text.strip_prefix("FP").and_then(|rest| rest.split_once(':'));
    number.is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A text without what a hand-held reader puts around it: one AIM prefix (`]`, a letter, a modifier; ISO/IEC 15424) and
/// one line end. Nothing else is forgiven.
fn bare(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    match text.as_bytes() {
        [b']', letter, modifier, ..] if letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => {
            text.get(3..).unwrap_or(text)
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts_of(argument: &str) -> Vec<String> {
        let sources = Source::of_argument(argument).unwrap();
        let shown = sources.iter().flat_map(|source| look_at(source).shown);
        let text = |shown| match shown {
            Shown::Text(text) => text,
            Shown::Unreadable(why) => panic!("{why:?}"),
        };
        shown.map(text).collect()
    }

    #[test]
    fn a_reader_may_put_its_prefix_and_line_end_around_a_text_and_nothing_else() {
        assert_eq!(texts_of("FP1:ABC"), ["FP1:ABC"]);
        assert_eq!(texts_of("]Q3FP1:ABC\r\n"), ["FP1:ABC"]);
        assert_eq!(texts_of("]Q3]Q3FP1:ABC"), ["]Q3FP1:ABC"]);
        assert_eq!(texts_of(" FP1:ABC"), [" FP1:ABC"]);
        assert_eq!(texts_of("FP1:ABC\n\n"), ["FP1:ABC\n"]);
        assert_eq!(texts_of("https://example.org/a.png"), ["https://example.org/a.png"]);
    }

    #[test]
    fn a_device_is_not_read() {
        assert_eq!(Source::of_argument("/dev/zero").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_picture_that_is_not_there_is_no_text() {
        assert_eq!(Source::of_argument("no-such-card.PNG").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_folder_is_its_files_by_name_without_the_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.png", "a.png", ".hidden"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        fs::create_dir(folder.path().join("c.png")).unwrap();
        let sources = Source::of_argument(folder.path().to_str().unwrap()).unwrap();
        assert_eq!(sources, ["a.png", "b.png"].map(|name| Source::File(folder.path().join(name))));
        assert_eq!(look_at(&sources[0]).shown, [Shown::Unreadable(PictureError::Empty.into())]);
    }

    #[test]
    fn a_file_of_texts_is_its_lines_and_one_of_other_bytes_is_no_picture() {
        let text = |text: &str| Shown::Text(text.into());
        assert_eq!(in_file(b"\xef\xbb\xbf]Q3FP1:A\r\n\r\nFP1:B"), (vec![text("FP1:A"), text("FP1:B")], 0));
        assert_eq!(in_file(b"\r\n"), unreadable(PictureError::Empty));
        assert_eq!(in_file(b"\0\x01\x02"), unreadable(PictureError::NotAPicture));
        assert_eq!(in_file(b"PK\xff\xfe"), unreadable(PictureError::NotAPicture));
    }

    #[test]
    fn a_file_of_more_texts_than_a_day_brings_is_judged_so_far_and_says_so() {
        let texts = |count| (0..count).map(|at| format!("FP1:{at}\n")).collect::<String>();
        let (all, _) = in_file(texts(TEXTS_A_FILE).as_bytes());
        assert!(all.len() == TEXTS_A_FILE && all.iter().all(|shown| matches!(shown, Shown::Text(_))));
        let (most, _) = in_file(texts(TEXTS_A_FILE + 2).as_bytes());
        assert_eq!(most.len(), TEXTS_A_FILE + 1);
        let many = Unread::new("many_lines").with("most", TEXTS_A_FILE);
        assert_eq!(most.last(), Some(&Shown::Unreadable(many)));
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.png");
        File::create(&path).unwrap().set_len(FILE_BYTES + 1).unwrap();
        let huge = Unread::new("huge").with("most", 67_108_864);
        assert_eq!(look_at(&Source::File(path)).shown, [Shown::Unreadable(huge)]);
    }

    #[test]
    fn later_versions_of_a_pass_are_judged_too() {
        assert!(is_pass_like("FP1:X") && is_pass_like("FP12:X"));
        assert!(!is_pass_like("FP:X") && !is_pass_like("FPX:X") && !is_pass_like("FP1"));
    }
}
