//! A trust object in words, for the people of a ceremony: what they are about to sign, or have been given.

use std::fmt;

use data_encoding::HEXLOWER;
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::key::Kid;
use freightpass_core::malformed::Malformed;
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::trust::{TrustContent, TrustFault, TrustList, UnverifiedTrustList};

use super::ceremony::{self, Change, division_words, key_words, level_words, off_route_words, told};

/// What an object is.
pub enum Inspected {
    /// A trust list, or a draft of one, which nobody signed; and the list before it, if it was given.
    Trust {
        /// The list.
        list: Box<TrustList>,
        /// For each set of roots that has to sign (those before it, its own): valid signatures, and how many are needed.
        signatures: Vec<(usize, u8)>,
        /// What it changes against the list before it; none where that was not given.
        changes: Option<Vec<Change>>,
    },
    /// A provisioning file.
    Provision(Provision),
    /// A manifest, unverified.
    Manifest {
        /// The key that is said to have signed it.
        kid: Kid,
        /// What it says.
        content: freightpass_core::manifest::ManifestContent,
    },
    /// A bundle: the sizes of its parts.
    Bundle {
        /// Bytes of each trust list.
        trust: Vec<usize>,
        /// Bytes of the manifest.
        manifest: usize,
        /// Bytes of each object.
        objects: Vec<usize>,
    },
}

/// Why an object is not understood: what it would have to be, and why it is not.
#[derive(Debug, thiserror::Error)]
#[error("no trust list ({trust}), no draft of one, no manifest ({manifest}), no bundle and no provisioning file")]
pub struct NotInspected {
    /// Why it is no trust list.
    pub trust: TrustFault,
    /// Why it is no manifest.
    pub manifest: Malformed,
}

/// Reads whatever it is. Signatures of a trust list are counted; `before` is the list in force, whose roots count too.
pub fn inspect(bytes: &[u8], before: Option<&TrustList>) -> Result<Inspected, NotInspected> {
    if let Ok(provision) = Provision::decode(bytes) {
        return Ok(Inspected::Provision(provision));
    }
    if let Ok(bundle) = Bundle::decode(bytes) {
        return Ok(Inspected::Bundle {
            trust: bundle.trust.iter().map(Vec::len).collect(),
            manifest: bundle.manifest.len(),
            objects: bundle.objects.iter().map(Vec::len).collect(),
        });
    }
    let trust = match read_trust(bytes, before) {
        Ok(inspected) => return Ok(inspected),
        Err(fault) => fault,
    };
    let manifest = UnverifiedManifest::read(bytes).and_then(|read| Ok((read.kid(), read.unverified_content()?)));
    match manifest {
        Ok((kid, content)) => Ok(Inspected::Manifest { kid, content }),
        Err(manifest) => Err(NotInspected { trust, manifest }),
    }
}

fn read_trust(bytes: &[u8], before: Option<&TrustList>) -> Result<Inspected, TrustFault> {
    let Ok(unverified) = UnverifiedTrustList::read(bytes) else {
        // A draft is the payload alone: under an envelope that signs nothing it reads as a list.
        let unsigned = freightpass_core::cose::sign(bytes, &[(Kid([0; 8]), [0; 64])]);
        let list = UnverifiedTrustList::read(&unsigned)?.unverified_list()?;
        let needed = before.into_iter().chain([&list]).map(|list| (0, list.content().roots.threshold)).collect();
        return Ok(inspected(list, needed, before));
    };
    let list = unverified.unverified_list()?;
    let signatures = ceremony::signed(bytes, before).unwrap_or_default();
    Ok(inspected(list, signatures, before))
}

fn inspected(list: TrustList, signatures: Vec<(usize, u8)>, before: Option<&TrustList>) -> Inspected {
    let changes = before.map(|before| ceremony::changes(before.content(), list.content()));
    Inspected::Trust { list: Box::new(list), signatures, changes }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inspected::Trust { list, signatures, changes } => {
                let which =
                    if signatures.len() > 1 { &["roots before it", "its own roots"][..] } else { &["its roots"] };
                writeln!(
                    f,
                    "trust list {} of deployment {}",
                    list.content().sequence,
                    HEXLOWER.encode(&list.content().deployment)
                )?;
                writeln!(f, "  hash         {}", HEXLOWER.encode(list.hash()))?;
                for ((valid, needed), which) in signatures.iter().zip(which) {
                    writeln!(f, "  signed by    {valid} of {which}, {needed} needed")?;
                }
                write_content(f, list.content())?;
                match changes.as_deref() {
                    None => Ok(()),
                    Some([]) => writeln!(f, "  changes      none but its moments"),
                    Some(changes) => changes.iter().try_for_each(|change| writeln!(f, "  change       {change}")),
                }
            }
            Inspected::Provision(provision) => {
                writeln!(f, "provisioning file of deployment {}", HEXLOWER.encode(provision.deployment()))?;
                writeln!(f, "  fingerprint  {}", provision.fingerprint())?;
                writeln!(f, "  floor        {}", told(provision.floor()))?;
                write_roots(f, provision.roots())
            }
            Inspected::Manifest { kid, content } => {
                writeln!(
                    f,
                    "manifest {} of deployment {} (not verified)",
                    content.seq,
                    HEXLOWER.encode(&content.deployment)
                )?;
                writeln!(f, "  signed by    {kid}")?;
                writeln!(f, "  issued       {}, counts until {}", told(content.issued), told(content.expires))?;
                writeln!(f, "  trust list   {} ({})", content.trust_sequence, HEXLOWER.encode(&content.trust_hash))?;
                for entry in &content.lists {
                    writeln!(f, "  list {:<7} n {:<9} state {}", entry.list, entry.n, HEXLOWER.encode(&entry.state))?;
                }
                Ok(())
            }
            Inspected::Bundle { trust, manifest, objects } => {
                writeln!(f, "bundle")?;
                writeln!(f, "  trust lists  {trust:?} bytes")?;
                writeln!(f, "  manifest     {manifest} bytes")?;
                writeln!(f, "  objects      {objects:?} bytes")
            }
        }
    }
}

fn write_content(f: &mut fmt::Formatter<'_>, content: &TrustContent) -> fmt::Result {
    writeln!(f, "  issued       {}, speaks until {}", told(content.issued), told(content.expires))?;
    writeln!(f, "  status base  {}", content.status_base)?;
    let limits = (content.max_age, content.skew, content.longest_life);
    writeln!(
        f,
        "  limits       status at most {} s old, clocks {} s off, passes {} s long",
        limits.0, limits.1, limits.2
    )?;
    write_roots(f, &content.roots)?;
    for key in &content.status_keys {
        writeln!(f, "  status key   {}", key_words(content, key))?;
    }
    for programme in &content.programmes {
        let off_route = off_route_words(programme.off_route);
        let (from, until) = (told(programme.from), told(programme.until));
        writeln!(
            f,
            "  programme    {} {}: {from} to {until}, off the route {off_route}",
            programme.number, programme.name
        )?;
    }
    for authority in &content.authorities {
        let (level, place) = (level_words(authority.level), division_words(authority.division.as_ref()));
        writeln!(
            f,
            "  authority    {} {} ({level}, number {}), {place}, programmes {:?}",
            authority.code, authority.name, authority.number, authority.programmes
        )?;
        for key in &authority.keys {
            writeln!(f, "    key        {}", key_words(content, key))?;
        }
    }
    Ok(())
}

fn write_roots(f: &mut fmt::Formatter<'_>, roots: &freightpass_core::trust::Roots) -> fmt::Result {
    let kids: Vec<_> = roots.keys.iter().map(|key| Kid::of(key).to_string()).collect();
    writeln!(f, "  roots        {} of {} sign: {}", roots.threshold, kids.len(), kids.join(" "))
}
