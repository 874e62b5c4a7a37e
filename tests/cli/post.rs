//! A deployment in memory and a checkpoint's folder on disk: everything that a scanner needs, made by the core.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::cose;
use freightpass_core::division::{Code, Division};
use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject, Unsigned,
};
use freightpass_core::status::{Snapshot, State, list_of};
use freightpass_core::trust::{
    Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent, UnverifiedTrustList,
};
use tempfile::TempDir;

/// 2026-12-01 00:00 in Beijing.
pub const NOW: u32 = 1_796_054_400;
/// The checkpoint's county, on the route of every pass here.
pub const HERE: &str = "320583";
const DEPLOYMENT: [u8; 8] = *b"cli-test";
const BASE: &str = "HTTPS://PASS.TEST/S/";
const DAY: u32 = 86_400;
const N: u32 = 1_024;

/// The program.
pub fn freightpass() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FREIGHTPASS_")) {
        command.env_remove(name);
    }
    command
}

/// A checkpoint: a temporary folder with a scanner in it.
pub struct Post {
    pub folder: TempDir,
}

impl Post {
    /// Provisioned, confirmed, with a manifest of number 40 that stops nobody.
    pub fn ready() -> Self {
        let post = Self { folder: tempfile::tempdir().unwrap() };
        let provision = post.write("provision.fp", &provision().encode());
        let bundle = post.write("first.fp", &bundle(40, &[], &[]));
        post.sync(&["--provision", &provision, "--from", &bundle, "--confirm"]).success();
        post
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name).display().to_string()
    }

    pub fn sync(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        freightpass().arg("sync").arg("--folder").arg(self.path("scanner")).args(arguments).assert()
    }

    /// `scan --json` at the right place and time; the verdicts and the exit code.
    pub fn scan(&self, arguments: &[&str]) -> (Vec<serde_json::Value>, i32) {
        let output = self.scan_command().arg("--json").args(["--at", HERE]).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let verdicts = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (verdicts, output.status.code().unwrap())
    }

    pub fn scan_command(&self) -> Command {
        let mut command = freightpass();
        command.arg("scan").arg("--folder").arg(self.path("scanner")).args(["--now", &NOW.to_string()]);
        command
    }
}

pub fn provision() -> Provision {
    Provision::new(DEPLOYMENT, roots(), NOW - DAY).unwrap()
}

/// A bundle whose manifest has that number, with the revoked and suspended indexes of the list of this week's passes.
pub fn bundle(seq: u32, revoked: &[u32], suspended: &[u32]) -> Vec<u8> {
    let trust = trust_list();
    let hash = *UnverifiedTrustList::read(&trust).unwrap().unverified_list().unwrap().hash();
    let list = list_of(u64::from(NOW + DAY));
    let state = State::from_sets(list, N, revoked, suspended).unwrap();
    let base = State::empty(list, N).unwrap().hash(&DEPLOYMENT);
    let manifest = ManifestContent {
        deployment: DEPLOYMENT,
        seq,
        issued: NOW - 60 + seq % 50,
        expires: NOW + DAY,
        ttl: 60,
        trust_sequence: 1,
        trust_hash: hash,
        lists: vec![ListEntry { list, n: N, base, state: state.hash(&DEPLOYMENT) }],
    };
    let status = key(2);
    let manifest = manifest.sign(kid(&status), |message| status.sign(message).to_bytes()).unwrap();
    Bundle { trust: vec![trust], manifest, objects: vec![Snapshot::new(state).encode().unwrap()] }.encode()
}

/// The text of a pass with that index, for the truck 苏E12345.
pub fn pass(idx: u32) -> String {
    pass_of(idx, NOW - 3_600, NOW + DAY)
}

/// The same with its own window.
pub fn pass_of(idx: u32, nbf: u32, exp: u32) -> String {
    let claims = claims(idx, nbf, exp);
    Unsigned::new(&claims, kid(&key(3))).unwrap().sign(|message| key(3).sign(message).to_bytes()).text()
}

fn claims(idx: u32, nbf: u32, exp: u32) -> Claims {
    let place = |code| Division::Code(Code::new(code).unwrap());
    Claims {
        iss: "CN-3205".into(),
        nbf,
        exp,
        number: PassNumber::new(320_500, 2_526, idx + 1).unwrap(),
        status: StatusReference { idx, uri: format!("{BASE}{}", list_of(exp.into())) },
        subject: Subject {
            programme: 1,
            tractor: "苏E12345".into(),
            trailer: Some("苏E8765挂".into()),
            crew: vec![Crew { name: "张建国".into(), tail: "123X".into(), role: CrewRole::Driver }],
            route: vec![place(320_583), place(330_106)],
            leg: Leg::Loaded,
            cargo: CargoCategory(6),
            enterprise: Some(Enterprise::Number(7)),
        },
    }
}

/// A grey picture with these codes beside each other.
pub fn picture(texts: &[&str]) -> Vec<u8> {
    const MODULE: usize = 4;
    const QUIET: usize = 4;
    let codes: Vec<_> =
        texts.iter().map(|text| fast_qr::QRBuilder::new(*text).ecl(fast_qr::ECL::M).build().unwrap()).collect();
    let height = (codes.iter().map(|code| code.size).max().unwrap() + 2 * QUIET) * MODULE;
    let width: usize = codes.iter().map(|code| (code.size + 2 * QUIET) * MODULE).sum();
    let mut pixels = vec![255_u8; width * height];
    let mut left = 0;
    for code in &codes {
        for y in 0..code.size * MODULE {
            for x in 0..code.size * MODULE {
                if code[y / MODULE][x / MODULE].value() {
                    pixels[(y + QUIET * MODULE) * width + left + x + QUIET * MODULE] = 0;
                }
            }
        }
        left += (code.size + 2 * QUIET) * MODULE;
    }
    grey(width, height, &pixels)
}

/// A grey PNG.
pub fn grey(width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

pub fn text_of(path: &Path) -> String {
    path.display().to_string()
}

fn trust_list() -> Vec<u8> {
    let listed = |key: &SigningKey| ListedKey {
        key: key.verifying_key().to_bytes(),
        from: NOW - 30 * DAY,
        until: NOW + 300 * DAY,
        compromised: false,
    };
    let content = TrustContent {
        deployment: DEPLOYMENT,
        sequence: 1,
        issued: NOW - DAY,
        expires: NOW + 90 * DAY,
        roots: roots(),
        authorities: vec![Authority {
            code: "CN-3205".into(),
            number: 320_500,
            name: "苏州市".into(),
            level: Level::Prefecture,
            division: Some(Division::Code(Code::new(3205).unwrap())),
            programmes: vec![1],
            keys: vec![listed(&key(3))],
        }],
        max_age: DAY,
        skew: 300,
        longest_life: 30 * DAY,
        programmes: vec![Programme {
            number: 1,
            name: "emergency freight".into(),
            from: NOW - 30 * DAY,
            until: NOW + 300 * DAY,
            off_route: OffRoute::Refuse,
        }],
        status_base: BASE.into(),
        survivors: vec![],
        status_keys: vec![listed(&key(2))],
    };
    let payload = content.encode().unwrap();
    let root = key(1);
    let signature = root.sign(&cose::cosignature_message(kid(&root), &payload)).to_bytes();
    cose::sign(&payload, &[(kid(&root), signature)])
}

fn roots() -> Roots {
    Roots { threshold: 1, keys: vec![key(1).verifying_key().to_bytes()] }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn kid(key: &SigningKey) -> Kid {
    Kid::of(key.verifying_key().as_bytes())
}
