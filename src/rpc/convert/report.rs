//! Reports.

use super::time;
use crate::report::{DayReport, Supply, Wait, Waited};
use crate::rpc::proto;
use crate::whitelist::Category;

/// The report of a day of an authority.
pub fn day_report(report: DayReport, authority: String) -> proto::DayReport {
    let figures = report.figures;
    proto::DayReport {
        day: report.day.to_string(),
        authority,
        start_time: Some(time(report.from)),
        end_time: Some(time(report.until)),
        received_count: figures.received,
        recommended_count: figures.recommended,
        approved_count: figures.approved,
        rejected_count: figures.rejected,
        withdrawn_count: figures.withdrawn,
        issued_count: figures.issued,
        revoked_count: figures.revoked,
        waits: Waited::ALL.into_iter().map(|step| wait(step, &figures.waits)).collect(),
        rejected: figures
            .rejected_by
            .into_iter()
            .map(|(reason, count)| proto::RejectedCount { reason: reason.number().into(), count })
            .collect(),
        revoked: figures
            .revoked_by
            .into_iter()
            .map(|(reason, count)| proto::RevokedCount { reason: reason.number().into(), count })
            .collect(),
        cargo: figures.cargo.into_iter().map(supply).collect(),
        industries: figures.industries.into_iter().map(supply).collect(),
        waiting_count: figures.waiting.count,
        oldest_waiting: figures
            .waiting
            .oldest
            .map(|(id, at)| proto::WaitingApplication { application_id: id.to_string(), submit_time: Some(time(at)) }),
    }
}

/// Every step stands in the answer, also one that nobody waited for.
fn wait(step: Waited, waits: &[(Waited, Wait)]) -> proto::StepWait {
    let found = waits.iter().find(|(waited, _)| *waited == step).map(|(_, wait)| *wait);
    let step = match step {
        Waited::Recommended => proto::WaitedStep::Recommended,
        Waited::Decided => proto::WaitedStep::Decided,
        Waited::Issued => proto::WaitedStep::Issued,
    };
    proto::StepWait {
        step: step.into(),
        count: found.map_or(0, |wait| wait.count),
        p50: found.map(|wait| duration(wait.p50_ms)),
        p95: found.map(|wait| duration(wait.p95_ms)),
        longest: found.map(|wait| duration(wait.longest_ms)),
    }
}

fn supply((category, supply): (Category, Supply)) -> proto::SupplyCount {
    proto::SupplyCount {
        category: category.number().into(),
        received_count: supply.received,
        issued_count: supply.issued,
        cargo_mass_kg: supply.cargo_mass_kg,
    }
}

fn duration(ms: u64) -> prost_types::Duration {
    let nanos = i32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
    prost_types::Duration { seconds: i64::try_from(ms / 1_000).unwrap_or(i64::MAX), nanos }
}
