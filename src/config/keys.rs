//! Every key by its name: which there are, which is meant by a wrong one, what each is worth.

use serde_json::Value;

use super::section::{Documented, Section};
use super::{
    AdminListener, Backup, Config, Limits, Log, Office, PublicListener, Publish, Rates, Redis, Secrets, Telemetry,
};

/// The tables of the file, in their order. The keys outside of any table are those of [`Config`] that name none.
pub const SECTIONS: [Section; 11] = [
    section::<PublicListener>("public"),
    section::<AdminListener>("admin"),
    section::<Secrets>("secrets"),
    section::<Backup>("backup"),
    section::<Publish>("publish"),
    section::<Redis>("redis"),
    section::<Rates>("rates"),
    section::<Limits>("limits"),
    section::<Log>("log"),
    section::<Telemetry>("telemetry"),
    Section { many: true, ..section::<Office>("offices") },
];

const fn section<T: Documented>(name: &'static str) -> Section {
    Section { name, doc: T::ABOUT, keys: T::KEYS, many: false }
}

/// The full name of every key: `mode`, `public.address`, `offices.code`.
pub fn all() -> Vec<String> {
    let outside = Config::KEYS.iter().map(|key| key.name).filter(|name| !is_section(name)).map(str::to_owned);
    let inside = SECTIONS.iter().flat_map(|section| {
        let key = move |key: &super::Key| format!("{}.{}", section.name, key.name);
        section.keys.iter().map(key)
    });
    outside.chain(inside).collect()
}

/// Whether a table has this name.
pub fn is_section(name: &str) -> bool {
    SECTIONS.iter().any(|section| section.name == name)
}

/// The known key that is most like a wrong one: its whole name, or its last part in the wrong table.
pub fn nearest(wrong: &str) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let mut known = all();
    // The wrong table is as far as one wrong letter.
    known.sort_by_cached_key(|key| distance(key, wrong).min(1 + distance(&last(key), &last(wrong))));
    known.into_iter().next().unwrap_or_default()
}

/// Every key with its value in TOML, `(none)` where nothing stands for it; secrets are hidden.
pub fn effective(config: &Config) -> Vec<(String, String)> {
    let tree = serde_json::to_value(config).unwrap_or_default();
    let mut values = Vec::new();
    for key in all().iter().filter(|key| !key.starts_with("offices.")) {
        let found = key.split('.').try_fold(&tree, |tree, part| tree.get(part));
        values.push((key.clone(), found.map_or_else(|| "(none)".to_owned(), toml)));
    }
    for (at, office) in config.offices.iter().enumerate() {
        values.push((format!("offices[{at}]"), format!("code {:?}, division {:?}", office.code, office.division)));
    }
    values
}

/// A value as it stands in the file: what JSON says of texts, numbers and truth, TOML says too.
pub fn toml(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        value => value.to_string(),
    }
}

/// Letters to put in, leave out, change or swap (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let differ = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + differ);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::*;

    #[test]
    fn every_key_that_is_read_has_words_and_no_other_has() {
        let config = Config { offices: vec![Office::default()], ..Config::default() };
        let Value::Object(tree) = serde_json::to_value(config).unwrap() else { panic!("no table") };
        let mut read = BTreeSet::new();
        for (name, value) in tree {
            let table = value.as_array().map_or(&value, |many| &many[0]);
            match table.as_object() {
                None => assert!(read.insert(name)),
                Some(table) => read.extend(table.keys().map(|key| format!("{name}.{key}"))),
            }
        }
        assert_eq!(read, all().into_iter().collect());
        let words = |doc: &[&str]| doc.iter().any(|line| line.trim().len() > 10);
        for section in &SECTIONS {
            assert!(words(section.doc), "{}", section.name);
            for key in section.keys {
                assert!(words(key.doc), "{}.{}", section.name, key.name);
            }
        }
        for key in Config::KEYS {
            assert!(words(key.doc), "{}", key.name);
        }
    }

    #[rstest]
    #[case("public.adress", "public.address")]
    #[case("limits.handshake_timeout_s", "limits.handshake_timeout_ms")]
    #[case("tick_s", "publish.tick_s")]
    #[case("log.drain_deadline_s", "drain_deadline_s")]
    #[case("profil", "profile")]
    #[case("offices.name", "offices.code")]
    fn a_wrong_key_means_the_one_that_is_most_like_it(#[case] wrong: &str, #[case] meant: &str) {
        assert_eq!(nearest(wrong), meant);
    }

    #[test]
    fn a_distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("adress", "address"), 1);
        assert_eq!(distance("tikc", "tick"), 1);
        assert_eq!(distance("苏州", "杭州"), 1);
    }
}
