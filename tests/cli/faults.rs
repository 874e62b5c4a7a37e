//! What stops a verb: told to the officer in two languages, and soon.

use std::fs;
use std::net::TcpListener;

use freightpass::identity::DevelopmentPki;

use super::post::{HERE, NOW, Post, freightpass};

#[test]
fn what_stops_a_verb_of_the_checkpoint_is_told_in_two_languages() {
    let post = Post::ready();
    let empty = post.path("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.display().to_string();
    let cases: [(&[&str], &str, &str); 5] = [
        (&["--at", "999999", "FP1:X"], "999999 is no place", "不是有效的地点"),
        (&["--at", HERE, "--plate", "suEH5339", "FP1:X"], "suEH5339 is no plate", "不是有效的车牌号码"),
        (&["--at", HERE, "--folder", "/no/such/folder", "FP1:X"], "no scanner is set up here", "尚未设置查验设备"),
        (&["--at", HERE, "no-such-card.png"], "no such picture", "没有这张图片"),
        (&["--at", HERE, &empty], "nothing to scan", "没有可查验的内容"),
    ];
    let now = NOW.to_string();
    for (arguments, english, chinese) in cases {
        let mut command = freightpass();
        command.args(["scan", "--now", &now]).env("FREIGHTPASS_SCANNER", post.path("scanner")).args(arguments);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(english) && said.contains(chinese), "{said}");
    }
    let output = freightpass().args(["scan", "--now", "gestern", "FP1:X"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("gestern is no time") && said.contains("不是有效的时间"), "{said}");
}

/// A port that takes connections and says nothing, as a firewall or a program that hangs does.
#[test]
fn a_server_that_says_nothing_is_named_and_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let now = freightpass::clock::Clock::now(&freightpass::clock::SystemClock);
    DevelopmentPki::open_or_create(&folder.path().join("pki"), *b"cli-test", now).unwrap();
    let officer = ["pki", "officer", "--body", "CN-3205", "--name", "chief", "--roles", "approver"];
    freightpass().args(officer).env("FREIGHTPASS_DATA", folder.path()).assert().success();
    let (plain, encrypted) = (format!("http://{address}"), format!("https://{address}"));
    let post = Post::ready();
    let mut sync = freightpass();
    sync.arg("sync").arg("--folder").arg(post.path("scanner")).args(["--server", &plain]);
    let mut list = freightpass();
    list.args(["pass", "list", "--as", "CN-3205/chief", "--server", &encrypted]);
    list.env("FREIGHTPASS_DATA", folder.path());
    // Both wait at the same time.
    let told = std::thread::scope(|scope| {
        [sync, list].map(|mut command| scope.spawn(move || command.output().unwrap())).map(|one| one.join().unwrap())
    });
    for output in told {
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        for part in [address.as_str(), "does not answer within", "没有应答"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
    drop(silent);
}
