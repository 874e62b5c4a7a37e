//! Which applications are meant: the filter of `application list`, and of `approve` and `reject` by filter.

use anyhow::bail;
use tonic::transport::Channel;

use super::connect::answered;
use super::paged::{self, PAGE};
use super::terms::Term;
use super::typed;
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;

/// Which applications; what is not given filters nothing.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Which applications")]
pub struct FilterArgs {
    /// Only those handed in to this authority
    #[arg(long, value_name = "CODE")]
    pub authority: Option<String>,
    /// Only those that stand so
    #[arg(long, value_parser = Term::ApplicationState.parser())]
    pub state: Option<i32>,
    /// Only those of the enterprise with this number
    #[arg(long, value_name = "NUMBER")]
    pub enterprise: Option<u32>,
    /// Only those for this tractor
    #[arg(long, value_name = "PLATE")]
    pub tractor: Option<String>,
    /// Only those under the programme of this number
    #[arg(long, value_name = "NUMBER")]
    pub programme: Option<u32>,
    /// Only those with cargo of this category
    #[arg(long, value_parser = Term::Category.parser())]
    pub cargo: Option<i32>,
    /// Only those with a person on board who holds the paper of this number
    #[arg(long, value_name = "NUMBER")]
    pub paper: Option<String>,
    /// Kind of that paper
    #[arg(long, requires = "paper", value_parser = Term::PaperKind.parser())]
    pub paper_kind: Option<i32>,
    /// Only those handed in at this time or later
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only those handed in before this time
    #[arg(long, value_name = "TIME")]
    pub before: Option<String>,
}

impl FilterArgs {
    /// Whether anything is asked for.
    pub fn is_given(&self) -> bool {
        self.authority.is_some() || self.narrows()
    }

    /// Whether less is asked for than everything of an authority.
    pub fn narrows(&self) -> bool {
        let Self { authority: _, state, enterprise, tractor, programme, cargo, paper, paper_kind: _, from, before } =
            self;
        [state.is_some(), enterprise.is_some(), programme.is_some(), cargo.is_some()].contains(&true)
            || [tractor, paper, from, before].iter().any(|text| text.is_some())
    }

    /// The filter as the service takes it.
    pub fn filter(&self, profile: &dyn Profile) -> anyhow::Result<proto::ApplicationFilter> {
        Ok(proto::ApplicationFilter {
            authority: self.authority.clone().unwrap_or_default(),
            state: self.state.unwrap_or_default(),
            enterprise_number: self.enterprise.unwrap_or_default(),
            tractor: self.tractor.clone().unwrap_or_default(),
            paper_number: self.paper.clone().unwrap_or_default(),
            paper_kind: self.paper_kind.unwrap_or_default(),
            submitted_from: typed::timestamp(profile, self.from.as_deref())?,
            submitted_before: typed::timestamp(profile, self.before.as_deref())?,
            programme: self.programme.unwrap_or_default(),
            cargo_category: self.cargo.unwrap_or_default(),
        })
    }

    /// The applications that match and that nobody has decided, each as it stands now, in the order of submission.
    pub async fn undecided(
        &self,
        authority: &str,
        profile: &dyn Profile,
        channel: Channel,
    ) -> anyhow::Result<Vec<proto::Application>> {
        let filter = proto::ApplicationFilter { authority: authority.to_owned(), ..self.filter(profile)? };
        let undecided = [proto::ApplicationState::Submitted, proto::ApplicationState::Recommended];
        let states = match filter.state() {
            proto::ApplicationState::Unspecified => undecided.to_vec(),
            state if undecided.contains(&state) => vec![state],
            _ => bail!("only what is submitted or recommended can be decided: leave --state out, or name one of these"),
        };
        let mut client = ApplicationServiceClient::new(channel);
        let mut found = Vec::new();
        for state in states {
            let filter = proto::ApplicationFilter { state: state.into(), ..filter.clone() };
            let fetch = async |page_token| {
                let request =
                    proto::ListApplicationsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
                let page = answered(client.list_applications(request).await)?;
                Ok((page.applications, page.next_page_token))
            };
            let note = |application: proto::Application| {
                found.push(application);
                Ok(())
            };
            paged::every(fetch, note).await?;
        }
        // One that was recommended between the two lists stands in both: as it was seen last.
        found.sort_by(|a, b| (&a.application_id, b.version).cmp(&(&b.application_id, a.version)));
        found.dedup_by(|a, b| a.application_id == b.application_id);
        Ok(found)
    }
}
