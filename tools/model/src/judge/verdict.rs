//! The verdict: the table of section 5, row by row.

use super::cose::Sign1;
use super::pass::Claims;
use super::scanner::Scanner;
use super::{CDDL, Division, Question, Refusal, TEXT, base45};

/// Bytes of a pass, and of its text.
const CAPS: (usize, usize) = (512, 772);

/// What the officer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Lets the truck pass.
    Admit,
    /// Turns it away.
    Refuse,
    /// Calls the duty officer.
    Refer,
}

/// What a scan answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// What the officer does.
    pub outcome: Outcome,
    /// The row of the table that applies, 0 for an admission.
    pub row: u8,
    /// The code; for malformed texts with the layer.
    pub code: Refusal,
    /// The codes of the notes, sorted.
    pub notes: Vec<&'static str>,
}

fn refuse(row: u8, code: Refusal) -> Verdict {
    Verdict { outcome: Outcome::Refuse, row, code, notes: vec![] }
}

fn refer(row: u8, code: Refusal) -> Verdict {
    Verdict { outcome: Outcome::Refer, row, code, notes: vec![] }
}

/// Scans a text.
pub fn scan(scanner: &Scanner, question: &Question) -> Verdict {
    table(scanner, question).err().unwrap_or_else(|| {
        let mut notes = vec!["compare_plate"];
        if question.county.is_none() {
            notes.push("place_unchecked");
        }
        if question.last_seen.is_some() {
            notes.push("seen_before");
        }
        Verdict { outcome: Outcome::Admit, row: 0, code: "admit", notes }
    })
}

/// The first row that applies.
fn table(scanner: &Scanner, question: &Question) -> Result<(), Verdict> {
    let text = &question.text;
    let Some(base) = text.strip_prefix("FP1:") else {
        return Err(if is_newer(text) { refer(2, "format_newer") } else { refer(1, "not_a_pass") });
    };
    if text.len() > CAPS.1 {
        return Err(refuse(3, TEXT));
    }
    let bytes = base45::decode(base).ok_or(refuse(3, TEXT))?;
    let message = Sign1::read(&bytes, CAPS.0).map_err(|layer| refuse(3, layer))?;

    let list = scanner.trust.as_ref().ok_or(refer(4, "no_trust"))?;
    if message.typ != 65001 {
        return Err(refuse(5, "wrong_type"));
    }
    if message.alg != -8 {
        return Err(refuse(5, "wrong_alg"));
    }
    let claims = Claims::read(&message.payload).ok_or(refuse(3, CDDL))?;

    // The present, and whether the data is current.
    let skew = u64::from(question.skew.unwrap_or(u32::MAX).min(list.skew));
    let max_age = u64::from(question.max_age.unwrap_or(u32::MAX).min(list.max_age));
    let t = question.now.max(scanner.floor().into());
    let manifest = scanner.manifest.as_ref();
    let is_stale = manifest.is_none_or(|it| t >= it.expires.into() || t - u64::from(it.issued) > max_age);
    let behind = manifest.is_some_and(|manifest| manifest.trust_sequence > list.sequence);
    let row_13 = if behind {
        Some("trust_behind")
    } else if t >= list.expires.into() {
        Some("trust_expired")
    } else {
        scanner.has_evidence().then_some("equivocation")
    };
    let row_16 = if question.now.saturating_add(skew) < scanner.floor().into() {
        Some("clock_behind")
    } else {
        (!scanner.confirmed).then_some("unconfirmed_start")
    };
    let is_current = row_13.is_none() && row_16.is_none() && !is_stale;
    let if_current = |row, code| if is_current { refuse(row, code) } else { refer(row, code) };

    let (authority, key) = list.issuer(message.kid).ok_or(if_current(6, "key_unknown"))?;
    if authority.code != claims.iss {
        return Err(if_current(7, "issuer_mismatch"));
    }
    if !message.is_signed_by(&key.public) {
        return Err(refuse(8, "bad_signature"));
    }
    if claims.newer {
        return Err(refer(9, "format_newer"));
    }
    if claims.nbf >= claims.exp || claims.has_refused_character() {
        return Err(refuse(10, "claims_invalid"));
    }
    let week = claims.list();
    if claims.uri != format!("{}{week}", list.status_base) {
        return Err(refuse(10, "list_mismatch"));
    }
    if scanner.states.get(&week).and_then(|(state, _)| state.value(claims.idx)) == Some(1) {
        return Err(refuse(11, "revoked"));
    }
    if claims.exp <= scanner.root_floor {
        return Err(refuse(12, "expired"));
    }
    if let Some(code) = row_13 {
        return Err(refer(13, code));
    }
    if claims.exp - claims.nbf > list.longest_life {
        return Err(if_current(14, "life_too_long"));
    }
    let is_inside = |place: &Division| authority.division.as_ref().is_none_or(|division| division.contains(place));
    if claims.number != authority.number || !claims.route[..2].iter().any(is_inside) {
        return Err(if_current(14, "out_of_scope"));
    }
    let programme = list.programmes.iter().find(|programme| programme.number == claims.programme);
    let programme = programme.filter(|open| open.from <= claims.nbf && claims.nbf < open.until);
    let programme = programme.filter(|programme| authority.programmes.contains(&programme.number));
    let programme = programme.ok_or(if_current(14, "programme_not_allowed"))?;
    if !key.covers(claims.nbf) {
        return Err(if_current(14, "key_window"));
    }
    if key.compromised {
        let named = list.survivors_of(message.kid).and_then(|_| scanner.survivors.get(&message.kid));
        let set = named.ok_or(refer(15, "survivors_missing"))?;
        if !set.has(week, claims.idx, &bytes) {
            return Err(if_current(15, "not_a_survivor"));
        }
    }
    if let Some(code) = row_16 {
        return Err(refer(16, code));
    }
    let manifest = manifest.ok_or(refer(17, "status_missing"))?;
    let entry = manifest.entry(week);
    let state = scanner.current_state(week);
    if entry.is_some() && state.is_none() {
        return Err(refer(17, "status_missing"));
    }
    if is_stale {
        return Err(refer(17, "status_stale"));
    }
    let state = state.ok_or(refer(17, "list_unknown"))?;
    match state.value(claims.idx) {
        None => return Err(refer(18, "index_beyond")),
        Some(2) => return Err(refuse(19, "suspended")),
        Some(_) => {}
    }
    if t.saturating_add(skew) < claims.nbf.into() {
        return Err(refuse(20, "not_yet_valid"));
    }
    if t >= claims.exp.into() {
        return Err(refuse(20, "expired"));
    }
    if let Some(read) = &question.plate
        && *read != claims.tractor
        && claims.trailer.as_ref() != Some(read)
    {
        return Err(refuse(21, "plate_mismatch"));
    }
    match &question.county {
        Some(county) if is_on_route(&claims.route, county) => Ok(()),
        Some(_) if programme.refuses_off_route => Err(refuse(22, "off_route")),
        Some(_) => Err(refer(22, "off_route")),
        None if question.place_unchecked => Ok(()),
        None => Err(refer(22, "no_place")),
    }
}

/// Whether a text begins with `FP([2-9]|[1-9][0-9]+):`.
fn is_newer(text: &str) -> bool {
    let version = text.strip_prefix("FP").and_then(|rest| rest.split_once(':')).map(|(version, _)| version);
    version.is_some_and(|version| {
        let digits = version.bytes().all(|digit| digit.is_ascii_digit());
        digits && !version.is_empty() && !version.starts_with('0') && version != "1"
    })
}

/// Origin and destination widened to their prefecture, then any code of the route.
fn is_on_route(route: &[Division], county: &Division) -> bool {
    let widened = |(at, place): (usize, &Division)| if at < 2 { widen(place) } else { place.clone() };
    route.iter().enumerate().map(widened).any(|place| place.contains(county))
}

fn widen(place: &Division) -> Division {
    let Division::Code(code) = place else { return place.clone() };
    let digits = code.to_string();
    let kept = match (&digits[..2], digits.get(2..4)) {
        ("11" | "12" | "31" | "50", _) => &digits[..2],
        (_, Some("90")) => &digits,
        _ => &digits[..digits.len().min(4)],
    };
    Division::Code(kept.parse().unwrap_or(*code))
}
