//! A hand-held reader that types into `scan -`, and a hot folder under `scan --watch`, with the real program.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::post::{HERE, NOW, Post, bundle, pass, pass_of, picture};

/// `scan` that stays.
struct Running {
    child: Child,
    typed: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Running {
    fn start(post: &Post, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.args(["scan", "--json", "--at", HERE, "--now", &NOW.to_string(), "--folder"]);
        command.arg(post.path("scanner")).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (typed, said) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, typed, said }
    }

    fn types(&mut self, bytes: &[u8]) {
        let typed = self.typed.as_mut().unwrap();
        typed.write_all(bytes).unwrap();
        typed.flush().unwrap();
    }

    /// The next line, waited for.
    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn code(&mut self) -> String {
        self.answer()["code"].as_str().unwrap().to_owned()
    }

    /// The name of the file and the code.
    fn file(&mut self) -> (String, String) {
        let answer = self.answer();
        let file = Path::new(answer["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        (file, answer["code"].as_str().unwrap().to_owned())
    }

    fn is_sent(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// The input ends; what was still said, and the exit code.
    fn ends(mut self) -> (String, Option<i32>) {
        drop(self.typed.take());
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn named(file: &str, code: &str) -> (String, String) {
    (file.into(), code.into())
}

/// Reading an answer before anything more is typed would wait for ever if answers came late.
#[test]
fn each_line_is_answered_before_the_next_is_typed() {
    let post = Post::ready();
    let mut running = Running::start(&post, &["-"]);
    for (line, code) in [
        (pass(0) + "\n", "admit"),
        (format!("]Q3{}\r\n", pass(1)), "admit"),
        // Of a reader that sends CR alone, the line is ended by it and not by the next.
        (format!("]Q1{}\r", pass(2)), "admit"),
        ("\r\n\r\nhttps://example.org/\n".into(), "not_a_pass"),
        ("FP1:ABC\0\n".into(), "malformed"),
        (pass_of(4, NOW - 7_200, NOW - 60) + "\n", "expired"),
    ] {
        running.types(line.as_bytes());
        assert_eq!(running.code(), code, "{line:?}");
    }
    assert_eq!(running.ends(), (String::new(), Some(1)));
}

#[test]
fn a_line_that_is_too_long_or_no_text_is_refused_by_name_and_the_next_is_judged() {
    let post = Post::ready();
    let mut running = Running::start(&post, &["-"]);
    // Megabytes without a line end, answered before there is one.
    running.types(&vec![b'7'; 4 << 20]);
    let answer = running.answer();
    assert_eq!((answer["outcome"].as_str(), answer["code"].as_str()), (Some("refer"), Some("unreadable")));
    assert_eq!(answer["values"]["error"], "a line of more than 8192 bytes");
    running.types(format!("777\n\u{feff}{}\n", pass(0)).as_bytes());
    running.types(b"\xff\xfe\n");
    assert_eq!(running.code(), "not_a_pass");
    assert_eq!(running.answer()["values"]["error"], "a line that is no text");
    // The last line also when nothing ends it.
    running.types(pass(0).as_bytes());
    let (rest, exit) = running.ends();
    assert_eq!((serde_json::from_str::<Value>(&rest).unwrap()["code"].as_str(), exit), (Some("admit"), Some(2)));
}

#[test]
fn what_is_synced_in_between_counts_from_the_next_line() {
    let post = Post::ready();
    let revoking = post.write("41.fp", &bundle(41, &[5], &[]));
    let mut running = Running::start(&post, &["-"]);
    let line = pass(5) + "\n";
    running.types(line.as_bytes());
    assert_eq!(running.answer()["manifest_seq"], 40);
    post.sync(&["--from", &revoking]).success();
    running.types(line.as_bytes());
    let answer = running.answer();
    assert_eq!((answer["code"].as_str(), answer["manifest_seq"].as_u64()), (Some("revoked"), Some(41)));
    assert_eq!(running.ends().1, Some(1));
}

#[test]
fn a_scanner_whose_folder_is_spoilt_in_between_admits_nobody() {
    let post = Post::ready();
    let mut running = Running::start(&post, &["-"]);
    running.types((pass(0) + "\n").as_bytes());
    assert_eq!(running.code(), "admit");
    fs::write(post.path("held"), b"torn").unwrap();
    fs::rename(post.path("held"), post.path("scanner/held.fp")).unwrap();
    running.types((pass(0) + "\n").as_bytes());
    assert_eq!(running.ends(), (String::new(), Some(3)));
}

#[test]
fn a_hot_folder_judges_what_is_there_and_what_comes_once_it_is_whole() {
    for more in [&[][..], &["--poll"]] {
        let post = Post::ready();
        let hot = post.path("hot");
        fs::create_dir(&hot).unwrap();
        fs::write(hot.join("a.png"), picture(&[&pass(0)])).unwrap();
        let mut running = Running::start(&post, &[&["--watch", hot.to_str().unwrap()], more].concat());
        assert_eq!(running.file(), named("a.png", "admit"));
        // Written elsewhere and moved here, under a name that says nothing.
        fs::write(post.path("b"), picture(&[&pass_of(1, NOW - 7_200, NOW - 60)])).unwrap();
        fs::rename(post.path("b"), hot.join("b")).unwrap();
        assert_eq!(running.file(), named("b", "expired"));
        // Texts, one a line, and a picture that is none.
        fs::write(hot.join("c.txt"), format!("{}\r\nhttps://example.org/\r\n", pass(2))).unwrap();
        assert_eq!([running.file(), running.file()], [named("c.txt", "admit"), named("c.txt", "not_a_pass")]);
        fs::write(hot.join("d.jpg"), b"\xff\xd8\xff\xe0").unwrap();
        assert_eq!(running.file(), named("d.jpg", "unreadable"));
        // The same name with other contents is another picture.
        fs::write(hot.join("a.png"), picture(&[&pass(3)])).unwrap();
        assert_eq!(running.file(), named("a.png", "admit"));
        running.is_sent("-TERM");
        assert_eq!(running.ends(), (String::new(), Some(1)));
    }
}

#[test]
fn a_file_in_the_making_is_not_judged_before_its_writer_closes_it() {
    let post = Post::ready();
    let hot = post.path("hot");
    fs::create_dir(&hot).unwrap();
    let mut running = Running::start(&post, &["--watch", hot.to_str().unwrap(), "-"]);
    // Its answer says that the folder has been listed.
    running.types((pass(2) + "\n").as_bytes());
    assert_eq!(running.code(), "admit");
    let card = picture(&[&pass(0)]);
    let (first, second) = card.split_at(card.len() / 2);
    // Half of it is there while something else is judged, and half of a text too.
    let mut file = fs::File::create(hot.join("slow.png")).unwrap();
    file.write_all(first).unwrap();
    fs::write(hot.join("quick.txt"), "https://example.org/").unwrap();
    assert_eq!(running.file(), named("quick.txt", "not_a_pass"));
    running.types((pass(1) + "\n").as_bytes());
    assert_eq!(running.code(), "admit");
    file.write_all(second).unwrap();
    drop(file);
    assert_eq!(running.file(), named("slow.png", "admit"));
    running.is_sent("-INT");
    assert_eq!(running.ends(), (String::new(), Some(2)));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let post = Post::ready();
    let running = Running::start(&post, &["--watch", "no/such/folder"]);
    assert_eq!(running.ends(), (String::new(), Some(3)));
}

#[test]
fn a_hot_folder_that_is_taken_away_ends_the_scan_with_an_error() {
    let post = Post::ready();
    let ways: [fn(&Path) -> std::io::Result<()>; 2] =
        [|folder| fs::remove_dir(folder), |folder| fs::rename(folder, folder.with_extension("away"))];
    for taken_away in ways {
        let hot = post.path("hot");
        fs::create_dir(&hot).unwrap();
        let mut running = Running::start(&post, &["--watch", hot.to_str().unwrap(), "-"]);
        // It watches once it answers.
        running.types(format!("{}\n", pass(0)).as_bytes());
        assert_eq!(running.code(), "admit");
        taken_away(&hot).unwrap();
        assert_eq!(running.child.wait().unwrap().code(), Some(3));
    }
}
