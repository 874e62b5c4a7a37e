//! The white list of the story: imported, applied for, approved, issued.

use std::collections::BTreeMap;
use std::fs;

use anyhow::bail;

use super::super::sample::csv;
use super::cast::Cast;
use super::story::Story;
use crate::sample;

const AUTHORITIES: [&str; 3] = ["CN-32", "CN-3205", "CN-3301"];
/// Numbers in one command line: some 10 kB of it.
const SHOWN_AT_ONCE: usize = 500;

impl Story {
    /// Chapter 2: a list is imported, applied for, approved; who takes part in what follows is chosen from it.
    pub(super) fn passes_for(&mut self, count: usize) -> anyhow::Result<Cast> {
        self.chapter(&format!("A white list of {count} trucks, their applications, their passes"))?;
        let rows = sample::rows(sample::SEED, count);
        let list = self.stage.path("list.csv");
        fs::write(&list, csv(&rows)?)?;
        let list = list.display().to_string();
        for authority in AUTHORITIES {
            let chief = format!("{authority}/chief");
            let said = self.stage.done(["whitelist", "import", &list, "--authority", authority, "--as", &chief])?;
            self.did(&format!("{authority} imports"), &said)?;
        }
        let again = ["whitelist", "import", &list, "--authority", "CN-32", "--as", "CN-32/chief"];
        let said = self.stage.done(again)?;
        self.did("once more, which changes nothing", &said)?;
        let said = self.stage.done(["apply", &list, "--starting", "now"])?;
        self.did("each enterprise applies under its own certificate", &said)?;

        let mut numbers = BTreeMap::new();
        let mut characters = Vec::new();
        let mut took = 0;
        for authority in AUTHORITIES {
            let chief = format!("{authority}/chief");
            let said = self.stage.done(["approve", "--all-submitted", "--as", &chief])?;
            self.did(&format!("{authority} approves and issues"), &said)?;
            took += said.took.as_millis();
            let issued = said.lines.iter().filter_map(|line| {
                let mut parts = line.split('\t').skip(1);
                Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
            });
            let issued: Vec<(String, String)> = issued.collect();
            for some in issued.chunks(SHOWN_AT_ONCE) {
                let shown =
                    ["pass", "show", "--as", &chief].into_iter().chain(some.iter().map(|(number, _)| &**number));
                let said = self.stage.done(shown)?;
                characters.extend(said.lines.iter().filter(|line| line.starts_with("FP1:")).map(String::len));
            }
            numbers.extend(issued.into_iter().map(|(number, tractor)| (tractor, number)));
        }
        if numbers.len() != count {
            bail!("{count} passes were to be issued, {} were", numbers.len());
        }
        self.say(format!("{count} passes issued in {took} ms, programs started and connections made included"))?;
        self.say(spread(characters))?;
        Cast::choose(&rows, &numbers)
    }
}

/// How long the texts are.
fn spread(mut characters: Vec<usize>) -> String {
    characters.sort_unstable();
    let up_to = |percent: usize| {
        let at = characters.len().saturating_sub(1) * percent / 100;
        characters.get(at).copied().unwrap_or(0)
    };
    format!(
        "their codes have {} to {} characters: half of them at most {}, 90% {}, 99% {}",
        up_to(0),
        up_to(100),
        up_to(50),
        up_to(90),
        up_to(99)
    )
}
