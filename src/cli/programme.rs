//! `freightpass programme`: what an authority asks of applications under a programme.

use anyhow::{Context, bail};

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::output;
use super::paged::{self, PAGE};
use super::terms::{self, Term};
use super::typed::{ProfileArgs, told_time};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::programme_service_client::ProgrammeServiceClient;

const HOUR_S: i64 = 3_600;

/// What authorities ask of applications: which evidence, how old, whether a county must speak for them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Lists the rules by authority and programme; where there are none, nothing is asked for
    List(ListArgs),
    /// Sets the rules of an authority for a programme, in place of those before
    #[command(after_help = "\
A rule is KIND:SUBJECT or KIND:SUBJECT:HOURS: the kind of evidence; person (each on board), vehicle or cargo; and for how \
many hours before the start it may have been taken. The rules hold at once, also for what was handed in before and is not \
decided yet; the audit log keeps what they were.

Examples:
  freightpass programme set --programme 1 --require nucleic-acid-test:person:48 --require waybill:cargo --as CN-3205/chief
  freightpass programme set --programme 1 --require nucleic-acid-test:person:48 \
--issuer 'nucleic-acid-test:苏州医学检验所' --recommendation --as CN-3205/chief
  freightpass programme set --programme 1 --nothing --as CN-3205/chief")]
    Set(SetArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those of this authority
    #[arg(long, value_name = "CODE", default_value = "")]
    authority: String,
    /// Only those for this programme
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    programme: u32,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    /// Number of the programme
    #[arg(long, value_name = "NUMBER")]
    programme: u32,
    /// Another authority than the caller's certificate names, inside its division
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    /// Evidence that must be there
    #[arg(long, value_name = "KIND:SUBJECT[:HOURS]", required_unless_present_any = ["recommendation", "nothing"])]
    require: Vec<String>,
    /// Who may have made evidence of a kind that is required; may be given several times
    #[arg(long, value_name = "KIND:ISSUER", requires = "require")]
    issuer: Vec<String>,
    /// Only what a county office recommends can be approved
    #[arg(long)]
    recommendation: bool,
    /// Nothing is asked for
    #[arg(long, conflicts_with_all = ["require", "recommendation"])]
    nothing: bool,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list(args),
        Verb::Set(args) => set(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let filter = proto::ProgrammeRulesFilter { authority: args.authority.clone(), programme: args.programme };
    runtime()?.block_on(async {
        let mut client = ProgrammeServiceClient::new(args.admin.connect(None).await?);
        let fetch = async |page_token| {
            let request =
                proto::ListProgrammeRulesRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_programme_rules(request).await)?;
            Ok((page.rules, page.next_page_token))
        };
        paged::every(fetch, |rules| tell(&rules, &*profile)).await?;
        Ok(Exit::Admit)
    })
}

fn set(args: &SetArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let evidence = rules(&args.require, &args.issuer)?;
    let authority = args.authority.clone().or(args.admin.body()?);
    let authority = authority.context("whose rules? Give --authority CODE, the authority of the certificate")?;
    runtime()?.block_on(async {
        let request = proto::SetProgrammeRulesRequest {
            request_id: request_id(),
            authority,
            programme: args.programme,
            evidence,
            recommendation_required: args.recommendation,
        };
        let mut client = ProgrammeServiceClient::new(args.admin.connect(None).await?);
        let answer = answered(repeated(async || client.set_programme_rules(request.clone()).await).await)?;
        tell(&answer.rules.unwrap_or_default(), &*profile)?;
        Ok(Exit::Admit)
    })
}

/// The rules as they were typed.
fn rules(require: &[String], issuers: &[String]) -> anyhow::Result<Vec<proto::EvidenceRule>> {
    let mut rules = require.iter().map(|text| rule(text)).collect::<anyhow::Result<Vec<_>>>()?;
    for text in issuers {
        let (kind, issuer) =
            text.split_once(':').with_context(|| format!("{text}: an issuer is given as KIND:ISSUER"))?;
        let kind = evidence_kind(kind)?;
        let mut found = rules.iter_mut().filter(|rule| rule.kind == kind).peekable();
        if found.peek().is_none() {
            bail!("{text}: no rule requires evidence of this kind");
        }
        found.for_each(|rule| rule.issuers.push(issuer.to_owned()));
    }
    Ok(rules)
}

fn rule(text: &str) -> anyhow::Result<proto::EvidenceRule> {
    let mut parts = text.split(':');
    let (Some(kind), Some(subject), hours, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        bail!("{text}: a rule is KIND:SUBJECT or KIND:SUBJECT:HOURS");
    };
    let known = || format!("{text}: the subject is one of {}", Term::EvidenceSubject.typed().join(", "));
    let subject = Term::EvidenceSubject.number(subject).with_context(known)?;
    let hours = hours.map(|hours| hours.trim_end_matches('h').parse::<u32>());
    let hours = hours.transpose().with_context(|| format!("{text}: the age is a whole number of hours"))?;
    Ok(proto::EvidenceRule {
        kind: evidence_kind(kind)?,
        subject,
        max_age: hours.map(|hours| prost_types::Duration { seconds: i64::from(hours) * HOUR_S, nanos: 0 }),
        issuers: Vec::new(),
    })
}

fn evidence_kind(text: &str) -> anyhow::Result<i32> {
    let known = || format!("{text}: the kind is one of {}", Term::EvidenceKind.typed().join(", "));
    Term::EvidenceKind.number(text).with_context(known)
}

/// The rules, one a line, with who set them.
fn tell(rules: &proto::ProgrammeRules, profile: &dyn Profile) -> anyhow::Result<()> {
    let of = format!("{}\tprogramme 专项 {}", rules.authority, rules.programme);
    let by = format!("{}/{} {}", rules.body, rules.officer, told_time(profile, rules.change_time));
    if rules.evidence.is_empty() && !rules.recommendation_required {
        return output::line(format_args!("{of}\tnothing is asked for 无要求\t{by}"));
    }
    for rule in &rules.evidence {
        output::line(format_args!("{of}\t{}\t{by}", told(rule)))?;
    }
    if rules.recommendation_required {
        output::line(format_args!("{of}\ta county's recommendation 须区县推荐\t{by}"))?;
    }
    Ok(())
}

fn told(rule: &proto::EvidenceRule) -> String {
    let mut text = format!("{}, {}", terms::told(rule.kind().as_str_name()), terms::told(rule.subject().as_str_name()));
    if let Some(age) = &rule.max_age {
        let age = match age.seconds % HOUR_S {
            0 => format!("{} h", age.seconds / HOUR_S),
            _ => format!("{} s", age.seconds),
        };
        text.push_str(&format!(", at most 不超过 {age}"));
    }
    if !rule.issuers.is_empty() {
        text.push_str(&format!(", by 出具单位 {}", rule.issuers.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(require: &[&str], issuers: &[&str]) -> Result<Vec<String>, String> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        match rules(&owned(require), &owned(issuers)) {
            Ok(rules) => Ok(rules.iter().map(told).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn rules_are_read_as_they_are_typed() {
        let told = typed(
            &["nucleic-acid-test:person:48", "核酸检测:vehicle:1h", "waybill:cargo"],
            &["nucleic-acid-test:甲:乙", "nucleic-acid-test:丙"],
        );
        assert_eq!(
            told.unwrap(),
            [
                "nucleic acid test 核酸检测, each person on board 每名司乘人员, at most 不超过 48 h, by 出具单位 甲:乙 | 丙",
                "nucleic acid test 核酸检测, the vehicle 车辆, at most 不超过 1 h, by 出具单位 甲:乙 | 丙",
                "waybill 运单, the cargo 货物",
            ]
        );
    }

    #[test]
    fn what_is_no_rule_is_told_with_what_there_is() {
        for (require, issuers, wrong) in [
            (&["horoscope:person"][..], &[][..], "the kind is one of nucleic-acid-test"),
            (&["waybill:moon"], &[], "the subject is one of person, vehicle, cargo"),
            (&["waybill"], &[], "KIND:SUBJECT"),
            (&["waybill:cargo:1:2"], &[], "KIND:SUBJECT"),
            (&["waybill:cargo:soon"], &[], "whole number of hours"),
            (&["waybill:cargo"], &["licence:甲"], "no rule requires"),
            (&["waybill:cargo"], &["甲"], "KIND:ISSUER"),
        ] {
            let said = typed(require, issuers).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
    }
}
