//! The documented file: every key with its words, its default or an example. deploy/development.toml and
//! deploy/production.toml are what is printed here, and a test holds them to it.

use std::fmt::Write;

use serde_json::Value;

use super::keys::{SECTIONS, is_section, toml};
use super::section::{Documented, Key};
use super::{Config, Mode};

/// Longest line of words.
const WIDTH: usize = 110;

/// Where a production server differs from the defaults: TOML values by key.
const PRODUCTION: [(&str, &str); 15] = [
    ("mode", "\"production\""),
    ("data_folder", "\"/var/lib/freightpass\""),
    ("reflection", "false"),
    ("public.address", "\"0.0.0.0:8440\""),
    ("public.certificate", "\"/etc/freightpass/tls/public.pem\""),
    ("public.key", "\"/etc/freightpass/tls/public.key\""),
    ("admin.address", "\"0.0.0.0:8441\""),
    ("admin.certificate", "\"/etc/freightpass/tls/admin.pem\""),
    ("admin.key", "\"/etc/freightpass/tls/admin.key\""),
    ("admin.client_ca", "\"/etc/freightpass/tls/officers-ca.pem\""),
    ("secrets.passphrase_file", "\"/etc/freightpass/secrets/passphrase\""),
    ("secrets.fields_key_file", "\"/etc/freightpass/secrets/fields.key\""),
    ("rates.check_by_number_per_minute", "60"),
    ("log.format", "\"json\""),
    ("telemetry.sampling_ratio", "0.01"),
];

/// The documented file of a server in that mode.
pub fn documented(mode: Mode) -> String {
    let (set, title): (&[_], _) = match mode {
        Mode::Development => (&[], DEVELOPMENT_TITLE),
        Mode::Production => (&PRODUCTION, PRODUCTION_TITLE),
    };
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut text = String::new();
    words(&mut text, title);
    for key in Config::KEYS.iter().filter(|key| !is_section(key.name)) {
        text.push('\n');
        line(&mut text, key, key.name, defaults.get(key.name), set);
    }
    for section in &SECTIONS {
        text.push('\n');
        words(&mut text, section.doc);
        if section.many {
            let _ = writeln!(text, "# [[{}]]", section.name);
        } else {
            let _ = writeln!(text, "[{}]", section.name);
        }
        let table = defaults.get(section.name);
        for key in section.keys {
            let default = table.and_then(|table| table.get(key.name));
            line(&mut text, key, &format!("{}.{}", section.name, key.name), default, set);
        }
    }
    text
}

const DEVELOPMENT_TITLE: &[&str] = &[
    "freightpass: every key with its default, as `freightpass config default` prints it. A key behind a # has no default \
     and shows an example. Units stand in the names.",
    ENVIRONMENT,
];

const PRODUCTION_TITLE: &[&str] = &[
    "freightpass: a production server, as `freightpass config default --mode production` prints it. A key behind a # has \
     no default and shows an example. Units stand in the names. `freightpass config check --config FILE` says what is \
     missing, what each key is worth and where that comes from.",
    ENVIRONMENT,
];

const ENVIRONMENT: &str =
    "The environment wins over this file (FREIGHTPASS__PUBLIC__ADDRESS=...), flags win over both.";

/// A key: what it means, and its value; behind a `# ` where there is none.
fn line(text: &mut String, key: &Key, name: &str, default: Option<&Value>, set: &[(&str, &str)]) {
    words(text, key.doc);
    let set = set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
    let default = default.filter(|value| !value.is_null()).map(toml);
    let _ = match (set.or(default), key.example) {
        (Some(value), _) => writeln!(text, "{} = {value}", key.name),
        (None, Some(example)) => writeln!(text, "# {} = {example}", key.name),
        (None, None) => Ok(()),
    };
}

/// Words as comments, filled up to the width.
fn words(text: &mut String, doc: &[&str]) {
    let mut written = String::new();
    for word in doc.iter().flat_map(|line| line.split_whitespace()) {
        if !written.is_empty() && written.chars().count() + word.chars().count() + 3 > WIDTH {
            let _ = writeln!(text, "# {written}");
            written.clear();
        }
        if !written.is_empty() {
            written.push(' ');
        }
        written.push_str(word);
    }
    let _ = writeln!(text, "# {written}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::sources::load;
    use crate::config::{Flags, effective, keys};

    /// The file with every example set, as an operator would uncomment it.
    fn uncommented(text: &str) -> String {
        let is_key = |line: &str| {
            let name = line.split(" = ").next().unwrap_or_default();
            line.contains(" = ") && !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(behind) if is_key(behind) || behind.starts_with("[[") => format!("{behind}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    /// The full names of the keys that a file sets.
    fn set(text: &str) -> BTreeSet<String> {
        let mut table = String::new();
        let mut found = BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with('[') {
                table = format!("{}.", line.trim_matches(['[', ']']));
            } else if let Some((key, _)) = line.split_once(" = ") {
                assert!(found.insert(format!("{table}{key}")), "{key} twice");
            }
        }
        found
    }

    #[test]
    fn the_printed_file_reads_as_the_defaults() {
        let printed = load(&documented(Mode::Development), &[], Flags::default()).unwrap();
        assert_eq!(effective(&printed), effective(&Config::default()));
        printed.check().unwrap();
    }

    #[test]
    fn every_key_stands_in_the_printed_file_and_every_example_reads() {
        for mode in [Mode::Development, Mode::Production] {
            let text = uncommented(&documented(mode));
            assert_eq!(set(&text), keys::all().into_iter().collect());
            let config = load(&text, &[], Flags::default()).unwrap();
            assert_eq!(config.mode, mode);
            assert_eq!(config.offices.len(), 1);
        }
    }

    #[test]
    fn every_difference_of_production_is_one_of_a_key() {
        let printed = set(&documented(Mode::Production));
        for (key, _) in PRODUCTION {
            assert!(printed.contains(key), "{key}");
        }
    }

    /// Where it fails: `freightpass config default > deploy/development.toml`, and the other with `--mode production`.
    #[test]
    fn the_files_of_deploy_are_what_is_printed() {
        assert_eq!(include_str!("../../deploy/development.toml"), documented(Mode::Development));
        assert_eq!(include_str!("../../deploy/production.toml"), documented(Mode::Production));
    }
}
