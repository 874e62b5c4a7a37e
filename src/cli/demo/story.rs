//! The story, chapter by chapter.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use freightpass_core::bundle::Provision;
use freightpass_core::key::Kid;
use serde_json::Value;

use super::super::connect::runtime;
use super::super::export::{draw, file_name};
use super::super::output;
use super::cast::{Cast, Player};
use super::forger;
use super::stage::{Said, Server, Stage};
use crate::bus::RedisBus;
use crate::clock::{Clock, SystemClock};
use crate::profile::cn::Cn;

/// Far from every route of the sample list: Ürümqi.
const FAR_AWAY: &str = "650102";
/// A plate that no truck of the sample list has.
const FORGERS_PLATE: &str = "皖K66666";
/// Hours after which the first pass has expired and the morning's data is not yet stale.
const TONIGHT_S: u64 = 12 * 3_600 + 60;

/// The story so far.
pub struct Story {
    pub(super) stage: Stage,
    began: Instant,
    chapter: usize,
    verdicts: usize,
    wrong: usize,
    first_number: String,
}

impl Story {
    /// Sets the stage.
    pub fn begin(keep: bool) -> anyhow::Result<Self> {
        let stage = Stage::set(keep)?;
        Ok(Self { stage, began: Instant::now(), chapter: 0, verdicts: 0, wrong: 0, first_number: String::new() })
    }

    /// Where it plays.
    pub fn folder(&self) -> &Path {
        &self.stage.folder
    }

    /// Tells it; the server still runs at the end.
    pub fn tell(&mut self, rows: usize, redis: Option<&str>) -> anyhow::Result<Server> {
        let server = self.a_service(redis)?;
        let cast = self.passes_for(rows)?;
        self.first_number.clone_from(&cast.honest.number);
        self.cards(&cast)?;
        self.a_checkpoint(&server)?;
        self.a_good_day(&cast)?;
        self.stopped(&server, &cast)?;
        self.forgers(&cast)?;
        self.elsewhere_and_tonight(&cast)?;
        self.a_stolen_key(&server, &cast)?;
        self.an_old_bundle(&cast)?;
        Ok(server)
    }

    /// Removes what the service left in Redis.
    pub fn tidy(&self, redis: &str) -> anyhow::Result<()> {
        let provision = fs::read(self.stage.data().join("provision.fp"))?;
        let deployment = *Provision::decode(&provision)?.deployment();
        // Nothing is put there, so that the seal's key does not matter.
        let bus = RedisBus::new(redis, &deployment, &[0; 32])?;
        Ok(runtime()?.block_on(bus.forget())?)
    }

    /// Says how it ended; gives the number of verdicts that were not as they had to be.
    pub fn end(&self) -> anyhow::Result<usize> {
        let seconds = self.began.elapsed().as_secs_f64();
        output::line("")?;
        output::line(if self.wrong == 0 {
            format!("All {} verdicts were as they had to be, in {seconds:.1} s.", self.verdicts)
        } else {
            format!("{} of {} verdicts were NOT as they had to be.", self.wrong, self.verdicts)
        })?;
        Ok(self.wrong)
    }

    /// Addresses and lines to try.
    pub fn invite(&mut self, server: &Server) -> anyhow::Result<()> {
        self.stage.keep();
        let data = self.stage.data();
        let (public, admin) =
            (server.public.trim_start_matches("http://"), server.admin.trim_start_matches("https://"));
        let pki = data.join("pki");
        let number = &self.first_number;
        let tls = format!(
            "-cacert {0}/ca.pem -cert {0}/officers/CN-3205.chief.pem -key {0}/officers/CN-3205.chief.key",
            pki.display()
        );
        output::line(format_args!(
            "\nThe server runs on; Ctrl-C ends it.\n  public {public}\n  admin  {admin}\n\
             Try:\n  grpcurl -plaintext {public} list\n  \
             grpcurl -plaintext -d '{{\"pass_number\":\"{number}\"}}' {public} freightpass.v1.CheckpointService/CheckPass\n  \
             grpcurl {tls} -d '{{\"page_size\":3}}' {admin} freightpass.v1.PassService/ListPasses\n  \
             freightpass --help\n  freightpass pass show {number} --data {} --as CN-3205/chief",
            data.display()
        ))
    }

    fn a_service(&mut self, redis: Option<&str>) -> anyhow::Result<Server> {
        self.chapter("A root key, a status key and three authorities: Jiangsu, Suzhou, Hangzhou; and the service")?;
        let began = Instant::now();
        let server = self.stage.serve(redis)?;
        self.say(format!(
            "ready after {} ms: public {}, admin {} (mutual TLS)",
            began.elapsed().as_millis(),
            server.public,
            server.admin
        ))?;
        self.say(match redis {
            Some(_) => "changes of status go over Redis",
            None => "changes of status go over the in-process bus (--redis URL for the other)",
        })?;
        Ok(server)
    }

    fn cards(&mut self, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("Cards for the drivers")?;
        let cards = self.stage.path("cards").display().to_string();
        let mut bytes = 0;
        for player in cast.all() {
            let chief = format!("{}/chief", player.row.enterprise.authority);
            self.stage.done(["pass", "export", &player.number, "--out", &cards, "--as", &chief])?;
            bytes += fs::metadata(self.card(player))?.len();
        }
        let text = self.text(&cast.honest)?;
        let drawn = cast.all().len() as u64;
        self.say(format!(
            "{drawn} cards as PNG, {} kB each; the code of the first has {} characters",
            bytes / drawn / 1000,
            text.len()
        ))
    }

    fn a_checkpoint(&mut self, server: &Server) -> anyhow::Result<()> {
        self.chapter("A courier fetches the data and carries it to a checkpoint without a network")?;
        let provision = self.stage.data().join("provision.fp").display().to_string();
        let first =
            self.stage.done(["sync", "--folder", "courier", "--provision", &provision, "--server", &server.public])?;
        self.say(first.lines.first().cloned().unwrap_or_default())?;
        self.fetch(server, "bundle-1.fp")?;
        let size = fs::metadata(self.stage.path("bundle-1.fp"))?.len();
        self.say(format!("the bundle has {size} bytes: trust list, manifest, states"))?;
        self.stage.done(["sync", "--folder", "post", "--provision", &provision, "--from", "bundle-1.fp"])?;
        Ok(())
    }

    fn a_good_day(&mut self, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("The checkpoint scans, with no network")?;
        self.scan("before an officer has confirmed the date", &cast.honest, &[], "refer", "unconfirmed_start")?;
        self.stage.done(["sync", "--folder", "post", "--confirm"])?;
        for (who, player) in [
            ("an honest truck", &cast.honest),
            ("its neighbour", &cast.revoked),
            ("a truck of the province", &cast.suspended),
            ("a truck of another enterprise", &cast.delisted[0]),
            ("its second truck", &cast.delisted[1]),
            ("a truck of Hangzhou", &cast.robbed),
        ] {
            self.scan(who, player, &[], "admit", "admit")?;
        }
        self.scan("the card on another truck", &cast.honest, &["--plate", FORGERS_PLATE], "refuse", "plate_mismatch")
    }

    fn stopped(&mut self, server: &Server, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("One pass is revoked, one enterprise, one pass is suspended")?;
        let said = self.stage.done(["revoke", &cast.revoked.number, "--reason", "misuse", "--as", "CN-3205/chief"])?;
        self.did("revoke", &said)?;
        let number = self.enterprise_number(&cast.delisted[0])?;
        let text = ["--text", "false papers", "--as", "CN-3205/chief"];
        let said = self.stage.done([&["revoke-enterprise", &number, "--dry-run"][..], &text].concat())?;
        self.did("revoke-enterprise --dry-run", &said)?;
        let said = self.stage.done([&["revoke-enterprise", &number, "--yes"][..], &text].concat())?;
        self.did("revoke-enterprise", &said)?;
        let suspended = &cast.suspended.number;
        let said = self.stage.done(["suspend", suspended, "--reason", "investigation", "--as", "CN-32/chief"])?;
        self.did("suspend", &said)?;
        self.scan("the checkpoint does not know yet", &cast.revoked, &[], "admit", "admit")?;
        self.carry(server, "bundle-2.fp")?;
        self.scan("the revoked pass", &cast.revoked, &[], "refuse", "revoked")?;
        self.scan("the enterprise's first truck", &cast.delisted[0], &[], "refuse", "revoked")?;
        self.scan("the enterprise's second truck", &cast.delisted[1], &[], "refuse", "revoked")?;
        self.scan("the suspended pass", &cast.suspended, &[], "refuse", "suspended")?;
        self.scan("the honest truck", &cast.honest, &[], "admit", "admit")?;

        let said = self.stage.done(["resume", suspended, "--as", "CN-32/chief"])?;
        self.did("resume", &said)?;
        self.carry(server, "bundle-3.fp")?;
        self.scan("the resumed pass", &cast.suspended, &[], "admit", "admit")
    }

    fn forgers(&mut self, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("Forgers")?;
        let text = self.text(&cast.honest)?;
        let key = forger::stolen_key(&self.stage.data(), "CN-3205")?;
        let kid = Kid::of(key.verifying_key().as_bytes());
        for (who, text, code) in [
            ("forged with a key of the forger", forger::with_own_key(&text, FORGERS_PLATE)?, "key_unknown"),
            (
                "forged under the authority's name",
                forger::with_borrowed_name(&text, FORGERS_PLATE, kid)?,
                "bad_signature",
            ),
            ("a genuine pass, one character of the plate altered", forger::altered(&text)?, "bad_signature"),
        ] {
            let card = self.forged_card(&text, code)?;
            self.scan_card(who, &card, &cast.honest.row.journey.origin, &[], "refuse", code)?;
        }
        Ok(())
    }

    fn elsewhere_and_tonight(&mut self, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("The wrong place, the wrong time")?;
        let card = self.card(&cast.honest);
        self.scan_card("far off the route", &card, FAR_AWAY, &[], "refuse", "off_route")?;
        let tonight = (SystemClock.now_s() + TONIGHT_S).to_string();
        self.scan("tonight, by this morning's data", &cast.honest, &["--now", &tonight], "refuse", "expired")
    }

    fn a_stolen_key(&mut self, server: &Server, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("Hangzhou's key was copied")?;
        let data = self.stage.data();
        let key = forger::stolen_key(&data, "CN-3301")?;
        let kid = Kid::of(key.verifying_key().as_bytes()).to_string();
        let forged = forger::with_stolen_key(&self.text(&cast.robbed)?, FORGERS_PLATE, &key)?;
        let card = self.forged_card(&forged, "stolen")?;
        let at = &cast.robbed.row.journey.origin;
        self.scan_card("forged with it, before anybody knows: no scan can tell", &card, at, &[], "admit", "admit")?;

        let said = self.stage.done(["keys", "survivors", &kid])?;
        self.did("the operator records what the key really signed", &said)?;
        let hash = said.last().strip_prefix("hash ").context("a hash")?.to_owned();
        self.stage.done(["keys", "trust", "--out", "current.fp"])?;
        let from = ["trust", "create", "--from", "current.fp", "--compromise", &kid, "--survivors", &hash];
        self.stage.done([&from[..], &["--out", "draft.fp"]].concat())?;
        let root = forger::key_file(&data, "root")?.display().to_string();
        let passphrase = data.join("secrets/passphrase").display().to_string();
        let sign = ["trust", "sign", "draft.fp", "--before", "current.fp", "--out", "next.fp", "--yes"];
        let said = self.stage.done([&sign[..], &["--key", &root, "--passphrase-file", &passphrase]].concat())?;
        self.did("the root signs a list that marks the key", &said)?;
        let said = self.stage.done(["keys", "install", "next.fp"])?;
        self.did("installed", &said)?;
        self.carry(server, "bundle-4.fp")?;
        self.scan_card("the forged pass", &card, at, &[], "refuse", "not_a_survivor")?;
        self.scan("the honest truck of Hangzhou: nothing was issued anew", &cast.robbed, &[], "admit", "admit")
    }

    fn an_old_bundle(&mut self, cast: &Cast) -> anyhow::Result<()> {
        self.chapter("Somebody brings this morning's bundle again")?;
        let said = self.stage.run(["sync", "--folder", "post", "--from", "bundle-1.fp"])?;
        let rejected = said.lines.iter().filter(|line| line.contains("rolled_back")).count();
        self.compare(
            "adoption",
            "refuse rolled_back",
            &format!(
                "{} {}",
                if said.code == Some(1) { "refuse" } else { "adopted" },
                if rejected > 0 { "rolled_back" } else { "" }
            ),
            "",
        )?;
        self.scan("the old state stays: the revoked pass", &cast.revoked, &[], "refuse", "revoked")?;
        self.scan("and the honest one", &cast.honest, &[], "admit", "admit")
    }

    /// The service signs, the courier fetches and carries, the checkpoint adopts.
    fn carry(&mut self, server: &Server, bundle: &str) -> anyhow::Result<()> {
        self.stage.done(["publish"])?;
        self.fetch(server, bundle)?;
        let said = self.stage.done(["sync", "--folder", "post", "--from", bundle])?;
        self.did(&format!("carried to the checkpoint ({} bytes)", fs::metadata(self.stage.path(bundle))?.len()), &said)
    }

    fn fetch(&self, server: &Server, bundle: &str) -> anyhow::Result<()> {
        self.stage.done(["sync", "--folder", "courier", "--server", &server.public, "--save", bundle])?;
        Ok(())
    }

    fn scan(&mut self, who: &str, player: &Player, more: &[&str], outcome: &str, code: &str) -> anyhow::Result<()> {
        let card = self.card(player);
        self.scan_card(who, &card, &player.row.journey.origin, more, outcome, code)
    }

    fn scan_card(
        &mut self,
        who: &str,
        card: &Path,
        at: &str,
        more: &[&str],
        outcome: &str,
        code: &str,
    ) -> anyhow::Result<()> {
        let card = card.display().to_string();
        let said = self.stage.run([&["scan", "--json", "--folder", "post", "--at", at, &card][..], more].concat())?;
        let Some(json) = said.lines.first().and_then(|line| serde_json::from_str::<Value>(line).ok()) else {
            bail!("no verdict on {card}: {}", said.errors);
        };
        let word = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let age = json.get("age_s").and_then(Value::as_u64);
        let age = age.map_or_else(|| "no age of data".to_owned(), |age| format!("data {age} s old"));
        let details = format!("{} {} ({age})", word("number"), word("plate"));
        let found = format!("{} {}", word("outcome"), word("code"));
        let exit = match outcome {
            "admit" => 0,
            "refuse" => 1,
            _ => 2,
        };
        let found = if said.code == Some(exit) { found } else { format!("{found}, exit {:?}", said.code) };
        self.compare(who, &format!("{outcome} {code}"), &found, &details)
    }

    fn compare(&mut self, who: &str, wanted: &str, found: &str, details: &str) -> anyhow::Result<()> {
        self.verdicts += 1;
        if found == wanted {
            return output::line(format_args!("   {found:<24} {who}  {details}"));
        }
        self.wrong += 1;
        output::line(format_args!("   WRONG: {found}, wanted {wanted}: {who}  {details}"))
    }

    pub(super) fn chapter(&mut self, title: &str) -> anyhow::Result<()> {
        self.chapter += 1;
        output::line(format_args!("\n{}. {title}", self.chapter))
    }

    pub(super) fn say(&self, text: impl std::fmt::Display) -> anyhow::Result<()> {
        output::line(format_args!("   {text}"))
    }

    pub(super) fn did(&self, what: &str, said: &Said) -> anyhow::Result<()> {
        self.say(format!("{what}: {} [{} ms]", said.last(), said.took.as_millis()))
    }

    fn card(&self, player: &Player) -> PathBuf {
        self.stage.path("cards").join(file_name(&player.number, &player.row.tractor, "png"))
    }

    fn text(&self, player: &Player) -> anyhow::Result<String> {
        let chief = format!("{}/chief", player.row.enterprise.authority);
        let said = self.stage.done(["pass", "show", &player.number, "--as", &chief])?;
        Ok(said.last().to_owned())
    }

    fn forged_card(&self, text: &str, folder: &str) -> anyhow::Result<PathBuf> {
        let folder = self.stage.path("forged").join(folder);
        let folder = if folder.exists() { folder.join("2") } else { folder };
        fs::create_dir_all(&folder)?;
        draw(text, None, &Cn, &folder)
    }

    fn enterprise_number(&self, player: &Player) -> anyhow::Result<String> {
        let authority = format!("{}/chief", player.row.enterprise.authority);
        let said = self.stage.done(["whitelist", "list", "--plate", &player.row.tractor, "--as", &authority])?;
        let number = said.lines.first().and_then(|line| line.split('\t').next());
        Ok(number.context("the enterprise is on no list")?.to_owned())
    }
}
