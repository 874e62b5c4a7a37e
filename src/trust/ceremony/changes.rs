//! What a trust list changes against the one in force, for the people who are asked to sign it: nobody compares two
//! lists of four hundred authorities by eye.

use std::fmt;

use data_encoding::HEXLOWER;
use freightpass_core::key::Kid;
use freightpass_core::trust::{Authority, ListedKey, Programme, TrustContent};

use super::words::{division_words, key_words, level_words, off_route_words, told};

/// One change, in words, and what follows from it where that is not plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is changed.
    pub what: String,
    /// What those who sign have to know; none where the change says it.
    pub consequence: Option<String>,
}

/// Every difference between the list in force and the one after it, in the order in which `trust inspect` shows a list.
/// The next sequence and later moments of the list itself are no changes.
pub fn changes(before: &TrustContent, after: &TrustContent) -> Vec<Change> {
    let mut found = Vec::new();
    order(before, after, &mut found);
    identity(before, after, &mut found);
    roots(before, after, &mut found);
    keys("status key", (before, &before.status_keys), (after, &after.status_keys), &mut found);
    programmes(before, after, &mut found);
    authorities(before, after, &mut found);
    found
}

impl Change {
    fn plain(what: impl Into<String>) -> Self {
        Self { what: what.into(), consequence: None }
    }

    fn with(what: impl Into<String>, consequence: impl Into<String>) -> Self {
        Self { what: what.into(), consequence: Some(consequence.into()) }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.consequence {
            Some(consequence) => write!(f, ": {consequence}"),
            None => Ok(()),
        }
    }
}

fn order(before: &TrustContent, after: &TrustContent, found: &mut Vec<Change>) {
    if after.sequence <= before.sequence {
        let what = format!("sequence {} becomes {}", before.sequence, after.sequence);
        found.push(Change::with(what, "no scanner that has the list in force adopts it"));
    } else if after.sequence > before.sequence.saturating_add(1) {
        let what = format!("sequence {} becomes {}", before.sequence, after.sequence);
        found.push(Change::with(what, "the lists between can never be used"));
    }
    if after.issued < before.issued {
        let what = format!("made at {}, before the list in force ({})", told(after.issued), told(before.issued));
        found.push(Change::with(what, "the clock of the machine that drafted it was wrong"));
    }
}

fn identity(before: &TrustContent, after: &TrustContent, found: &mut Vec<Change>) {
    if before.deployment != after.deployment {
        let what = format!(
            "deployment {} becomes {}",
            HEXLOWER.encode(&before.deployment),
            HEXLOWER.encode(&after.deployment)
        );
        found.push(Change::with(what, "no scanner of the first adopts it"));
    }
    if before.status_base != after.status_base {
        let what = format!("status base {} becomes {}", before.status_base, after.status_base);
        found.push(Change::with(what, "every pass that is out is refused"));
    }
    let limits = [
        ("oldest status that admits", before.max_age, after.max_age),
        ("clocks off at most", before.skew, after.skew),
        ("longest life of a pass", before.longest_life, after.longest_life),
    ];
    for (name, was, is) in limits.into_iter().filter(|(_, was, is)| was != is) {
        found.push(Change::plain(format!("{name}: {was} s becomes {is} s")));
    }
    if after.longest_life < before.longest_life {
        found.push(Change::with(
            "a shorter longest life",
            "passes that live longer are refused, those that are out too",
        ));
    }
}

fn roots(before: &TrustContent, after: &TrustContent, found: &mut Vec<Change>) {
    let (was, is) = (&before.roots, &after.roots);
    for key in is.keys.iter().filter(|key| !was.keys.contains(key)) {
        found.push(Change::plain(format!("root {} is added", Kid::of(key))));
    }
    for key in was.keys.iter().filter(|key| !is.keys.contains(key)) {
        found.push(Change::plain(format!("root {} is removed", Kid::of(key))));
    }
    if was.threshold != is.threshold {
        let what = format!("roots that sign: {} becomes {}", was.threshold, is.threshold);
        found.push(if is.threshold < was.threshold {
            Change::with(what, "fewer stolen root keys are enough to take the deployment over")
        } else {
            Change::plain(what)
        });
    }
    if was != is {
        let needed = format!("{} of the roots before and {} of those after sign it", was.threshold, is.threshold);
        found.push(Change::with("other roots", format!("{needed}; new scanners need the new provisioning file")));
    }
}

fn keys(
    holder: &str,
    (before, was): (&TrustContent, &[ListedKey]),
    (after, is): (&TrustContent, &[ListedKey]),
    found: &mut Vec<Change>,
) {
    let early_until = after.issued.saturating_add(after.max_age);
    for key in is {
        match was.iter().find(|listed| listed.key == key.key) {
            None => {
                let what = format!("{holder} {} is added", key_words(after, key));
                found.push(if key.from < early_until && !key.compromised {
                    let words = "checkpoints that have not fetched this list may refuse what it signs before";
                    Change::with(what, format!("{words} {}", told(early_until)))
                } else {
                    Change::plain(what)
                });
            }
            Some(listed) if key.compromised && !listed.compromised => {
                let survivors = after.survivors.iter().any(|(of, _)| *of == key.kid());
                let what = format!("{holder} {}", key_words(after, key));
                let consequence = match (survivors, holder == STATUS) {
                    (_, true) => "final; manifests by it count no more",
                    (true, false) => {
                        "final; its passes count where they stand among the survivors, all others are refused"
                    }
                    (false, false) => "final; every pass of it is referred to an officer",
                };
                found.push(Change::with(what, consequence));
            }
            Some(listed) => {
                let (old, new) = (key_words(before, listed), key_words(after, key));
                if old != new {
                    let what = format!("{holder} {old} becomes {new}");
                    found.push(match consequence(holder, (before, listed), (after, key)) {
                        Some(consequence) => Change::with(what, consequence),
                        None => Change::plain(what),
                    });
                }
            }
        }
    }
    for key in was.iter().filter(|key| !is.iter().any(|listed| listed.key == key.key)) {
        let consequence =
            if holder == STATUS { "manifests by it count no more" } else { "every pass of it is refused" };
        found.push(Change::with(format!("{holder} {} is removed", key.kid()), consequence));
    }
}

/// What follows from another window, or from another word about a compromised key.
fn consequence(
    holder: &str,
    (before, was): (&TrustContent, &ListedKey),
    (after, is): (&TrustContent, &ListedKey),
) -> Option<String> {
    let survivors = |content: &TrustContent| content.survivors.iter().any(|(of, _)| *of == is.kid());
    let signed = if holder == STATUS { "manifests" } else { "passes" };
    if was.compromised && !is.compromised {
        Some("no scanner adopts a list that calls a compromised key good again".to_owned())
    } else if was.compromised && survivors(before) && !survivors(after) {
        Some("every pass of it is referred to an officer".to_owned())
    } else if was.compromised && survivors(before) {
        Some("its passes count where they stand among these survivors, all others are refused".to_owned())
    } else if is.from > was.from {
        Some(format!("{signed} of it that begin before {} are refused, those that are out too", told(is.from)))
    } else if is.until < was.until {
        Some(format!("{signed} of it that begin at {} or later are refused, those that are out too", told(is.until)))
    } else {
        None
    }
}

/// How the holder of status keys is named here.
const STATUS: &str = "status key";

fn programmes(before: &TrustContent, after: &TrustContent, found: &mut Vec<Change>) {
    for programme in &after.programmes {
        match before.programmes.iter().find(|listed| listed.number == programme.number) {
            None => found.push(Change::plain(format!("{} is added", programme_words(programme)))),
            Some(listed) if listed != programme => {
                let what = format!("{} becomes {}", programme_words(listed), programme_words(programme));
                found.push(if listed.from < programme.from || programme.until < listed.until {
                    Change::with(what, "passes that begin outside it are refused, those that are out too")
                } else {
                    Change::plain(what)
                });
            }
            Some(_) => {}
        }
    }
    for programme in &before.programmes {
        if !after.programmes.iter().any(|listed| listed.number == programme.number) {
            let what = format!("{} is removed", programme_words(programme));
            found.push(Change::with(what, "every pass of it is refused"));
        }
    }
}

fn authorities(before: &TrustContent, after: &TrustContent, found: &mut Vec<Change>) {
    for authority in &after.authorities {
        let holder = format!("{}: key", authority.code);
        match before.authorities.iter().find(|listed| listed.code == authority.code) {
            None => {
                found.push(Change::plain(format!("{} is added", authority_words(authority))));
                keys(&holder, (before, &[]), (after, &authority.keys), found);
            }
            Some(listed) => {
                let (was, is) = (authority_words(listed), authority_words(authority));
                if was != is {
                    let lost = listed.programmes.iter().any(|number| !authority.programmes.contains(number));
                    let smaller = listed.division != authority.division && authority.division.is_some();
                    found.push(if lost || smaller || listed.number != authority.number {
                        let consequence = "passes that it could not issue so are refused, those that are out too";
                        Change::with(format!("{was} becomes {is}"), consequence)
                    } else {
                        Change::plain(format!("{was} becomes {is}"))
                    });
                }
                keys(&holder, (before, &listed.keys), (after, &authority.keys), found);
            }
        }
    }
    for authority in &before.authorities {
        if !after.authorities.iter().any(|listed| listed.code == authority.code) {
            let what = format!("{} is removed with its keys", authority_words(authority));
            found.push(Change::with(what, "every pass of it is refused"));
        }
    }
}

fn programme_words(programme: &Programme) -> String {
    let (from, until) = (told(programme.from), told(programme.until));
    let off_route = off_route_words(programme.off_route);
    format!("programme {} {} ({from} to {until}, off the route {off_route})", programme.number, programme.name)
}

fn authority_words(authority: &Authority) -> String {
    format!(
        "authority {} {} ({}, number {}, {}, programmes {:?})",
        authority.code,
        authority.name,
        level_words(authority.level),
        authority.number,
        division_words(authority.division.as_ref()),
        authority.programmes
    )
}
