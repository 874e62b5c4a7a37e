//! The command line as its users meet it: exit codes, lines, help, bad input; and the whole story of `demo`.

mod ceremony;
mod crossings;
mod demo;
mod faults;
mod office;
mod papers;
mod pictures;
mod post;
#[path = "../support/redis.rs"]
#[allow(dead_code, reason = "the contract tests use the rest")]
mod redis_server;
mod service;
mod unit;
mod wedge;
mod workday;

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use freightpass::identity::DevelopmentPki;
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::pass::decode_text;
use post::{HERE, NOW, Post, bundle, freightpass, grey, pass, pass_of};
use serde_json::Value;
use service::Service;

fn code(verdict: &Value) -> &str {
    verdict["code"].as_str().unwrap()
}

#[test]
fn the_exit_code_is_that_of_the_worst_verdict() {
    let post = Post::ready();
    let expired = pass_of(1, NOW - 7_200, NOW - 60);
    assert_eq!(post.scan(&[&pass(0)]).1, 0);
    assert_eq!(post.scan(&[&pass(0), "https://example.org/"]).1, 2);
    assert_eq!(post.scan(&["https://example.org/", &expired, &pass(0)]).1, 1);
    assert_eq!(post.scan(&[&pass(0), "no-such-card.png", &expired]).1, 3);
    freightpass().args(["scan", "--no-such-option"]).assert().code(3);
    freightpass().assert().code(3);
    freightpass().args(["scan", "--folder", "/no/such/folder", "FP1:X"]).assert().code(3);
}

#[test]
fn help_groups_the_verbs_by_who_uses_them_and_version_tells_commit_and_format() {
    let help = freightpass().arg("--help").assert().success().get_output().stdout.clone();
    let help = String::from_utf8(help).unwrap();
    let places: Vec<usize> =
        ["Operator:", "Enterprise:", "Authority:", "Officer at the checkpoint:", "Trust ceremony:"]
            .iter()
            .map(|group| help.find(group).unwrap_or_else(|| panic!("{group} is not in the help")))
            .collect();
    assert!(places.is_sorted());
    assert!(help.contains("Examples:") && help.contains("Exit codes:"));
    let version = freightpass().arg("--version").assert().success().get_output().stdout.clone();
    let version = String::from_utf8(version).unwrap();
    assert!(version.contains("(commit ") && version.contains("format FP1"), "{version}");
}

#[test]
fn json_has_stable_keys_and_the_verified_fields() {
    let post = Post::ready();
    let (verdicts, _) = post.scan(&[&pass(0)]);
    let verdict = &verdicts[0];
    assert_eq!((verdict["outcome"].as_str(), code(verdict)), (Some("admit"), "admit"));
    assert_eq!(verdict["number"].as_str().map(|number| number.starts_with("320500-261201-00001-")), Some(true));
    assert_eq!(verdict["plate"], "苏E12345");
    assert_eq!(verdict["crew"][0]["tail"], "123X");
    assert_eq!(verdict["route"], serde_json::json!(["320583", "330106"]));
    assert_eq!(verdict["notes"], serde_json::json!(["compare_plate"]));
    assert_eq!((verdict["trust_sequence"].as_u64(), verdict["manifest_seq"].as_u64()), (Some(1), Some(40)));
    assert_eq!(verdict["age_s"], 20);
    let (verdicts, _) = post.scan(&["--plate", "苏E·99999", &pass(0)]);
    assert_eq!(code(&verdicts[0]), "plate_mismatch");
    assert_eq!(verdicts[0]["values"]["read"], "苏E99999");
}

/// FP-07.
#[test]
fn what_is_no_pass_and_what_is_not_verified_shows_no_field() {
    let post = Post::ready();
    let text = pass_of(2, NOW - 7_200, NOW - 60);
    let mut bytes = decode_text(&text).unwrap();
    let at = bytes.windows(8).position(|window| window == "苏E1234".as_bytes().get(..8).unwrap()).unwrap();
    bytes[at + 4] ^= 1;
    let altered = freightpass_core::pass::encode_text(&bytes);
    let bare = pass(0).replace("FP1:", "");
    let (verdicts, exit) = post.scan(&["https://example.org/about", &bare, &altered]);
    let found: Vec<(&str, &str)> =
        verdicts.iter().map(|verdict| (verdict["outcome"].as_str().unwrap(), code(verdict))).collect();
    assert_eq!(found, [("refer", "not_a_pass"), ("refer", "not_a_pass"), ("refuse", "bad_signature")]);
    assert_eq!(exit, 1);
    for verdict in &verdicts {
        for field in ["plate", "crew", "route", "number", "trailer"] {
            assert_eq!(verdict.get(field), None, "{field}");
        }
    }
    assert_eq!(post.scan(&["https://example.org/about", &bare]).1, 2);
}

#[test]
fn a_line_says_the_verdict_in_two_languages_with_the_datas_age() {
    let post = Post::ready();
    let line = |arguments: &[&str]| {
        let output = post.scan_command().args(["--at", HERE]).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let admitted = line(&[&pass(0)]);
    for part in ["ADMIT", "放行", "苏E12345", "昆山市", "20 s old", "manifest 40", "compare the plate", "请核对车牌"]
    {
        assert!(admitted.contains(part), "{part} in {admitted}");
    }
    assert_eq!(admitted.lines().count(), 1);
    let refused = line(&["FP1:ABC"]);
    for part in ["REFUSE", "劝返", "malformed", "20 s old"] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    assert!(!refused.contains('\x1b'));
}

/// FP-05: a lifted suspension is lifted; the bundle before it is a rollback, and changes nothing.
#[test]
fn a_suspension_is_lifted_by_the_next_bundle_and_not_brought_back_by_the_last() {
    let post = Post::ready();
    let (suspended, resumed) =
        (post.write("41.fp", &bundle(41, &[5], &[3])), post.write("42.fp", &bundle(42, &[5], &[])));
    post.sync(&["--from", &suspended]).success();
    assert_eq!(code(&post.scan(&[&pass(3)]).0[0]), "suspended");
    post.sync(&["--from", &resumed]).success();
    assert_eq!(code(&post.scan(&[&pass(3)]).0[0]), "admit");
    assert_eq!(code(&post.scan(&[&pass(5)]).0[0]), "revoked");
    let before = fs::read(post.path("scanner/held.fp")).unwrap();
    let said = post.sync(&["--from", &suspended]).code(1).get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("rolled_back") && !said.contains("no longer renewed"), "{said}");
    assert_eq!(fs::read(post.path("scanner/held.fp")).unwrap(), before);
    assert_eq!(code(&post.scan(&[&pass(3)]).0[0]), "admit");
}

#[test]
fn a_dry_run_says_what_it_would_adopt_and_changes_nothing() {
    let post = Post::ready();
    let next = post.write("41.fp", &bundle(41, &[5], &[]));
    let before = fs::read(post.path("scanner/held.fp")).unwrap();
    let said = post.sync(&["--from", &next, "--dry-run"]).success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("manifest 41") && said.contains("nothing was changed"), "{said}");
    assert_eq!(fs::read(post.path("scanner/held.fp")).unwrap(), before);
}

#[test]
fn data_that_is_held_already_is_said_to_be_nothing_new() {
    let post = Post::ready();
    let first = post.path("first.fp").display().to_string();
    let said = post.sync(&["--from", &first]).success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("nothing new 无更新"), "{said}");
    let next = post.write("41.fp", &bundle(41, &[], &[]));
    let said = post.sync(&["--from", &next]).success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("adopted 已采用") && !said.contains("nothing new"), "{said}");
}

#[test]
fn a_manifest_that_is_wrong_comes_with_what_that_means_and_whom_to_tell() {
    let post = Post::ready();
    let mut forged = Bundle::decode(&bundle(41, &[], &[])).unwrap();
    *forged.manifest.last_mut().unwrap() ^= 1;
    let forged = post.write("41.fp", &forged.encode());
    let said = post.sync(&["--from", &forged]).code(1).get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    for part in ["bad_signature", "no longer renewed", "不再更新", "Tell the operator", "manifest 40"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(code(&post.scan(&[&pass(0)]).0[0]), "admit");
}

#[test]
fn a_new_scanner_shows_its_fingerprint_and_refers_until_the_date_is_confirmed() {
    let post = Post { folder: tempfile::tempdir().unwrap() };
    let provision = post.write("provision.fp", &post::provision().encode());
    let data = post.write("40.fp", &bundle(40, &[], &[]));
    let said = post.sync(&["--provision", &provision, "--from", &data]).success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains(&post::provision().fingerprint().to_string()), "{said}");
    assert!(said.contains("not confirmed"), "{said}");
    assert_eq!(code(&post.scan(&[&pass(0)]).0[0]), "unconfirmed_start");
    post.sync(&["--confirm"]).success();
    assert_eq!(code(&post.scan(&[&pass(0)]).0[0]), "admit");

    let own = post::provision();
    let other = Provision::new(*b"somebody", own.roots().clone(), own.floor()).unwrap();
    let other = post.write("other.fp", &other.encode());
    let said = post.sync(&["--provision", &other, "--from", &data]).code(3).get_output().stderr.clone();
    assert!(String::from_utf8(said).unwrap().contains("another deployment"));
}

#[test]
fn a_scanner_that_is_being_changed_is_left_alone() {
    let post = Post::ready();
    let lock = fs::File::options().write(true).open(post.path("scanner/lock")).unwrap();
    lock.lock().unwrap();
    let said = post.sync(&["--confirm"]).code(3).get_output().stderr.clone();
    assert!(String::from_utf8(said).unwrap().contains("another program"));
    assert_eq!(post.scan(&[&pass(0)]).1, 0);
}

#[test]
fn a_damaged_scanner_says_what_to_do_and_admits_nobody() {
    let post = Post::ready();
    let path = post.path("scanner/held.fp");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let output = post.scan_command().args(["--at", HERE, &pass(0)]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("provision the scanner again"));
}

#[test]
fn a_reader_that_is_gone_before_the_first_line_is_no_panic_of_any_verb() {
    let folder = tempfile::tempdir().unwrap();
    let now = freightpass::clock::Clock::now(&freightpass::clock::SystemClock);
    DevelopmentPki::open_or_create(&folder.path().join("pki"), *b"cli-test", now).unwrap();
    let officer = ["pki", "officer", "--body", "CN-3205", "--name", "chief", "--roles", "approver"];
    for verb in [&officer[..], &["sample", "--rows", "1"], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_freightpass"))
            .args(verb)
            .env("FREIGHTPASS_DATA", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let code = child.wait().unwrap().code();
        // Clap says nothing of a help text that nobody reads.
        assert!(errors.is_empty() && (code == Some(141) || verb == ["--help"]), "{verb:?}: {code:?} {errors}");
    }
}

#[test]
fn a_name_of_a_file_makes_no_line_of_its_own() {
    let post = Post::ready();
    let folder = post.path("cards");
    fs::create_dir(&folder).unwrap();
    for name in ["a\n[ OK ] ADMIT 放行 | The pass is good.png", "b\r\u{1b}[2K.png"] {
        fs::write(folder.join(name), grey(1, 1, &[0])).unwrap();
    }
    let output = post.scan_command().args(["--at", HERE]).arg(&folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(!said.contains(['\r', '\u{1b}']), "{said:?}");
    let output = post.scan_command().args(["--at", HERE]).arg("b\n[ OK ] ADMIT.png").output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn a_table_with_a_wrong_header_says_what_to_do_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("list.csv");
    fs::write(&table, "plate,owner\n苏E12345,somebody\n").unwrap();
    let said = freightpass().args(["whitelist", "import"]).arg(&table).assert().code(3).get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    for part in ["统一社会信用代码 / enterprise code", "plate, owner", "freightpass sample --rows 1"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn without_a_server_the_verbs_say_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = freightpass()
        .args(["revoke", "320500-220418-00042-0", "--reason", "misuse", "--as", "CN-3205/chief", "--data"])
        .arg(folder.path())
        .assert()
        .code(3)
        .get_output()
        .stderr
        .clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("no server runs on") || said.contains("no certificate of CN-3205/chief"), "{said}");
}

#[test]
fn a_ceremony_makes_signs_and_inspects_a_list_that_a_scanner_adopts() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("passphrase"), "correct horse\r\n").unwrap();
    let mut publics = Vec::new();
    let mut files = Vec::new();
    for role in ["root", "status", "CN-3205"] {
        let key = ["trust", "key", role, "--keys", &at("keys"), "--passphrase-file", &at("passphrase")];
        let said = freightpass().args(key).assert().success().get_output().stdout.clone();
        let said = String::from_utf8(said).unwrap();
        let word = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        publics.push(word("public"));
        files.push(word("file"));
    }
    let plan = format!(
        "deployment = \"0123456789abcdef\"\nthreshold = 1\nroots = [\"{}\"]\nstatus_keys = [\"{}\"]\n\
         status_base = \"HTTPS://PASS.TEST/S/\"\nmax_age_s = 86400\nskew_s = 300\nlongest_life_s = 2592000\n\
         [[programmes]]\nnumber = 1\nname = \"emergency freight\"\ndays = 300\noff_route = \"refuse\"\n\
         [[authorities]]\ncode = \"CN-3205\"\nnumber = 320500\nname = \"苏州市\"\nlevel = \"prefecture\"\n\
         division = \"3205\"\nprogrammes = [1]\nkeys = [\"{}\"]\n",
        publics[0], publics[1], publics[2]
    );
    fs::write(at("plan.toml"), plan).unwrap();
    let create =
        ["trust", "create", "--plan", &at("plan.toml"), "--out", &at("draft.fp"), "--provision", &at("provision.fp")];
    freightpass().args(create).assert().success();
    let sign = ["trust", "sign", &at("draft.fp"), "--key", &files[0], "--passphrase-file", &at("passphrase")];
    freightpass().args(sign).args(["--out", &at("trust.fp")]).assert().code(3);
    freightpass().args(sign).args(["--out", &at("trust.fp"), "--yes"]).assert().success();
    let said = freightpass().args(["trust", "inspect", &at("trust.fp")]).assert().success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("苏州市") && said.contains("1 of its roots, 1 needed"), "{said}");

    let provision = Provision::decode(&fs::read(at("provision.fp")).unwrap()).unwrap();
    let mut held = freightpass_core::hold::Held::provisioned(&provision);
    held.adopt_trust(&fs::read(at("trust.fp")).unwrap()).unwrap();
}

/// A day at the office, with what goes wrong in it.
#[test]
fn an_office_imports_applies_approves_lists_shows_and_reads_the_log() {
    let service = Service::start();
    let list = service.list(30);
    let import = |more: &[&str]| {
        let import = ["whitelist", "import", &list, "--authority", "CN-3205", "--as", "CN-3205/chief"];
        service.run(&[&import[..], more].concat())
    };
    let (said, code) = import(&["--dry-run"]);
    assert!(code == 0 && said.contains("dry run") && said.contains("new 新增 12"), "{said}");
    let (said, _) = import(&[]);
    assert!(said.contains("new 新增 12"), "{said}");
    let (said, _) = import(&[]);
    assert!(said.contains("same 不变 12"), "{said}");

    // A wrong check digit, and a line in another encoding: told by line, the rest goes in.
    let broken = service.folder.path().join("broken.csv");
    let mut lines: Vec<Vec<u8>> = fs::read(&list).unwrap().split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let digit = lines[1].get_mut(17).unwrap();
    *digit = if *digit == b'0' { b'1' } else { b'0' };
    lines[2].insert(0, 0xff);
    fs::write(&broken, lines.join(&b'\n')).unwrap();
    let import = ["whitelist", "import", broken.to_str().unwrap(), "--as", "CN-3205/chief"];
    let (said, code) = service.run(&import);
    assert_eq!(code, 1);
    for part in
        ["line 行 2: enterprise_code: check_digit", "line 行 3: enterprise_code: encoding: byte 1 of line 3", "拒收 2"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }

    let said = service.done(&["apply", &list, "--starting", "now"]);
    assert!(said.last().unwrap().contains("submitted 已提交 30"), "{said:?}");
    let said = service.done(&["approve", "--all-submitted", "--decide-only", "--as", "CN-3205/chief"]);
    assert!(said.last().unwrap().contains("approved 批准 12, issued 签发 0"), "{said:?}");
    let decided = said[0].clone();
    let said = service.done(&["approve", "--all-submitted", "--as", "CN-32/chief"]);
    let number = said[0].split('\t').nth(1).unwrap().to_owned();

    // A county office may not approve; another authority does not even see the pass.
    let decided = decided.split('\t').next().unwrap();
    let (said, code) = service.run(&["approve", decided, "--as", "CN-320583/clerk"]);
    assert!(code == 3 && said.contains("ROLE_MISSING"), "{said}");
    let (said, code) = service.run(&["pass", "show", &number, "--as", "CN-3301/chief"]);
    assert!(code == 3 && said.contains("NOT_FOUND"), "{said}");

    assert_eq!(service.done(&["pass", "list", "--as", "CN-32/chief"]).len(), 6);
    assert!(service.done(&["pass", "show", &number, "--as", "CN-32/chief"])[1].starts_with("FP1:"));
    let (said, code) = service.run(&["revoke", &number, "--reason", "cleared", "--as", "CN-32/chief"]);
    assert!(code == 3 && said.contains("reason"), "{said}");
    service.done(&["revoke", &number, "--reason", "misuse", "--as", "CN-32/chief"]);
    let said = service.done(&["revoke", &number, "--reason", "other", "--text", "again", "--as", "CN-32/chief"]);
    assert!(said[0].contains("before"), "{said:?}");
    assert_eq!(service.done(&["pass", "list", "--state", "revoked", "--as", "CN-32/chief"]).len(), 1);
    let log = service.done(&["audit", "--subject", &number, "--as", "CN-32/chief"]);
    assert_eq!(log.iter().filter(|line| line.contains("RevokePass")).count(), 1, "{log:?}");
    let keys = service.done(&["keys", "list"]);
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().any(|line| line.contains("CN-3205") && line.contains("held")), "{keys:?}");
}
