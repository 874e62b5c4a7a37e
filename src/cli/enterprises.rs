//! Enterprises on the white list: the list, and one with its vehicles and people.

use super::Exit;
use super::connect::{AdminArgs, answered, runtime};
use super::output;
use super::paged::{self, PAGE};
use super::terms::{self, Term};
use super::typed::{ProfileArgs, told_time};
use crate::rpc::proto;
use crate::rpc::proto::get_enterprise_request::Enterprise as Wanted;
use crate::rpc::proto::whitelist_service_client::WhitelistServiceClient;

/// Which enterprises.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only those of this authority
    #[arg(long, value_name = "CODE", default_value = "")]
    authority: String,
    /// Only those of this key industry
    #[arg(long, value_parser = Term::Category.parser())]
    industry: Option<i32>,
    /// Only those that stand so
    #[arg(long, value_parser = Term::EnterpriseState.parser())]
    state: Option<i32>,
    /// Only those whose name begins so
    #[arg(long, default_value = "")]
    name: String,
    /// Only the one with a vehicle of this plate
    #[arg(long, default_value = "")]
    plate: String,
    /// Only those with a person who holds the paper of this number
    #[arg(long, value_name = "NUMBER", default_value = "")]
    paper: String,
    /// Kind of that paper
    #[arg(long, requires = "paper", value_parser = Term::PaperKind.parser())]
    paper_kind: Option<i32>,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Which enterprise.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Number on the white list, or enterprise code
    #[arg(value_name = "NUMBER|CODE")]
    enterprise: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs `whitelist list`.
pub fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let filter = proto::EnterpriseFilter {
        authority: args.authority.clone(),
        industry: args.industry.unwrap_or_default(),
        state: args.state.unwrap_or_default(),
        plate: args.plate.clone(),
        paper_number: args.paper.clone(),
        paper_kind: args.paper_kind.unwrap_or_default(),
        name_prefix: args.name.clone(),
    };
    runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let fetch = async |page_token| {
            let request = proto::ListEnterprisesRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_enterprises(request).await)?;
            Ok((page.enterprises, page.next_page_token))
        };
        let line = |enterprise: proto::Enterprise| {
            output::line(format_args!(
                "{}\t{}\t{}\t{}\t{}",
                enterprise.number,
                enterprise.code,
                enterprise.name,
                enterprise.authority,
                terms::told(enterprise.state().as_str_name())
            ))
        };
        paged::every(fetch, line).await?;
        Ok(Exit::Admit)
    })
}

/// Runs `whitelist show`.
pub fn show(args: &ShowArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let request = proto::GetEnterpriseRequest { enterprise: Some(wanted(&args.enterprise)) };
        let found = answered(client.get_enterprise(request).await)?.enterprise.unwrap_or_default();
        let line = |label: &str, value: &str| output::line(format_args!("{label}\t{value}"));
        line("enterprise 企业", &format!("{} {} {}", found.number, found.code, found.name))?;
        line("state 状态", &terms::told(found.state().as_str_name()))?;
        line("authority 主管机关", &found.authority)?;
        line("industry 重点行业", &terms::category(found.industry))?;
        line("contact 联系人", &format!("{} {}", found.contact_name, found.contact_phone))?;
        if !found.code_waiver_reason.is_empty() {
            line("code waiver 代码校验豁免", &found.code_waiver_reason)?;
        }
        line("listed 列入", &told_time(&*profile, found.list_time))?;
        line("changed 变更", &told_time(&*profile, found.change_time))?;
        for vehicle in &found.vehicles {
            line("vehicle 车辆", &format!("{} {}", vehicle.plate, terms::told(vehicle.kind().as_str_name())))?;
        }
        for person in &found.people {
            line(
                "person 人员",
                &format!(
                    "{} {}, {} {}",
                    terms::told(person.role().as_str_name()),
                    person.name,
                    terms::told(person.paper_kind().as_str_name()),
                    person.paper_number
                ),
            )?;
        }
        Ok(Exit::Admit)
    })
}

/// A number where it is one that the list can have; anything else is a code.
fn wanted(text: &str) -> Wanted {
    text.parse().map_or_else(|_| Wanted::Code(text.to_owned()), Wanted::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enterprise_is_named_by_number_or_by_code() {
        assert_eq!(wanted("17"), Wanted::Number(17));
        assert_eq!(wanted("91320509MAW373039Y"), Wanted::Code("91320509MAW373039Y".to_owned()));
        assert_eq!(wanted("913205091234567890"), Wanted::Code("913205091234567890".to_owned()));
    }
}
