//! What a checkpoint asks: the pass, the clock near a bound, the place and the plate.

use freightpass_core::division::{Code, Division as Place};
use freightpass_vectors::world::{DAY, T0};

use super::pass::{Pass, place};
use super::publisher::Publisher;
use super::source::Source;
use crate::judge::{Division, Question};

/// A question about a pass, of a scanner of this deployment.
pub fn asked(pass: &Pass, publisher: &Publisher, s: &mut Source<'_>) -> Question {
    let subject = &pass.claims.subject;
    let county = match s.below(16) {
        0..8 => Some(subject.route[0].clone()),
        8 => subject.route.get(1).cloned(),
        9 => subject.route.last().cloned(),
        10..13 => Some(place(s)),
        13 => Some(neighbour(&subject.route[0])),
        _ => None,
    };
    let plate = match s.below(8) {
        4 => Some(subject.tractor.clone()),
        5 => subject.trailer.clone(),
        6 => Some(s.pick(&["苏E00000", "", "苏E12345 "]).to_owned()),
        _ => None,
    };
    let (max_age, skew) = match s.below(8) {
        5 => (Some(s.pick(&[600, 0, DAY, u32::MAX])), None),
        6 => (None, Some(s.pick(&[0, 1, 300, 600, u32::MAX]))),
        7 => (Some(s.pick(&[601, 7200])), Some(s.pick(&[10, 299]))),
        _ => (None, None),
    };
    Question {
        text: pass.text.clone(),
        now: clock(pass, publisher, (max_age, skew), s),
        county: county.map(|county| match county {
            Place::Code(code) => Division::Code(code.value()),
            Place::Text(text) => Division::Text(text),
        }),
        plate,
        last_seen: s.one_in(5).then_some(T0.into()),
        max_age,
        skew,
        place_unchecked: s.one_in(3),
    }
}

/// The division with the next code.
fn neighbour(of: &Place) -> Place {
    match of {
        Place::Code(code) => Code::new(code.value() + 1).map_or_else(|| of.clone(), Place::Code),
        Place::Text(_) => of.clone(),
    }
}

/// The device's clock: most often the present, else near a bound.
fn clock(pass: &Pass, publisher: &Publisher, policy: (Option<u32>, Option<u32>), s: &mut Source<'_>) -> u64 {
    let (trust, manifest) = (&publisher.trust, &publisher.manifest);
    let max_age = policy.0.unwrap_or(u32::MAX).min(trust.max_age);
    let skew = u64::from(policy.1.unwrap_or(u32::MAX).min(trust.skew));
    let (floor, claims) = (u64::from(manifest.issued.max(trust.issued)), &pass.claims);
    let at = match s.below(24) {
        12 => u64::from(manifest.issued) + u64::from(max_age),
        13 => manifest.expires.into(),
        14 => trust.expires.into(),
        15 => floor.saturating_sub(skew),
        16 => floor,
        17 => u64::from(claims.nbf).saturating_sub(skew),
        18 => claims.exp.into(),
        19 => claims.nbf.into(),
        20 => u64::from(trust.issued).saturating_sub(skew),
        21 => s.pick(&[0, 1, u64::MAX, u64::MAX - 1, u64::MAX - 600, 1 << 32, u64::MAX - 300]),
        22 => u64::from(T0) + u64::from(s.byte()) * 3600,
        23 => u64::from(publisher.clock) + u64::from(s.pick(&[DAY, 2 * DAY, 8 * DAY, 90 * DAY])),
        _ => return publisher.clock.into(),
    };
    s.near(at)
}
