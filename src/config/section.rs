//! A section of the configuration is written once: the struct, its defaults, and the words that `config default` prints
//! above each key come from the same lines. A key without words does not compile.

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name inside its section.
    pub name: &'static str,
    /// What it means, a line of source an item.
    pub doc: &'static [&'static str],
    /// A TOML value to show where there is no default.
    pub example: Option<&'static str>,
}

/// A table of the file.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub doc: &'static [&'static str],
    /// Its keys.
    pub keys: &'static [Key],
    /// Whether there may be several: `[[name]]`.
    pub many: bool,
}

/// What has keys with words.
pub trait Documented {
    /// What it is about.
    const ABOUT: &'static [&'static str];
    /// The keys, in the order of the file.
    const KEYS: &'static [Key];
}

/// A section: `key: Type = default;` or, for a key that nothing stands for, `key: Type = None, example "TOML value";`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $kind:ty = $default:expr $(, example $example:literal)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                pub $key: $kind,
            )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $crate::config::section::Documented for $name {
            const ABOUT: &'static [&'static str] = &[$($about),+];
            const KEYS: &'static [$crate::config::section::Key] = &[
                $(
                    $crate::config::section::Key {
                        name: stringify!($key),
                        doc: &[$($doc),+],
                        example: $crate::config::section::optional!($($example)?),
                    },
                )+
            ];
        }
    };
}

/// `Some` of what is there, `None` of nothing.
macro_rules! optional {
    () => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

pub(super) use {optional, section};
