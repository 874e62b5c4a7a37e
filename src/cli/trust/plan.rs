//! The plan of a trust list: a first one whole, or what changes in the next.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use freightpass_core::trust::{Authority, Level, OffRoute, Programme, Roots};
use serde::Deserialize;

use super::create::{Windows, days_after};
use super::public_key;
use crate::cli::keys::kid;
use crate::cli::typed::moment;
use crate::profile::Profile;
use crate::trust::ceremony::{Beginning, Draft, Holder};

/// What the file says. Which keys have to be there depends on the list: a first one needs them all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    deployment: Option<String>,
    threshold: Option<u8>,
    roots: Option<Vec<String>>,
    #[serde(default)]
    status_keys: Vec<String>,
    status_base: Option<String>,
    max_age_s: Option<u32>,
    skew_s: Option<u32>,
    longest_life_s: Option<u32>,
    #[serde(default)]
    programmes: Vec<PlannedProgramme>,
    #[serde(default)]
    authorities: Vec<PlannedAuthority>,
    #[serde(default)]
    drop_authorities: Vec<String>,
    #[serde(default)]
    drop_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedProgramme {
    number: u16,
    name: String,
    /// None: what is listed, or the moment of the list.
    from: Option<String>,
    /// From the moment of the list.
    days: u32,
    off_route: PlannedOffRoute,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlannedOffRoute {
    Refer,
    Refuse,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedAuthority {
    code: String,
    /// None: it follows from the division.
    number: Option<u32>,
    name: String,
    level: PlannedLevel,
    /// None: everywhere.
    division: Option<String>,
    programmes: Vec<u16>,
    #[serde(default)]
    keys: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlannedLevel {
    Nation,
    Province,
    Prefecture,
}

impl Plan {
    /// Reads the file; a key that nobody knows is refused by its name.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let source = config::File::from_str(&text, config::FileFormat::Toml);
        let read = config::Config::builder().add_source(source).build().and_then(config::Config::try_deserialize);
        read.with_context(|| path.display().to_string())
    }

    /// The first list of a deployment. A deployment that the plan does not name is drawn.
    pub fn first(&self, profile: &dyn Profile, windows: Windows, expires: u32) -> anyhow::Result<Draft> {
        if !self.drop_authorities.is_empty() || !self.drop_keys.is_empty() {
            bail!("drop_authorities, drop_keys: a first list has nothing to drop");
        }
        let mut draft = Draft::first(Beginning {
            deployment: self.deployment()?,
            roots: Roots {
                threshold: needed("threshold", self.threshold)?,
                keys: keys("roots", needed("roots", self.roots.as_deref())?)?,
            },
            issued: windows.now,
            expires,
            max_age: needed("max_age_s", self.max_age_s)?,
            skew: needed("skew_s", self.skew_s)?,
            longest_life: needed("longest_life_s", self.longest_life_s)?,
            status_base: needed("status_base", self.status_base.clone())?,
        });
        self.put(&mut draft, profile, windows)?;
        Ok(draft)
    }

    /// Changes the next list.
    pub fn change(&self, draft: &mut Draft, profile: &dyn Profile, windows: Windows) -> anyhow::Result<()> {
        if self.deployment.is_some() || self.status_base.is_some() {
            bail!("deployment, status_base: they are of the first list, and stand for ever");
        }
        let listed = draft.content().roots.clone();
        let roots = match &self.roots {
            Some(texts) => keys("roots", texts)?,
            None => listed.keys,
        };
        draft.set_roots(Roots { threshold: self.threshold.unwrap_or(listed.threshold), keys: roots });
        let content = draft.content();
        let (max_age, skew) = (self.max_age_s.unwrap_or(content.max_age), self.skew_s.unwrap_or(content.skew));
        let longest_life = self.longest_life_s.unwrap_or(content.longest_life);
        draft.set_limits(max_age, skew, longest_life);
        for code in &self.drop_authorities {
            draft.drop_authority(code).with_context(|| "drop_authorities")?;
        }
        for text in &self.drop_keys {
            draft.drop_key(kid(text)?).with_context(|| "drop_keys")?;
        }
        self.put(draft, profile, windows)
    }

    /// What a first list and a later one name in the same words.
    fn put(&self, draft: &mut Draft, profile: &dyn Profile, windows: Windows) -> anyhow::Result<()> {
        let window = (windows.keys_from, windows.keys_until);
        for key in keys("status_keys", &self.status_keys)? {
            draft.add_key(&Holder::Status, key, window.0, window.1)?;
        }
        for programme in &self.programmes {
            // What began under a listed programme goes on.
            let listed = draft.content().programmes.iter().find(|listed| listed.number == programme.number);
            let from = match programme.from.as_deref() {
                Some(text) => u32::try_from(moment(profile, text)?)
                    .with_context(|| format!("programme {}: from = {text}", programme.number))?,
                None => listed.map_or(windows.now, |listed| listed.from),
            };
            draft.put_programme(Programme {
                number: programme.number,
                name: programme.name.clone(),
                from,
                until: days_after(windows.now, programme.days),
                off_route: match programme.off_route {
                    PlannedOffRoute::Refer => OffRoute::Refer,
                    PlannedOffRoute::Refuse => OffRoute::Refuse,
                },
            })?;
        }
        for planned in &self.authorities {
            let authority = planned.authority(profile)?;
            let code = authority.code.clone();
            if draft.content().authorities.iter().any(|listed| listed.code == code) {
                draft.amend_authority(authority)?;
            } else {
                draft.add_authority(authority)?;
            }
            for key in keys(&format!("{code}: keys"), &planned.keys)? {
                draft.add_key(&Holder::Authority(code.clone()), key, window.0, window.1)?;
            }
        }
        Ok(())
    }

    fn deployment(&self) -> anyhow::Result<[u8; 8]> {
        if let Some(text) = &self.deployment {
            return Ok(kid(text).with_context(|| "deployment")?.0);
        }
        let mut drawn = [0; 8];
        getrandom::fill(&mut drawn).map_err(|_| anyhow::anyhow!("no randomness from the operating system"))?;
        Ok(drawn)
    }
}

impl PlannedAuthority {
    /// The authority without its keys.
    fn authority(&self, profile: &dyn Profile) -> anyhow::Result<Authority> {
        let code = &self.code;
        let division = match self.division.as_deref() {
            None => None,
            Some(text) => profile
                .authority_division(text)
                .map_err(|error| anyhow::anyhow!("{code}: division {text}: {error} ({})", error.rule.code()))?,
        };
        let number = match (self.number, division.as_ref().and_then(|division| profile.authority_number(division))) {
            (Some(number), _) | (None, Some(number)) => number,
            (None, None) => bail!("{code}: number is missing: no division says it"),
        };
        Ok(Authority {
            code: code.clone(),
            number,
            name: self.name.clone(),
            level: match self.level {
                PlannedLevel::Nation => Level::Nation,
                PlannedLevel::Province => Level::Province,
                PlannedLevel::Prefecture => Level::Prefecture,
            },
            division,
            programmes: self.programmes.clone(),
            keys: Vec::new(),
        })
    }
}

fn needed<T>(name: &str, value: Option<T>) -> anyhow::Result<T> {
    value.with_context(|| format!("{name} is missing: a first list needs it"))
}

fn keys(name: &str, texts: &[String]) -> anyhow::Result<Vec<[u8; 32]>> {
    let read = |(at, text): (usize, &String)| public_key(text).with_context(|| format!("{name}[{at}]"));
    texts.iter().enumerate().map(read).collect()
}
