//! A scanner that remembers what it admitted, over a real service and at the real time.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use freightpass::clock::{Clock, SystemClock};
use serde_json::Value;

use super::post::{HERE, NOW, Post, freightpass, pass};
use super::service::Service;

/// A scanner at work, with the texts of passes that are in force.
struct Checkpoint {
    service: Service,
    texts: Vec<String>,
}

impl Checkpoint {
    fn open() -> Self {
        let service = Service::start();
        let list = service.list(30);
        let chief = ["--as", "CN-3205/chief"];
        service.done(&[&["whitelist", "import", &list, "--authority", "CN-3205"][..], &chief].concat());
        // The rows of the other authorities are refused.
        service.run(&["apply", &list, "--starting", "now"]);
        let issued = service.done(&[&["approve", "--all-submitted"][..], &chief].concat());
        let numbers = issued.iter().filter_map(|line| line.split('\t').nth(1));
        let texts = numbers.map(|number| service.done(&[&["pass", "show", number][..], &chief].concat()).remove(1));
        let texts: Vec<String> = texts.collect();
        let provision = service.data().join("provision.fp").display().to_string();
        let sync = ["sync", "--folder", "post", "--server", &service.public, "--provision", &provision, "--confirm"];
        service.done(&sync);
        let checkpoint = Self { service, texts: Vec::new() };
        // Some begin later: those in force are what is needed here.
        let in_force = texts.into_iter().filter(|text| checkpoint.scan(&[text]).1 == 0);
        let texts = in_force.collect();
        fs::remove_file(checkpoint.file()).unwrap();
        Self { texts, ..checkpoint }
    }

    fn scan(&self, arguments: &[&str]) -> (Vec<Value>, i32) {
        let scan = ["scan", "--json", "--folder", "post", "--place-unchecked"];
        let (said, code) = self.service.run(&[&scan[..], arguments].concat());
        (said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(), code)
    }

    fn file(&self) -> PathBuf {
        self.service.folder.path().join("post/crossings")
    }
}

fn seen_before(verdict: &Value) -> bool {
    let noted = verdict["notes"].as_array().unwrap().iter().any(|note| note == "seen_before");
    assert_eq!(noted, verdict["seen_before"]["at"].is_u64());
    noted
}

#[test]
fn an_admission_is_remembered_from_run_to_run_whatever_happens_to_the_memory() {
    let post = Checkpoint::open();
    let [one, two, three, ..] = post.texts.as_slice() else { panic!("{} passes in force", post.texts.len()) };
    let scan = |text: &str| {
        let (verdicts, code) = post.scan(&[text]);
        assert_eq!((verdicts.len(), code), (1, 0), "{verdicts:?}");
        seen_before(&verdicts[0])
    };
    assert!(!scan(one));
    assert!(scan(one));
    assert!(!scan(two));
    // Nothing in it but numbers, times and places.
    let remembered = fs::read_to_string(post.file()).unwrap();
    assert!(remembered.bytes().all(|byte| byte.is_ascii_hexdigit() || b" -.\n".contains(&byte)), "{remembered}");

    // A line for the officer, in both languages, with the time.
    let line = ["scan", "--folder", "post", "--place-unchecked", one];
    let said = post.service.done(&line).remove(0);
    for part in ["was admitted here before: ", " ago", "此前已在此放行：", "秒前"] {
        assert!(said.contains(part), "{part} in {said}");
    }

    // A rehearsal shows what would be said, and writes nothing.
    let before = fs::read(post.file()).unwrap();
    let (verdicts, _) = post.scan(&["--now", &SystemClock.now_s().to_string(), two, three, three]);
    assert_eq!(verdicts.iter().map(seen_before).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(fs::read(post.file()).unwrap(), before);

    // A line that a crash has cut.
    let mut file = OpenOptions::new().append(true).open(post.file()).unwrap();
    file.write_all(b"\n0004e1f409de00000001 1796").unwrap();
    assert!(!scan(three));
    assert!(scan(three));

    // A folder in which nothing can be remembered: the scan has its verdict, and says what is missing.
    fs::remove_file(post.file()).unwrap();
    fs::create_dir(post.file()).unwrap();
    let (said, code) = post.service.run(&[&line[..], &[one]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("is not remembered"), "{said}");
    assert_eq!(said.matches("was admitted here before").count(), 1, "{said}");
}

#[test]
fn two_programs_that_scan_into_one_folder_lose_nothing() {
    let post = Checkpoint::open();
    let folder = post.service.folder.path();
    let half = post.texts.len() / 2;
    let scan = |texts: &[String]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.args(["scan", "--json", "--place-unchecked", "--folder"]).arg(folder.join("post"));
        // Over and over, so that there is something to tidy up.
        command.args(texts.iter().cycle().take(200)).stdout(Stdio::null()).spawn().unwrap()
    };
    for mut child in [scan(&post.texts[..half]), scan(&post.texts[half..])] {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let all: Vec<&str> = post.texts.iter().map(String::as_str).collect();
    let (verdicts, _) = post.scan(&all);
    assert!(verdicts.iter().all(seen_before), "{verdicts:?}");
}

#[test]
fn what_one_run_admits_twice_was_there_before_the_second_time() {
    let post = Post::ready();
    let before = fs::read_dir(post.path("scanner")).unwrap().count();
    let (verdicts, code) = post.scan(&[&pass(0), &pass(1), &pass(0)]);
    assert_eq!(verdicts.iter().map(seen_before).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(code, 0);
    assert_eq!(verdicts[2]["seen_before"], serde_json::json!({"at": NOW, "ago_s": 0, "place": HERE}));
    assert_eq!(fs::read_dir(post.path("scanner")).unwrap().count(), before);
}

#[test]
fn what_is_typed_counts_before_the_environment() {
    let post = Post::ready();
    let scan = |arguments: &[&str]| {
        let mut command = freightpass();
        command.env("FREIGHTPASS_AT", HERE).args(["scan", "--json", "--folder"]).arg(post.path("scanner"));
        let output = command.args(["--now", &NOW.to_string()]).args(arguments).arg(pass(0)).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(scan(&[])["notes"], serde_json::json!(["compare_plate"]));
    assert_eq!(scan(&["--at", "650102"])["code"], "off_route");
    assert_eq!(scan(&["--place-unchecked"])["notes"], serde_json::json!(["compare_plate", "place_unchecked"]));
    // A server in the environment is no order to ask it.
    let sync = |arguments: &[&str]| {
        let mut command = freightpass();
        command.env("FREIGHTPASS_PUBLIC", "http://127.0.0.1:1").args(["sync", "--folder"]).arg(post.path("scanner"));
        command.args(arguments).assert()
    };
    sync(&["--confirm"]).success();
    sync(&["--from", &post.path("first.fp").display().to_string()]).success();
    sync(&[]).code(3);
}
