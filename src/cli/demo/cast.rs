//! Who plays: trucks of the sample list that are on the road at once, and their passes.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::sample::Row;

/// A truck with its pass.
#[derive(Debug, Clone)]
pub struct Player {
    /// Its row of the sample list.
    pub row: Row,
    /// Number of its pass.
    pub number: String,
}

/// The trucks of the story.
#[derive(Debug)]
pub struct Cast {
    /// Drives all day with a good pass.
    pub honest: Player,
    /// Its pass is revoked.
    pub revoked: Player,
    /// Its pass is suspended and resumed.
    pub suspended: Player,
    /// Two trucks of an enterprise that is taken off the list.
    pub delisted: [Player; 2],
    /// Its authority's key is stolen.
    pub robbed: Player,
}

impl Cast {
    /// Chooses among `rows`; `numbers` has the pass of each tractor.
    pub fn choose(rows: &[Row], numbers: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let mut on_the_road = rows
            .iter()
            .filter(|row| row.journey.begins_after_min == 0)
            .filter_map(|row| Some(Player { row: row.clone(), number: numbers.get(&row.tractor)?.clone() }));
        let mut all: Vec<Player> = on_the_road.by_ref().collect();
        let honest =
            take(&mut all, |player| player.row.enterprise.authority == "CN-3205").context("an honest truck")?;
        let home = honest.row.enterprise.code.clone();
        let revoked = take(&mut all, |player| player.row.enterprise.code == home).context("a truck to revoke")?;
        let robbed =
            take(&mut all, |player| player.row.enterprise.authority == "CN-3301").context("a truck of Hangzhou")?;
        let suspended =
            take(&mut all, |player| player.row.enterprise.authority == "CN-32").context("a truck to suspend")?;
        let other =
            |player: &Player| player.row.enterprise.authority == "CN-3205" && player.row.enterprise.code != home;
        let first = take(&mut all, other).context("an enterprise to revoke")?;
        let code = first.row.enterprise.code.clone();
        let second = take(&mut all, |player| player.row.enterprise.code == code).context("its second truck")?;
        Ok(Self { honest, revoked, suspended, delisted: [first, second], robbed })
    }

    /// Everybody.
    pub fn all(&self) -> [&Player; 6] {
        let [first, second] = &self.delisted;
        [&self.honest, &self.revoked, &self.suspended, first, second, &self.robbed]
    }
}

fn take(players: &mut Vec<Player>, wanted: impl Fn(&Player) -> bool) -> Option<Player> {
    let at = players.iter().position(wanted)?;
    Some(players.remove(at))
}
