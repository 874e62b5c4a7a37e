//! `freightpass report`: what an office did in a day, and how long people waited for it.

use anyhow::Context;
use prost_types::Duration;
use serde_json::{Value, json};

use super::Exit;
use super::connect::{AdminArgs, answered, runtime};
use super::output;
use super::terms;
use super::typed::{ProfileArgs, told_time};
use crate::clock::{Clock, SystemClock};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::report_service_client::ReportServiceClient;

/// What was done in a day, and how long applications waited for each step
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Half of the applications waited at most p50, 95 of 100 at most p95: by nearest rank, so that each is a wait that somebody \
had.

Examples:
  freightpass report --day 2026-11-25 --as CN-3205/chief
  freightpass report --day 2026-11-25 --authority CN-3205 --json --as CN-32/chief")]
pub struct Args {
    /// The day, such as 2026-11-25, in the profile's zone; today, where nothing is said
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Another authority than the caller's certificate names, inside its division; bodies inside its own count with it
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let day = args.day.clone().unwrap_or_else(|| profile.day(SystemClock.now()).to_string());
    let authority = args.authority.clone().or(args.admin.body()?);
    let authority = authority.context("whose report? Give --authority CODE, the authority of the certificate")?;
    runtime()?.block_on(async {
        let mut client = ReportServiceClient::new(args.admin.connect(None).await?);
        let request = proto::GetDayReportRequest { day, authority };
        let report = answered(client.get_day_report(request).await)?.report.context("an empty answer")?;
        if args.json {
            output::line(as_json(&report))?;
        } else {
            sheet(&report, &*profile).iter().try_for_each(output::line)?;
        }
        Ok(Exit::Admit)
    })
}

/// The report as people read it, in columns.
fn sheet(report: &proto::DayReport, profile: &dyn Profile) -> Vec<String> {
    let until = told_time(profile, report.end_time);
    let mut lines = vec![format!("{} {}, until 截至 {until}", report.authority, report.day)];
    for (label, count) in [
        ("received 收到", report.received_count),
        ("recommended 推荐", report.recommended_count),
        ("approved 批准", report.approved_count),
        ("rejected 驳回", report.rejected_count),
        ("withdrawn 撤回", report.withdrawn_count),
        ("issued 签发", report.issued_count),
        ("revoked 吊销", report.revoked_count),
        ("waiting 待决", report.waiting_count),
    ] {
        lines.push(format!("{label:<20}\t{count:>8}"));
    }
    if let Some(oldest) = &report.oldest_waiting {
        let since = told_time(profile, oldest.submit_time);
        lines.push(format!("{:<20}\t{since}\t{}", "oldest 最久", oldest.application_id));
    }
    lines.push(format!("{:<20}\t{:>8}\t{:>10}\t{:>10}\t{:>10}", "waited for 等候", "count", "p50", "p95", "longest"));
    for wait in &report.waits {
        let step = terms::told(wait.step().as_str_name());
        let [p50, p95, longest] = [&wait.p50, &wait.p95, &wait.longest].map(|span| told_span(span.as_ref()));
        lines.push(format!("{step:<20}\t{:>8}\t{p50:>10}\t{p95:>10}\t{longest:>10}", wait.count));
    }
    lines.extend(report.rejected.iter().map(|rejected| {
        format!("rejected 驳回\t{:>8}\t{}", rejected.count, terms::told(rejected.reason().as_str_name()))
    }));
    lines.extend(
        report.revoked.iter().map(|revoked| {
            format!("revoked 吊销\t{:>8}\t{}", revoked.count, terms::told(revoked.reason().as_str_name()))
        }),
    );
    for (label, supplies) in [("cargo 货物", &report.cargo), ("industry 行业", &report.industries)] {
        lines.extend(supplies.iter().map(|supply| {
            format!(
                "{label}\treceived 收到 {}, issued 签发 {}, {} t\t{}",
                supply.received_count,
                supply.issued_count,
                supply.cargo_mass_kg.div_ceil(1_000),
                terms::category(supply.category)
            )
        }));
    }
    lines
}

/// A wait as people say it: `-` where nobody waited.
fn told_span(span: Option<&Duration>) -> String {
    let Some(ms) = span.map(ms) else { return "-".to_owned() };
    let (minutes, seconds) = (ms / 60_000, ms / 1_000 % 60);
    match minutes {
        0 => format!("{}.{:01} s", seconds, ms % 1_000 / 100),
        1..60 => format!("{minutes} min {seconds:02} s"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

fn ms(span: &Duration) -> i64 {
    span.seconds * 1_000 + i64::from(span.nanos) / 1_000_000
}

/// The same with stable keys: names of the protocol in lower case, waits in milliseconds, times in RFC 3339.
fn as_json(report: &proto::DayReport) -> Value {
    let time = |time: &Option<prost_types::Timestamp>| time.as_ref().map(ToString::to_string);
    let name = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_ascii_lowercase();
    let supply = |supply: &proto::SupplyCount| {
        json!({
            "category": name(supply.category().as_str_name(), "CATEGORY_"),
            "received": supply.received_count,
            "issued": supply.issued_count,
            "cargo_mass_kg": supply.cargo_mass_kg,
        })
    };
    let wait = |wait: &proto::StepWait| {
        json!({
            "step": name(wait.step().as_str_name(), "WAITED_STEP_"),
            "count": wait.count,
            "p50_ms": wait.p50.as_ref().map(ms),
            "p95_ms": wait.p95.as_ref().map(ms),
            "longest_ms": wait.longest.as_ref().map(ms),
        })
    };
    json!({
        "day": report.day,
        "authority": report.authority,
        "from": time(&report.start_time),
        "until": time(&report.end_time),
        "received": report.received_count,
        "recommended": report.recommended_count,
        "approved": report.approved_count,
        "rejected": report.rejected_count,
        "withdrawn": report.withdrawn_count,
        "issued": report.issued_count,
        "revoked": report.revoked_count,
        "waits": report.waits.iter().map(wait).collect::<Vec<_>>(),
        "rejected_by_reason": report.rejected.iter().map(|rejected| json!({
            "reason": name(rejected.reason().as_str_name(), "REJECTION_REASON_"),
            "count": rejected.count,
        })).collect::<Vec<_>>(),
        "revoked_by_reason": report.revoked.iter().map(|revoked| json!({
            "reason": name(revoked.reason().as_str_name(), "STATUS_REASON_"),
            "count": revoked.count,
        })).collect::<Vec<_>>(),
        "cargo": report.cargo.iter().map(supply).collect::<Vec<_>>(),
        "industries": report.industries.iter().map(supply).collect::<Vec<_>>(),
        "waiting": report.waiting_count,
        "oldest_waiting": report.oldest_waiting.as_ref().map(|oldest| json!({
            "application": oldest.application_id,
            "submitted": time(&oldest.submit_time),
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_as_people_say_them() {
        let told = |ms: i64| {
            let nanos = i32::try_from(ms % 1_000).unwrap() * 1_000_000;
            told_span(Some(&Duration { seconds: ms / 1_000, nanos }))
        };
        assert_eq!(told(0), "0.0 s");
        assert_eq!(told(59_999), "59.9 s");
        assert_eq!(told(60_000), "1 min 00 s");
        assert_eq!(told(3_599_999), "59 min 59 s");
        assert_eq!(told(3_600_000), "1 h 00 min");
        assert_eq!(told(100 * 3_600_000 + 120_000), "100 h 02 min");
        assert_eq!(told_span(None), "-");
    }
}
