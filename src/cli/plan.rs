//! A plan of decisions: exactly these applications, as they were seen. A dry run makes it, shows it, and keeps it in a file
//! if asked to; the decision takes it, and nothing that came in after.

use std::collections::HashSet;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tonic::transport::Channel;

use super::connect::{AdminArgs, answered};
use super::selection::FilterArgs;
use super::{Exit, application, file, output};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;

/// How a plan is made, kept and taken.
#[derive(Debug, Clone, clap::Args)]
pub struct PlanArgs {
    /// Show what would be decided and what would be refused and why, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: keep the plan in this file. Without: decide exactly what stands in it
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Do not ask before what a filter found is decided
    #[arg(long)]
    pub yes: bool,
}

/// What is to be done with the applications of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Approve them.
    Approve,
    /// Reject them.
    Reject,
}

/// Applications to decide, as they were seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is to be done with them.
    pub decision: Decision,
    /// The applications.
    pub applications: Vec<Planned>,
}

/// One application, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its identifier.
    pub id: String,
    /// The version that was seen; 0: none was, whichever it has is meant.
    pub version: u64,
}

impl Planned {
    /// An application as it was shown.
    fn of(application: &proto::Application) -> Self {
        Self { id: application.application_id.clone(), version: application.version }
    }

    /// An application that somebody named without looking at it.
    fn unseen(id: &str) -> Self {
        Self { id: id.to_owned(), version: 0 }
    }
}

/// The versions of a batch as the service takes them: none, where none was seen.
pub fn versions(batch: &[Planned]) -> Vec<u64> {
    if batch.iter().any(|one| one.version == 0) {
        return Vec::new();
    }
    batch.iter().map(|one| one.version).collect()
}

impl Plan {
    /// The plan in a file, which must be one for this decision.
    pub fn read(path: &Path, decision: Decision) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let plan: Plan =
            serde_json::from_str(&text).with_context(|| format!("{} is no plan of decisions", path.display()))?;
        if plan.decision != decision {
            bail!("{} is a plan to {}", path.display(), plan.decision.verb());
        }
        // One without a version would take the guard from its whole batch.
        if let Some(unseen) = plan.applications.iter().find(|planned| planned.version == 0) {
            bail!("{}: application {} has version 0: versions begin at 1", path.display(), unseen.id);
        }
        Ok(plan)
    }

    /// Keeps the plan in a file that is not there yet, or takes its place whole.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        file::replace(path, format!("{text}\n").as_bytes())
    }
}

impl Decision {
    /// The verb.
    pub fn verb(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Reject => "reject",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Decision::Approve => "批准",
            Decision::Reject => "驳回",
        }
    }
}

/// Applications of a request: the most that the service takes.
pub const BATCH: usize = 200;

/// What the command line says about which applications to decide.
pub struct Selected<'a> {
    /// What is to be done with them.
    pub decision: Decision,
    /// Identifiers that were typed.
    pub named: &'a [String],
    /// Everything undecided, without being asked: `--all-submitted`.
    pub all: bool,
    /// Which of them.
    pub filter: &'a FilterArgs,
    /// How the plan is kept or taken.
    pub plan: &'a PlanArgs,
    /// Whether deciding also revokes passes that are out: that is never done unasked.
    pub replaces: bool,
}

/// What came of it.
pub enum Chosen {
    /// It was shown, and nothing is to be decided.
    Shown(Exit),
    /// These are to be decided.
    Decide(Vec<Planned>),
}

impl Selected<'_> {
    /// The applications to decide: those that were typed, those of a plan, or those that the filter finds. What is found,
    /// or a dry run is about, is shown first, with what `rehearse` says against it; what would be refused is left out.
    pub async fn choose(
        &self,
        admin: &AdminArgs,
        profile: &dyn Profile,
        channel: Channel,
        mut rehearse: impl AsyncFnMut(&[Planned]) -> anyhow::Result<Vec<Option<String>>>,
    ) -> anyhow::Result<Chosen> {
        let by_filter = self.all || self.filter.is_given();
        let PlanArgs { dry_run, plan, yes } = self.plan;
        let named = !self.named.is_empty();
        if u8::from(named) + u8::from(by_filter) + u8::from(plan.is_some() && !dry_run) != 1 {
            bail!("which applications? Give identifiers, or a filter such as --state submitted, or --plan FILE");
        }
        if let (Some(path), false) = (plan, dry_run) {
            return Ok(Chosen::Decide(Plan::read(path, self.decision)?.applications));
        }
        if named && !dry_run {
            return Ok(Chosen::Decide(distinct(self.named)));
        }
        let found = if named {
            seen(self.named, channel).await?
        } else {
            let Some(authority) = self.filter.authority.clone().or(admin.body()?) else {
                bail!("whose applications? Give --authority CODE, the authority of the certificate");
            };
            self.filter.undecided(&authority, profile, channel).await?
        };
        if self.all && !dry_run && !self.filter.narrows() && !self.replaces {
            return Ok(Chosen::Decide(found.iter().map(Planned::of).collect()));
        }
        let (good, refused) = show(&found, profile, &mut rehearse).await?;
        let verb = self.decision.verb();
        output::line(format_args!(
            "would {verb} 将{} {}, would refuse 将拒 {refused}",
            self.decision.zh(),
            good.len()
        ))?;
        let count = good.len();
        if *dry_run {
            if let Some(path) = plan {
                Plan { decision: self.decision, applications: good }.write(path)?;
            }
            return Ok(Chosen::Shown(Exit::refuse_if(refused > 0)));
        }
        if self.replaces {
            output::line("passes of the same tractors at those times would be revoked 同车同时段的通行证将被吊销")?;
        }
        if count == 0 || !(*yes || confirmed(self.decision, count)?) {
            output::line("nothing was decided 未作决定")?;
            return Ok(Chosen::Shown(Exit::refuse_if(refused > 0)));
        }
        Ok(Chosen::Decide(good))
    }
}

/// Shows each application with what stands against it; those against which nothing does, and how many others there are.
async fn show(
    found: &[proto::Application],
    profile: &dyn Profile,
    rehearse: &mut impl AsyncFnMut(&[Planned]) -> anyhow::Result<Vec<Option<String>>>,
) -> anyhow::Result<(Vec<Planned>, usize)> {
    let (mut good, mut refused) = (Vec::new(), 0);
    for batch in found.chunks(BATCH) {
        let planned: Vec<_> = batch.iter().map(Planned::of).collect();
        let against = rehearse(&planned).await?;
        for ((application, one), why) in batch.iter().zip(planned).zip(against) {
            let line = application::line(application, profile);
            match why {
                None => {
                    output::line(line)?;
                    good.push(one);
                }
                Some(why) => {
                    output::line(format_args!("{line}\twould be refused 将拒: {why}"))?;
                    refused += 1;
                }
            }
        }
    }
    Ok((good, refused))
}

/// The applications of these identifiers as they stand.
async fn seen(ids: &[String], channel: Channel) -> anyhow::Result<Vec<proto::Application>> {
    let mut client = ApplicationServiceClient::new(channel);
    let mut found = Vec::new();
    for one in distinct(ids) {
        let request = proto::GetApplicationRequest { application_id: one.id.clone() };
        let answer = answered(client.get_application(request).await).with_context(|| one.id.clone())?;
        found.extend(answer.application);
    }
    Ok(found)
}

/// The identifiers that were typed, each once: the service refuses a batch that names one twice.
fn distinct(ids: &[String]) -> Vec<Planned> {
    let mut seen = HashSet::new();
    ids.iter().filter(|id| seen.insert(*id)).map(|id| Planned::unseen(id)).collect()
}

/// Whether the person at the terminal says yes; without a person there it must have been said on the command line.
fn confirmed(decision: Decision, count: usize) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("{count} applications would be decided: say --yes, or --dry-run --plan FILE and then --plan FILE");
    }
    output::asked_yes(format_args!("{} these {count}? [y/N] ", decision.verb()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_is_read_back_and_only_for_its_own_decision() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let planned = |id: &str, version| Planned { id: id.to_owned(), version };
        let plan = Plan { decision: Decision::Approve, applications: vec![planned("a", 1), planned("b", 2)] };
        plan.write(&path).unwrap();
        assert_eq!(Plan::read(&path, Decision::Approve).unwrap(), plan);
        let wrong = Plan::read(&path, Decision::Reject).unwrap_err().to_string();
        assert!(wrong.ends_with("is a plan to approve"), "{wrong}");
        Plan { decision: Decision::Approve, applications: vec![planned("a", 1), planned("b", 0)] }
            .write(&path)
            .unwrap();
        let unseen = Plan::read(&path, Decision::Approve).unwrap_err().to_string();
        assert!(unseen.ends_with("application b has version 0: versions begin at 1"), "{unseen}");
        fs::write(&path, "{}").unwrap();
        assert!(Plan::read(&path, Decision::Approve).unwrap_err().to_string().ends_with("is no plan of decisions"));
    }

    #[test]
    fn versions_go_with_what_was_seen_only() {
        let planned = |version| Planned { id: "a".to_owned(), version };
        assert_eq!(versions(&[planned(1), planned(2)]), [1, 2]);
        assert!(versions(&[planned(1), Planned::unseen("b")]).is_empty());
    }
}
