//! A checkpoint at work: what it holds, what it sees, what it admitted before.

use freightpass_core::hold::Held;
use freightpass_core::scan::{Freshness, Observation, Outcome, Policy, VerifiedPass, scan};

use crate::clock::{Clock, SystemClock};
use crate::scanner::{
    Crossing, Crossings, Folder, FolderError, Purpose, Report, Shown, Source, Stamp, Unread, look_at,
};

/// A checkpoint.
pub struct Post {
    folder: Folder,
    held: Held,
    stamp: Option<Stamp>,
    policy: Policy,
    seen: Observation,
    crossings: Crossings,
    rehearsed: Option<u64>,
}

impl Post {
    /// The scanner in that folder, at the machine's time or at the one that is rehearsed, in seconds since 1970.
    ///
    /// # Errors
    /// Those of [`Folder::read`].
    pub fn open(
        folder: Folder,
        policy: Policy,
        seen: Observation,
        rehearsed: Option<u64>,
    ) -> Result<Self, FolderError> {
        let stamp = folder.stamp();
        let held = folder.read()?;
        let purpose = if rehearsed.is_some() { Purpose::Rehearsal } else { Purpose::Duty };
        let crossings = folder.crossings(rehearsed.unwrap_or_else(|| SystemClock.now_s()), purpose);
        Ok(Self { folder, held, stamp, policy, seen, crossings, rehearsed })
    }

    /// Takes up what was adopted into the folder since, and what other lanes admitted: a scanner runs for days, and a
    /// revocation must not wait for its next start.
    ///
    /// # Errors
    /// Those of [`Folder::read`]: a scanner whose folder cannot be read any more admits nobody, as at its start.
    pub fn refresh(&mut self) -> Result<(), FolderError> {
        // The stamp first: what is put there while the folder is read shows as a change the next time.
        let stamp = self.folder.stamp();
        if stamp != self.stamp {
            self.held = self.folder.read()?;
            self.stamp = stamp;
        }
        self.crossings.refresh(self.now());
        Ok(())
    }

    /// A verdict for each code that a source shows; one that says so where nothing can be read.
    pub fn judge(&mut self, source: &Source) -> Vec<Report> {
        let look = look_at(source);
        let file = look.file.map(|path| path.display().to_string());
        let each = look.shown.iter().map(|shown| match shown {
            Shown::Text(text) => self.verdict(text, file.clone(), look.others),
            Shown::Unreadable(why) => self.unreadable(file.clone(), why.clone()),
        });
        each.collect()
    }

    /// What is said where nothing can be read.
    pub fn unreadable(&self, file: Option<String>, why: Unread) -> Report {
        Report::unreadable(file, why, &self.freshness())
    }

    /// Writes what is still to be remembered.
    ///
    /// # Errors
    /// The first fault on the way.
    pub fn end(self) -> std::io::Result<()> {
        self.crossings.end()
    }

    /// The verdict on a text. Only an admission is looked up and remembered: the number of a pass that is not genuine
    /// means nothing.
    fn verdict(&mut self, text: &str, file: Option<String>, others: usize) -> Report {
        let now = self.now();
        let verdict = scan(text, &self.held, &self.policy, &self.seen, now);
        let admitted = verdict.pass().filter(|_| verdict.outcome() == Outcome::Admit);
        let Some(claims) = admitted.map(VerifiedPass::claims) else {
            return Report::of(&verdict, None, file, others);
        };
        let t = verdict.freshness().t;
        let report = match self.crossings.last(claims.number, t) {
            None => Report::of(&verdict, None, file, others),
            Some(before) => {
                let seen = Observation { last_seen: Some(before.at), ..self.seen.clone() };
                let verdict = scan(text, &self.held, &self.policy, &seen, now);
                Report::of(&verdict, Some(before), file, others)
            }
        };
        let place = self.seen.county.as_ref().map(ToString::to_string);
        self.crossings.admitted(claims.number, claims.exp.into(), Crossing { at: t, place });
        report
    }

    /// How old the data is, also where there is nothing to judge.
    fn freshness(&self) -> Freshness {
        *scan("", &self.held, &self.policy, &self.seen, self.now()).freshness()
    }

    fn now(&self) -> u64 {
        self.rehearsed.unwrap_or_else(|| SystemClock.now_s())
    }
}
