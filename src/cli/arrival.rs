//! `freightpass arrive` and `arrival`: trucks that are expected at their destination, and that have arrived.

use anyhow::Context;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::each::Each;
use super::output;
use super::paged::{self, PAGE};
use super::terms::{self, Term};
use super::typed::{self, ProfileArgs, place_name, told_time};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::arrival_service_client::ArrivalServiceClient;

/// Reports that trucks have arrived at their destination
#[derive(Debug, clap::Args)]
#[command(after_help = "\
For the enterprise, the county office of the destination, or an authority there. The first report stands; another one \
changes nothing and is told the first. Exit code 1 when some arrival was not taken.

Examples:
  freightpass arrive 320500-220418-00042-0 --as CN-320583/clerk
  freightpass arrive 320500-220418-00042-0 --at '2026-12-01 17:40' --cert enterprise.pem --key enterprise.key")]
pub struct ArriveArgs {
    /// Numbers of passes
    #[arg(value_name = "NUMBER", required = true)]
    numbers: Vec<String>,
    /// When it arrived; now, where nothing is said
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Where: a division in the prefecture of the destination; the destination, where nothing is said
    #[arg(long, value_name = "DIVISION", default_value = "")]
    place: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Announces arrivals to the destination, lists them there
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Tells the destination when a truck will be there; saying it again takes the place of what was said before
    #[command(after_help = "\
From then on the authorities and the county office of the destination see the truck in their `arrival list`, with the \
people on board and how long before it was announced. In 2022 the rule was 24 hours.

Example: freightpass arrival announce 320500-220418-00042-0 --expected '2026-12-01 18:00' --consignee '昆山电子' \
--cert enterprise.pem --key enterprise.key")]
    Announce(AnnounceArgs),
    /// Lists trucks that are announced or have arrived, in the order of their times
    #[command(after_help = "\
Examples:
  freightpass arrival list --state expected --as CN-320583/clerk         who is on the way here
  freightpass arrival list --destination 3205 --from '2026-12-01 00:00' --before '2026-12-02 00:00' --as CN-3205/chief")]
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
struct AnnounceArgs {
    /// Number of the pass
    number: String,
    /// When the truck will be there
    #[arg(long, value_name = "TIME")]
    expected: String,
    /// Who receives it there
    #[arg(long, value_name = "NAME", default_value = "")]
    consignee: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those that stand so
    #[arg(long, value_parser = Term::ArrivalState.parser())]
    state: Option<i32>,
    /// Only those to this division, or to one inside it
    #[arg(long, value_name = "DIVISION", default_value = "")]
    destination: String,
    /// Only those of this tractor
    #[arg(long, value_name = "PLATE", default_value = "")]
    tractor: String,
    /// Only those expected (or arrived, where they were not announced) at this time or later
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those expected (or arrived) before this time
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs `arrive`.
pub fn arrive(args: &ArriveArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let arrival_time = typed::timestamp(&*profile, args.at.as_deref())?;
    runtime()?.block_on(async {
        let mut client = ArrivalServiceClient::new(args.admin.connect(None).await?);
        let mut each = Each::default();
        for number in &args.numbers {
            let request = proto::ReportArrivalRequest {
                request_id: request_id(),
                pass_number: number.clone(),
                arrival_time,
                place: args.place.clone(),
            };
            let answer = repeated(async || client.report_arrival(request.clone()).await).await;
            each.answered(number, answer, |answer| {
                let before = if answer.already_reported { "before 此前已报, " } else { "" };
                let arrival = answer.arrival.unwrap_or_default();
                let known = arrival.arrival.as_ref().map(|known| told(known, &*profile)).unwrap_or_default();
                format!("{}\t{before}{known}", arrival.tractor)
            })?;
        }
        each.end("arrived 到达")
    })
}

/// Runs `arrival`.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Announce(args) => announce(args),
        Verb::List(args) => list(args),
    }
}

fn announce(args: &AnnounceArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let expected_time = typed::timestamp(&*profile, Some(&args.expected))?;
    runtime()?.block_on(async {
        let request = proto::AnnounceArrivalRequest {
            request_id: request_id(),
            pass_number: args.number.clone(),
            expected_time,
            consignee: args.consignee.clone(),
        };
        let mut client = ArrivalServiceClient::new(args.admin.connect(None).await?);
        let answer = answered(repeated(async || client.announce_arrival(request.clone()).await).await)?;
        output::line(line(&answer.arrival.context("an empty answer")?, &*profile))?;
        Ok(Exit::Admit)
    })
}

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let filter = proto::ArrivalFilter {
        state: args.state.unwrap_or_default(),
        destination: args.destination.clone(),
        tractor: args.tractor.clone(),
        from: typed::timestamp(&*profile, args.from.as_deref())?,
        before: typed::timestamp(&*profile, args.before.as_deref())?,
    };
    runtime()?.block_on(async {
        let mut client = ArrivalServiceClient::new(args.admin.connect(None).await?);
        let fetch = async |page_token| {
            let request = proto::ListArrivalsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_arrivals(request).await)?;
            Ok((page.arrivals, page.next_page_token))
        };
        paged::every(fetch, |arrival| output::line(line(&arrival, &*profile))).await?;
        Ok(Exit::Admit)
    })
}

/// An arrival on one line: the truck, the people as the pass names them, where from and where to, what is known.
fn line(arrival: &proto::Arrival, profile: &dyn Profile) -> String {
    let route = arrival.route.clone().unwrap_or_default();
    let trailer = if arrival.trailer.is_empty() { String::new() } else { format!(" + {}", arrival.trailer) };
    let person = |person: &proto::PassCrew| format!("{} {}", person.name, person.paper_tail);
    let crew: Vec<String> = arrival.crew.iter().map(person).collect();
    let stopped = match arrival.pass_state() {
        proto::PassState::Suspended => "\tpass suspended 通行证已暂停",
        proto::PassState::Revoked => "\tpass revoked 通行证已吊销",
        _ => "",
    };
    format!(
        "{}\t{}{trailer}\t{}\t{}\t{} → {}\t{}\t{}{stopped}",
        arrival.pass_number,
        arrival.tractor,
        crew.join(", "),
        arrival.enterprise_name,
        place_name(profile, &route.origin),
        place_name(profile, &route.destination),
        terms::category(arrival.cargo_category),
        arrival.arrival.as_ref().map(|known| told(known, profile)).unwrap_or_default(),
    )
}

/// What is known of an arrival, in both languages.
pub fn told(known: &proto::PassArrival, profile: &dyn Profile) -> String {
    let mut parts = Vec::new();
    if known.arrival_time.is_some() {
        let place = place_name(profile, &known.place);
        let time = told_time(profile, known.arrival_time);
        parts.push(format!("{} {time} {place} ({})", terms::told("ARRIVAL_STATE_ARRIVED"), known.reported_by));
    }
    if let (Some(expected), Some(announced)) = (&known.expected_time, &known.announce_time) {
        let time = told_time(profile, known.expected_time);
        let hours = (expected.seconds - announced.seconds) / 3_600;
        let consignee = if known.consignee.is_empty() { String::new() } else { format!(", {}", known.consignee) };
        parts.push(format!(
            "{} {time}, announced 提前报备 {hours} h ({}){consignee}",
            terms::told("ARRIVAL_STATE_EXPECTED"),
            known.announced_by
        ));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::cn::Cn;

    #[test]
    fn arrival_tells_when_where_by_whom_and_how_long_before_it_was_announced() {
        let at = |seconds: i64| Some(prost_types::Timestamp { seconds: 1_796_054_400 + seconds, nanos: 0 });
        let mut known = proto::PassArrival {
            state: proto::ArrivalState::Expected.into(),
            expected_time: at(90_000),
            announce_time: at(0),
            announced_by: "91320509MAW373039Y/desk".to_owned(),
            consignee: "昆山电子".to_owned(),
            ..Default::default()
        };
        let expected =
            "expected 预计到达 2026-12-02 01:00, announced 提前报备 25 h (91320509MAW373039Y/desk), 昆山电子";
        assert_eq!(told(&known, &Cn), expected);
        known.arrival_time = at(93_600);
        known.place = "320583".to_owned();
        known.reported_by = "CN-320583/clerk".to_owned();
        let arrived = "arrived 已到达 2026-12-02 02:00 江苏省苏州市昆山市 (CN-320583/clerk)";
        assert_eq!(told(&known, &Cn), format!("{arrived}; {expected}"));
        let none = proto::PassArrival::default();
        assert_eq!(told(&none, &Cn), "");
    }
}
