//! What people type on the command line, by the rules of the profile in force: places, plates, times.

use std::sync::Arc;

use anyhow::Context;
use freightpass_core::division::Division;
use jiff::Timestamp;

use crate::messages;
use crate::profile::{self, FieldError, Profile, VehicleKind};

/// Whose rules hold on this command line.
#[derive(Debug, Clone, clap::Args)]
pub struct ProfileArgs {
    /// Profile whose plates, places and zone are meant
    #[arg(long, value_name = "NAME", env = "FREIGHTPASS_PROFILE", default_value = "cn")]
    pub profile: String,
}

impl ProfileArgs {
    /// The profile.
    pub fn profile(&self) -> anyhow::Result<Arc<dyn Profile>> {
        profile::by_id(&self.profile).with_context(|| format!("no profile is called {}", self.profile))
    }
}

/// A place: a county, or the smallest division that is known.
pub fn place(profile: &dyn Profile, text: &str) -> anyhow::Result<Division> {
    profile.division(text).map_err(|error| not("no_place", text, &error))
}

/// A plate as it was read on a truck: a tractor's or a trailer's.
pub fn plate(profile: &dyn Profile, text: &str) -> anyhow::Result<String> {
    let as_tractor = profile.plate(VehicleKind::Tractor, text);
    as_tractor
        .or_else(|error| profile.plate(VehicleKind::Trailer, text).map_err(|_| error))
        .map_err(|error| not("no_plate", text, &error))
}

/// A moment in seconds since 1970: given so, as a date and time with a zone, or as one in the profile's zone.
pub fn moment(profile: &dyn Profile, text: &str) -> anyhow::Result<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(seconds);
    }
    match profile.instant(text) {
        Ok(seconds) => Ok(seconds.into()),
        Err(error) => Err(not("no_time", text, &error)),
    }
}

/// What was typed is not what it should be; which, by the code of the message.
fn not(code: &str, text: &str, error: &FieldError) -> anyhow::Error {
    let (why, why_zh) = (error.to_string(), error.message_zh());
    anyhow::anyhow!("{}", messages::fault(code, &[("text", text), ("why", &why), ("why_zh", &why_zh)]))
}

/// A moment of a filter, where one was given.
pub fn timestamp(profile: &dyn Profile, text: Option<&str>) -> anyhow::Result<Option<prost_types::Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let seconds = i64::try_from(moment(profile, text)?).with_context(|| format!("{text} is no time"))?;
    Ok(Some(prost_types::Timestamp { seconds, nanos: 0 }))
}

/// A moment of the service as people of the profile's zone read it; `-` where there is none.
pub fn told_time(profile: &dyn Profile, time: Option<prost_types::Timestamp>) -> String {
    let seconds = time.and_then(|time| u64::try_from(time.seconds).ok());
    seconds.map_or_else(|| "-".to_owned(), |seconds| told(profile, seconds))
}

/// A place by its name, the largest division first; by its code where the profile knows no name.
pub fn place_name(profile: &dyn Profile, code: &str) -> String {
    let named = profile.division(code).ok().and_then(|division| profile.division_name(&division));
    named.map_or_else(|| code.to_owned(), |names| names.concat())
}

/// Seconds since 1970 as people of the profile's zone read them.
pub fn told(profile: &dyn Profile, seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(
        || format!("{seconds} s"),
        |moment| profile.zone().to_datetime(moment).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
