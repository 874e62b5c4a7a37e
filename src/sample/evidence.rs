//! Papers that come with an application: what a dispatcher has at hand on the morning of the first journey.

use super::draw::Draw;
use super::enterprise::Enterprise;
use super::journey::Journey;
use super::words::BRANDS;
use crate::application::EvidenceKind;

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Minutes from when it was made to the list's beginning, which is when everybody applies.
    pub before_min: u32,
    /// Hours for which it counts.
    pub valid_hours: u32,
    /// Who made it.
    pub issuer: String,
    /// Whom it is about: 1 the driver; none for the vehicle and the cargo.
    pub person: Option<u8>,
}

/// A nucleic acid test counts for two days.
const TEST_HOURS: u32 = 48;
const HOUR_MIN: u32 = 60;
const DAY_MIN: u32 = 24 * HOUR_MIN;

/// A test of the driver where one that is made by now still counts at the start (who leaves later is tested later); the
/// waybill or dispatch order; here and there the vehicle's transport licence, or a vaccination.
pub(super) fn evidence(draw: &mut Draw, enterprise: &Enterprise, journey: &Journey) -> Vec<Evidence> {
    let city = enterprise.city;
    let mut papers = Vec::new();
    // Made at least an hour ago, and not yet over an hour after the planned start.
    let oldest = (TEST_HOURS * HOUR_MIN).saturating_sub(journey.begins_after_min + HOUR_MIN);
    if oldest > HOUR_MIN {
        let tens = u64::from((oldest - HOUR_MIN) / 10);
        papers.push(Evidence {
            kind: EvidenceKind::NucleicAcidTest,
            before_min: HOUR_MIN + 10 * draw.below(tens + 1) as u32,
            valid_hours: TEST_HOURS,
            issuer: format!("{city}{}医学检验所", draw.one(BRANDS)),
            person: Some(1),
        });
    }
    let before_min = 30 * (1 + draw.below(40) as u32);
    // Written for this journey: it counts until the day after its end.
    let counts_min = before_min + journey.begins_after_min + journey.takes_min + DAY_MIN;
    papers.push(Evidence {
        kind: EvidenceKind::Waybill,
        before_min,
        valid_hours: counts_min.div_ceil(DAY_MIN) * 24,
        issuer: enterprise.name.clone(),
        person: None,
    });
    match draw.below(100) {
        0..15 => papers.push(Evidence {
            kind: EvidenceKind::Licence,
            before_min: DAY_MIN * (30 + draw.below(300) as u32),
            valid_hours: 366 * 24,
            issuer: format!("{city}市交通运输局"),
            person: None,
        }),
        15..25 => papers.push(Evidence {
            kind: EvidenceKind::Vaccination,
            before_min: DAY_MIN * (14 + draw.below(150) as u32),
            valid_hours: 180 * 24,
            issuer: format!("{city}市疾病预防控制中心"),
            person: Some(1),
        }),
        _ => {}
    }
    papers
}
