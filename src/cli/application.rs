//! `freightpass application`: what was handed in, where it stands, and what became of it.

use prost_types::Timestamp;

use super::Exit;
use super::connect::{AdminArgs, answered, runtime};
use super::output;
use super::paged::{self, PAGE};
use super::selection::FilterArgs;
use super::terms;
use super::typed::{ProfileArgs, place_name, told_time};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;

/// Lists applications, shows one with its history
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Lists applications, the newest last
    #[command(after_help = "\
Examples:
  freightpass application list --state submitted --as CN-3205/chief        what is to be decided
  freightpass application list --tractor 苏E12345 --as CN-3205/chief
  freightpass application list --from '2026-12-01 00:00' --cert enterprise.pem --key enterprise.key")]
    List(ListArgs),
    /// Shows one application: form, people, evidence, every step with its reason, and its passes
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Identifier of the application
    application: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list(args),
        Verb::Show(args) => show(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let filter = args.filter.filter(&*profile)?;
    runtime()?.block_on(async {
        let mut client = ApplicationServiceClient::new(args.admin.connect(None).await?);
        let fetch = async |page_token| {
            let request = proto::ListApplicationsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_applications(request).await)?;
            Ok((page.applications, page.next_page_token))
        };
        paged::every(fetch, |application| output::line(line(&application, &*profile))).await?;
        Ok(Exit::Admit)
    })
}

fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    runtime()?.block_on(async {
        let mut client = ApplicationServiceClient::new(args.admin.connect(None).await?);
        let request = proto::GetApplicationRequest { application_id: args.application.clone() };
        let application = answered(client.get_application(request).await)?.application.unwrap_or_default();
        for (label, value) in sheet(&application, &*profile) {
            output::line(format_args!("{label}\t{value}"))?;
        }
        Ok(Exit::Admit)
    })
}

/// An application on one line, with the county office that speaks for it.
pub fn line(application: &proto::Application, profile: &dyn Profile) -> String {
    let form = application.form.clone().unwrap_or_default();
    let route = form.route.clone().unwrap_or_default();
    let recommended = match &application.recommendation {
        None => String::new(),
        Some(office) => format!("\trecommended 推荐 {}", recommendation(office, profile)),
    };
    format!(
        "{}\t{}\t{}\t{}\t{}\t{} → {}\t{}\t{}{recommended}",
        application.application_id,
        terms::told(application.state().as_str_name()),
        form.authority,
        application.enterprise_name,
        plates(&form),
        place_name(profile, &route.origin),
        place_name(profile, &route.destination),
        window(profile, form.planned_start_time, form.planned_end_time),
        told_time(profile, application.submit_time),
    )
}

/// Who speaks for it, since when, in which words.
fn recommendation(office: &proto::Recommendation, profile: &dyn Profile) -> String {
    let words = if office.comment.is_empty() { String::new() } else { format!(": {}", office.comment) };
    format!("{}/{} {}{words}", office.body, office.officer, told_time(profile, office.time))
}

/// Everything about an application, a label and a value a line.
fn sheet(application: &proto::Application, profile: &dyn Profile) -> Vec<(&'static str, String)> {
    let form = application.form.clone().unwrap_or_default();
    let route = form.route.clone().unwrap_or_default();
    let stops = [&route.origin].into_iter().chain(&route.via).chain([&route.destination]);
    let stops: Vec<String> = stops.map(|code| place_name(profile, code)).collect();
    let mut lines = vec![
        ("application 申请", application.application_id.clone()),
        ("state 状态", terms::told(application.state().as_str_name())),
        ("authority 受理机关", format!("{}, programme 专项 {}", form.authority, form.programme)),
        (
            "enterprise 企业",
            format!("{} {} {}", application.enterprise_number, form.enterprise_code, application.enterprise_name),
        ),
        ("contact 联系人", format!("{} {}", application.contact_name, application.contact_phone)),
        ("vehicle 车辆", format!("{}, gross 总质量 {} kg", plates(&form), form.gross_mass_kg)),
        (
            "cargo 货物",
            format!(
                "{}: {}, {} kg, {}",
                terms::category(form.cargo_category),
                form.cargo_description,
                form.cargo_mass_kg,
                terms::told(form.leg().as_str_name())
            ),
        ),
        ("route 路线", stops.join(" → ")),
        ("planned 计划", window(profile, form.planned_start_time, form.planned_end_time)),
    ];
    if application.approved_start_time.is_some() {
        let allowed = window(profile, application.approved_start_time, application.approved_end_time);
        lines.push(("approved 核准", allowed));
    }
    let office =
        application.recommendation.as_ref().map(|office| ("recommended 推荐", recommendation(office, profile)));
    lines.extend(office);
    lines.extend(form.crew.iter().map(|person| ("person 人员", told_person(person))));
    let start = form.planned_start_time.unwrap_or_default();
    lines.extend(form.evidence.iter().map(|paper| ("evidence 证明", evidence(paper, &start, profile))));
    lines.extend(application.steps.iter().map(|taken| ("step 步骤", step(taken, profile))));
    lines.extend(application.pass_numbers.iter().map(|number| ("pass 通行证", number.clone())));
    lines
}

fn plates(form: &proto::ApplicationForm) -> String {
    if form.trailer.is_empty() { form.tractor.clone() } else { format!("{} + {}", form.tractor, form.trailer) }
}

fn window(profile: &dyn Profile, start: Option<Timestamp>, end: Option<Timestamp>) -> String {
    format!("{} to 至 {}", told_time(profile, start), told_time(profile, end))
}

fn told_person(person: &proto::CrewMember) -> String {
    format!(
        "{} {}, {} {}, {}",
        terms::told(person.role().as_str_name()),
        person.name,
        terms::told(person.paper_kind().as_str_name()),
        person.paper_number,
        if person.mobile.is_empty() { "-" } else { &person.mobile }
    )
}

/// A paper, and whether it still counts when the journey begins: that is what the officer looks for.
fn evidence(paper: &proto::Evidence, start: &Timestamp, profile: &dyn Profile) -> String {
    let taken = paper.taken_time.unwrap_or_default().seconds;
    let until = taken.saturating_add(paper.valid_for.unwrap_or_default().seconds);
    let over = if until <= start.seconds { ", OVER before the start 出发前失效" } else { "" };
    let about = if paper.person == 0 { String::new() } else { format!(" person 人员 {}", paper.person) };
    format!(
        "{}{about}, {}, {}{over}",
        terms::told(paper.kind().as_str_name()),
        paper.issuer,
        window(profile, paper.taken_time, Some(Timestamp { seconds: until, nanos: 0 }))
    )
}

fn step(taken: &proto::ApplicationStep, profile: &dyn Profile) -> String {
    let mut text = format!(
        "{} {}, {}/{}",
        told_time(profile, taken.time),
        terms::told(taken.state().as_str_name()),
        taken.body,
        taken.officer
    );
    if taken.reason() != proto::RejectionReason::Unspecified {
        text.push_str(&format!(": {}", terms::told(taken.reason().as_str_name())));
    }
    if !taken.reason_text.is_empty() {
        text.push_str(&format!(": {}", taken.reason_text));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::cn::Cn;

    const START: i64 = 1_796_054_400;

    #[test]
    fn a_test_that_is_over_when_the_journey_begins_is_marked() {
        let start = Timestamp { seconds: START, nanos: 0 };
        let test = |hours: i64| proto::Evidence {
            kind: proto::EvidenceKind::NucleicAcidTest as i32,
            taken_time: Some(Timestamp { seconds: START - hours * 3_600, nanos: 0 }),
            valid_for: Some(prost_types::Duration { seconds: 48 * 3_600, nanos: 0 }),
            issuer: "苏州医学检验所".to_owned(),
            person: 0,
        };
        let good = evidence(&test(47), &start, &Cn);
        assert_eq!(good, "nucleic acid test 核酸检测, 苏州医学检验所, 2026-11-29 01:00 to 至 2026-12-01 01:00");
        assert!(evidence(&test(48), &start, &Cn).ends_with(", OVER before the start 出发前失效"));
    }

    #[test]
    fn a_rejection_is_told_with_its_reason_and_the_officers_words() {
        let taken = proto::ApplicationStep {
            state: proto::ApplicationState::Rejected as i32,
            body: "CN-3205".to_owned(),
            officer: "chief".to_owned(),
            time: Some(Timestamp { seconds: START, nanos: 5 }),
            reason: proto::RejectionReason::Evidence as i32,
            reason_text: "the test is four days old".to_owned(),
        };
        assert_eq!(
            step(&taken, &Cn),
            "2026-12-01 00:00 rejected 已驳回, CN-3205/chief: evidence missing or too old 证明缺失或过期: \
             the test is four days old"
        );
        let submitted = proto::ApplicationStep { reason: 0, reason_text: String::new(), state: 1, ..taken };
        assert_eq!(step(&submitted, &Cn), "2026-12-01 00:00 submitted 已提交, CN-3205/chief");
    }
}
