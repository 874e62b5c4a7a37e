//! `freightpass amend`: another trailer or another crew in mid-journey. One step: a new pass, and the old one revoked.

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::crew::{self, Person};
use super::output;
use super::pass;
use super::terms;
use super::typed::ProfileArgs;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;
use crate::rpc::proto::pass_service_client::PassServiceClient;
use crate::rpc::proto::revocation_service_client::RevocationServiceClient;

/// Puts a pass with another trailer or crew in the place of one under way
#[derive(Debug, clap::Args)]
#[command(after_help = "\
--crew names everybody who is on board from now on, the driver first, one --crew a person:
  NAME,KIND,NUMBER,MOBILE,ROLE as in the columns of the table; what is empty at the end may be left out. No KIND is the
  identity card; without a ROLE the first drives and the others in relief.
  Somebody who stands in the application is named by name, or by the last four characters of the paper, alone.

Examples:
  freightpass amend 320500-220418-00042-0 --trailer 苏E8765挂 --text 'tyre burst' --as CN-3205/chief
  freightpass amend 320500-220418-00042-0 --no-trailer --text 'left at the port' --as CN-3205/chief
  freightpass amend 320500-220418-00042-0 --crew 张伟,,320583199001011232,13912345678 --crew 王芳 \\
    --text 'the driver fell ill' --as CN-3205/chief")]
pub struct Args {
    /// Number of the pass
    number: String,
    /// Plate of the trailer from now on
    #[arg(long, value_name = "PLATE", conflicts_with = "no_trailer", required_unless_present_any = ["no_trailer", "crew"])]
    trailer: Option<String>,
    /// No trailer from now on
    #[arg(long)]
    no_trailer: bool,
    /// A person on board from now on; the whole crew, the driver first
    #[arg(long, value_name = "PERSON")]
    crew: Vec<String>,
    /// Why, in words
    #[arg(long)]
    text: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let people = args.crew.iter().enumerate().map(|(place, text)| crew::person(place, text, &*profile));
    let people = people.collect::<Result<Vec<Person>, _>>()?;
    runtime()?.block_on(async {
        let channel = args.admin.connect(None).await?;
        let known = if people.iter().any(|person| matches!(person, Person::Known(_))) {
            let mut passes = PassServiceClient::new(channel.clone());
            let pass = pass::get(&mut passes, &args.number).await?;
            let request = proto::GetApplicationRequest { application_id: pass.application_id };
            let answer = answered(ApplicationServiceClient::new(channel.clone()).get_application(request).await)?;
            answer.application.and_then(|application| application.form).map(|form| form.crew).unwrap_or_default()
        } else {
            Vec::new()
        };
        let crew = people.iter().enumerate().map(|(place, person)| crew::resolved(place, person, &known));
        let request = proto::AmendPassRequest {
            request_id: request_id(),
            pass_number: args.number.clone(),
            trailer: if args.no_trailer { Some(String::new()) } else { args.trailer.clone() },
            crew: crew.collect::<Result<_, _>>()?,
            reason_text: args.text.clone(),
        };
        let mut client = RevocationServiceClient::new(channel);
        let answer = answered(repeated(async || client.amend_pass(request.clone()).await).await)?;
        let (old, new) = (answer.change.unwrap_or_default(), answer.pass.unwrap_or_default());
        output::line(format_args!(
            "revoked 吊销 {}: {} (status log {})",
            old.pass_number,
            terms::told(old.reason().as_str_name()),
            old.log_seq
        ))?;
        output::line(format_args!("issued 签发 {}", pass::line(&*profile, &new)))?;
        output::line(&new.text)?;
        output::aside(format_args!(
            "The driver needs the new card: freightpass pass export {}. The old one is refused wherever the status has \
             arrived.",
            new.number
        ));
        Ok(Exit::Admit)
    })
}
