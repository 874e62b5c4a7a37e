//! From what is put before the scanner to texts: a text as it was typed, a picture, a folder of pictures.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::card::read::{ReadError, texts};

/// The most bytes of a picture file that are read: what is larger is no photograph of a card.
const PICTURE_BYTES: u64 = 64 << 20;

/// One thing that was put before the scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A text, as typed or as a hand-held reader sends it.
    Text(String),
    /// A file, to be read as a picture.
    Picture(PathBuf),
}

/// What a source shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The file, or none for a text.
    pub file: Option<PathBuf>,
    /// What is in it.
    pub looked: Looked,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Texts to be judged, at least one: every pass in view, or, where there is none, every other code.
    Texts {
        /// The texts.
        texts: Vec<String>,
        /// Codes in view beside the passes that are none themselves: not judged, but said.
        others: usize,
    },
    /// Nothing could be read, and why.
    Unreadable(String),
}

impl Source {
    /// What an argument of the command line means: an existing file, the files of an existing folder (by name, hidden
    /// ones and folders in it left out), or else a text.
    ///
    /// # Errors
    /// When a folder cannot be listed; when it is a device or a pipe; when the argument is plainly the name of a picture that is not there, which
    /// must not be judged as a text.
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
            return Ok(files.into_iter().map(Source::Picture).collect());
        }
        if path.is_file() {
            return Ok(vec![Source::Picture(path.to_owned())]);
        }
        // Reading a named pipe or a device might never end.
        if path.exists() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "neither a file nor a folder"));
        }
        let named_like_a_picture = path.extension().is_some_and(|extension| {
            let extension = extension.to_ascii_lowercase();
            ["png", "jpg", "jpeg", "webp", "bmp", "gif"].iter().any(|known| extension == *known)
        });
        if named_like_a_picture && !argument.starts_with("FP") && !argument.contains("://") {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such picture"));
        }
        Ok(vec![Source::Text(argument.to_owned())])
    }
}

/// Takes the texts out of a source. Nothing in it makes this fail: what cannot be read is said so.
pub fn look_at(source: &Source) -> Look {
    match source {
        Source::Text(text) => {
            Look { file: None, looked: Looked::Texts { texts: vec![bare(text).to_owned()], others: 0 } }
        }
        Source::Picture(path) => Look { file: Some(path.clone()), looked: picture(path) },
    }
}

fn picture(path: &Path) -> Looked {
    let bytes = match bytes_of(path) {
        Ok(bytes) => bytes,
        Err(error) => return Looked::Unreadable(error.to_string()),
    };
    match texts(&bytes) {
        Ok(codes) => {
            let all = codes.len();
            let (passes, others): (Vec<String>, Vec<String>) =
                codes.into_iter().map(|code| code.text).partition(|text| is_pass_like(text));
            // With a pass in view the other codes on the windscreen mean nothing; without one they are the answer.
            let texts = if passes.is_empty() { others } else { passes };
            Looked::Texts { others: all - texts.len(), texts }
        }
        Err(ReadError::Unreadable { reason }) => Looked::Unreadable(reason.to_string()),
        Err(other) => Looked::Unreadable(other.to_string()),
    }
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(PICTURE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PICTURE_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {PICTURE_BYTES} bytes")));
    }
    Ok(bytes)
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
        let looked = sources.iter().map(look_at).map(|look| look.looked);
        looked
            .flat_map(|looked| match looked {
                Looked::Texts { texts, .. } => texts,
                Looked::Unreadable(why) => panic!("{why}"),
            })
            .collect()
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
        assert_eq!(sources, ["a.png", "b.png"].map(|name| Source::Picture(folder.path().join(name))));
        assert!(matches!(look_at(&sources[0]).looked, Looked::Unreadable(_)));
    }

    #[test]
    fn later_versions_of_a_pass_are_judged_too() {
        assert!(is_pass_like("FP1:X") && is_pass_like("FP12:X"));
        assert!(!is_pass_like("FP:X") && !is_pass_like("FPX:X") && !is_pass_like("FP1"));
    }
}
