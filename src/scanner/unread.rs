//! Why nothing could be read, in words for the officer.

use std::io;

use crate::card::read::{PictureError, Unreadable};
use crate::messages::{self, Language};

/// A reason, by its stable code, with the values that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    code: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Unread {
    /// A reason without values.
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, values: Vec::new() }
    }

    /// The same with one value more.
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What it means.
    pub fn text(&self, language: Language) -> String {
        messages::unreadable(language, self.code, &self.values).unwrap_or_else(|| self.code.to_owned())
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::new("file").with("detail", error)
    }
}

impl From<PictureError> for Unread {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Empty => Self::new("empty"),
            PictureError::Unsupported { kind } => Self::new("unsupported").with("kind", kind),
            PictureError::Moving => Self::new("moving"),
            PictureError::NotAPicture => Self::new("no_picture"),
            PictureError::TooLarge { width, height, most } => {
                Self::new("too_large").with("width", width).with("height", height).with("most", most)
            }
            PictureError::Cut => Self::new("cut"),
            PictureError::Damaged { detail } => Self::new("damaged").with("detail", detail),
        }
    }
}

impl From<Unreadable> for Unread {
    fn from(reason: Unreadable) -> Self {
        match reason {
            Unreadable::Picture(error) => error.into(),
            Unreadable::TooSmall { width, height } => {
                Self::new("too_small").with("width", width).with("height", height)
            }
            Unreadable::Blank => Self::new("blank"),
            Unreadable::NoCode => Self::new("no_code"),
            Unreadable::Illegible => Self::new("illegible"),
            Unreadable::Crowded => Self::new("crowded"),
            Unreadable::ReaderFailed => Self::new("reader_failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_in_both_languages_and_the_english_is_that_of_the_error() {
        let damaged = PictureError::Damaged { detail: "crc".into() };
        let pictures = [
            PictureError::Empty,
            PictureError::Unsupported { kind: "GIF" },
            PictureError::Moving,
            PictureError::NotAPicture,
            PictureError::TooLarge { width: 9_000, height: 8_000, most: 64_000_000 },
            PictureError::Cut,
            damaged,
        ];
        let others = [
            Unreadable::TooSmall { width: 2_048, height: 16 },
            Unreadable::Blank,
            Unreadable::NoCode,
            Unreadable::Illegible,
            Unreadable::Crowded,
            Unreadable::ReaderFailed,
        ];
        for reason in pictures.into_iter().map(Unreadable::Picture).chain(others) {
            let english = reason.to_string();
            let told = Unread::from(reason);
            assert_eq!(told.text(Language::En), english);
            let chinese = told.text(Language::Zh);
            assert!(chinese != told.code && chinese != english && !chinese.contains('{'), "{chinese}");
        }
        for code in ["another", "huge", "long_line", "many_lines", "no_text"] {
            assert_ne!(Unread::new(code).text(Language::Zh), Unread::new(code).text(Language::En));
        }
    }
}
