//! The ceremony, rehearsed from the first root to its replacement: every step by the command line, as its people do it,
//! around a service in production.

mod deployment;
mod pki;

use std::fs;

use deployment::{Deployment, Key};

use crate::post::freightpass;

const IDENTITY: &str = "00112233aabbccdd";
const SUZHOU: &str = "CN-3205";
/// Journeys that begin now begin under the first list, although it is a second old.
const LONG_AGO: &str = "2026-01-01 00:00";

fn quoted(keys: &[&Key]) -> String {
    keys.iter().map(|key| format!("\"{}\"", key.public)).collect::<Vec<_>>().join(", ")
}

fn plan(roots: &[&Key], status: &Key, suzhou: &Key) -> String {
    format!(
        "deployment = \"{IDENTITY}\"\nthreshold = 2\nroots = [{}]\nstatus_keys = [\"{}\"]\n\
         status_base = \"HTTPS://PASS.TEST/S/\"\nmax_age_s = 86400\nskew_s = 300\nlongest_life_s = 2592000\n\
         [[programmes]]\nnumber = 1\nname = \"emergency freight\"\nfrom = \"{LONG_AGO}\"\ndays = 365\noff_route = \"refuse\"\n\
         [[authorities]]\ncode = \"{SUZHOU}\"\nname = \"苏州市\"\nlevel = \"prefecture\"\ndivision = \"320500\"\n\
         programmes = [1]\nkeys = [\"{}\"]\n",
        quoted(roots),
        status.public,
        suzhou.public
    )
}

/// Hands in, approves and exports the row of the sample list at `at`; the card's file.
fn card(deployment: &Deployment, at: usize) -> String {
    let sample = freightpass().args(["sample", "--rows", "3"]).output().unwrap().stdout;
    let sample = String::from_utf8(sample).unwrap();
    let mut lines = sample.lines();
    let header = lines.next().unwrap();
    let row = lines.nth(at).unwrap();
    let enterprise = row.split(',').next().unwrap().to_owned();
    let plate = row.split(',').nth(5).unwrap().to_owned();
    fs::write(deployment.path("list.csv"), format!("{header}\n{row}\n")).unwrap();
    deployment.done_as(SUZHOU, "whitelist", &["whitelist", "import", "list.csv"]);
    deployment.done_as(&enterprise, "applicant", &["apply", "list.csv", "--starting", "now"]);
    deployment.done_as(SUZHOU, "approver", &["approve", "--all-submitted"]);
    let found = deployment.done_as(SUZHOU, "approver", &["pass", "list", "--tractor", &plate]);
    let number =
        found.split(['\t', ' ', '\n']).find(|word| word.starts_with("320500-")).unwrap_or_else(|| panic!("{found}"));
    let file = format!("card-{at}.png");
    deployment.done_as(SUZHOU, "approver", &["pass", "export", number, "--out", &file]);
    file
}

/// The verdict of a scanner on a card, on its route.
fn verdict(deployment: &Deployment, scanner: &str, card: &str) -> String {
    let (said, _) = deployment.run(&["scan", "--folder", scanner, "--at", "320509", "--json", card]);
    let verdict: serde_json::Value =
        serde_json::from_str(said.lines().next().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {said}"));
    verdict["code"].as_str().unwrap().to_owned()
}

#[test]
fn from_the_first_root_to_its_replacement() {
    let mut deployment = Deployment::new(IDENTITY);
    let [ann, bo, cy, di] = ["ann", "bo", "cy", "di"].map(|holder| deployment.key("root", holder));
    let status = deployment.key("status", "data/keys");
    let suzhou = deployment.key(SUZHOU, "data/keys");

    // The first list: two of three sign it, and each is told what.
    fs::write(deployment.path("plan.toml"), plan(&[&ann, &bo, &cy], &status, &suzhou)).unwrap();
    let create = ["trust", "create", "--plan", "plan.toml", "--out", "trust.fp", "--provision", "data/provision.fp"];
    let said = deployment.done(&[&create[..], &["--keys-from", LONG_AGO]].concat());
    assert!(said.contains("authority    CN-3205 苏州市 (prefecture, number 320500), in 3205"), "{said}");
    let said = deployment.sign("trust.fp", None, &[&ann, &bo]);
    assert!(said.contains("2 needed"), "{said}");
    fs::copy(deployment.path("trust.fp"), deployment.path("data/trust.fp")).unwrap();
    fs::copy(deployment.path("data/provision.fp"), deployment.path("first-provision.fp")).unwrap();
    deployment.start();
    let first = card(&deployment, 0);
    deployment.sync("old", &["--provision", "first-provision.fp", "--confirm"]);
    assert_eq!(verdict(&deployment, "old", &first), "admit");

    // A key ends: the next one signs beside it for a week, without a restart of the service.
    let next = deployment.key(SUZHOU, "data/keys");
    let rotate = format!("{}={}", suzhou.kid, next.public);
    deployment.done_as(SUZHOU, "operator", &["keys", "trust", "--out", "current.fp"]);
    let changed = ["--rotate", &rotate, "--keys-from", "2026-02-01 00:00", "--out", "second.fp"];
    let said = deployment.done(&[&["trust", "create", "--from", "current.fp"][..], &changed].concat());
    assert!(said.contains(&format!("CN-3205: key {} from", next.kid)) && said.contains("is added"), "{said}");
    assert!(said.contains("checkpoints that have not fetched this list may refuse"), "{said}");
    deployment.sign("second.fp", Some("current.fp"), &[&bo, &cy]);
    deployment.done_as(SUZHOU, "operator", &["keys", "install", "second.fp"]);
    let keys = deployment.done_as(SUZHOU, "operator", &["keys", "list"]);
    for key in [&suzhou, &next] {
        let line = keys.lines().find(|line| line.starts_with(&key.kid)).unwrap_or_else(|| panic!("{keys}"));
        assert!(line.contains("held"), "{line}");
    }
    let second = card(&deployment, 1);
    deployment.sync("old", &[]);
    assert_eq!(verdict(&deployment, "old", &first), "admit");
    assert_eq!(verdict(&deployment, "old", &second), "admit");

    // A root is lost: another takes its place, by the roots before it and those after.
    fs::write(deployment.path("roots.toml"), format!("roots = [{}]\n", quoted(&[&bo, &cy, &di]))).unwrap();
    deployment.done_as(SUZHOU, "operator", &["keys", "trust", "--out", "current.fp"]);
    let changed = ["--plan", "roots.toml", "--out", "third.fp", "--provision", "third-provision.fp"];
    let said = deployment.done(&[&["trust", "create", "--from", "current.fp"][..], &changed].concat());
    assert!(said.contains(&format!("root {} is removed", ann.kid)), "{said}");
    assert!(said.contains("new scanners need the new provisioning file"), "{said}");
    deployment.sign("third.fp", Some("current.fp"), &[&bo, &ann]);
    let (said, code) = deployment.run_as(SUZHOU, "operator", &["keys", "install", "third.fp"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("1 of 2") || said.contains("threshold"), "{said}");
    deployment.sign("third.fp", Some("current.fp"), &[&di]);
    deployment.done_as(SUZHOU, "operator", &["keys", "install", "third.fp"]);
    deployment.sync("old", &[]);
    deployment.sync("new", &["--provision", "third-provision.fp", "--confirm"]);
    for scanner in ["old", "new"] {
        assert_eq!(verdict(&deployment, scanner, &second), "admit", "{scanner}");
    }

    // Who signs sees what changes against the list that its roots signed, and against nothing else.
    let bo_key = bo.file.display().to_string();
    let sign = ["trust", "sign", "third.fp", "--key", &bo_key, "--passphrase-file", "secrets/root", "--yes"];
    let (said, code) = deployment.run(&sign);
    assert!(code == 3 && said.contains("give the list in force with --before"), "{said}");
    let (said, code) = deployment.run(&[&sign[..], &["--before", "third.fp"]].concat());
    assert!(code == 3 && said.contains("does not stand below this one"), "{said}");

    // The only status key cannot be taken away without a successor that signs at once.
    deployment.done_as(SUZHOU, "operator", &["keys", "trust", "--out", "current.fp"]);
    let stolen = ["trust", "create", "--from", "current.fp", "--compromise", &status.kid, "--out", "stopped.fp"];
    let (said, code) = deployment.run(&stolen);
    assert!(code == 3 && said.contains("no good status key signs"), "{said}");
    assert!(!deployment.path("stopped.fp").exists());

    // The first key of the authority was copied: what it really signed goes on, under the roots that are left.
    let survivors = deployment.done_as(SUZHOU, "operator", &["keys", "survivors", &suzhou.kid]);
    let hash = survivors.lines().find_map(|line| line.strip_prefix("hash ")).unwrap().to_owned();
    deployment.done_as(SUZHOU, "operator", &["keys", "trust", "--out", "current.fp"]);
    let changed = ["--compromise", &suzhou.kid, "--survivors", &hash, "--out", "fourth.fp"];
    let said = deployment.done(&[&["trust", "create", "--from", "current.fp"][..], &changed].concat());
    assert!(said.contains("its passes count where they stand among the survivors"), "{said}");
    let (said, code) = deployment.run(&[
        "trust",
        "sign",
        "fourth.fp",
        "--before",
        "current.fp",
        "--yes",
        "--passphrase-file",
        "secrets/root",
        "--key",
        &ann.file.display().to_string(),
    ]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("none of the roots that can sign this list"), "{said}");
    deployment.sign("fourth.fp", Some("current.fp"), &[&cy, &di]);
    deployment.done_as(SUZHOU, "operator", &["keys", "install", "fourth.fp"]);
    for scanner in ["old", "new"] {
        deployment.sync(scanner, &[]);
        assert_eq!(verdict(&deployment, scanner, &first), "admit", "{scanner}");
        assert_eq!(verdict(&deployment, scanner, &second), "admit", "{scanner}");
    }
}

#[test]
fn a_plan_names_what_no_authority_can_be() {
    let deployment = Deployment::new(IDENTITY);
    let [root, status, suzhou] = ["root", "status", SUZHOU].map(|role| deployment.key(role, "keys"));
    let whole = plan(&[&root], &status, &suzhou).replace("threshold = 2", "threshold = 1");
    let create = |text: &str| {
        fs::write(deployment.path("plan.toml"), text).unwrap();
        deployment.run(&["trust", "create", "--plan", "plan.toml", "--out", "draft.fp"])
    };
    for (division, words) in [
        ("429000", "division_heading"),
        ("4290", "division_heading"),
        ("341400", "2011"),
        ("999999", "division_unknown"),
        ("429004", "county_signs_nothing"),
        ("320583", "county_signs_nothing"),
        ("32o500", "place 3"),
    ] {
        let (said, code) = create(&whole.replace("division = \"320500\"", &format!("division = \"{division}\"")));
        assert_eq!(code, 3, "{division}: {said}");
        assert!(said.contains("CN-3205: division") && said.contains(words), "{division}: {said}");
    }
    for division in ["441900", "4419"] {
        let (said, code) = create(&whole.replace("division = \"320500\"", &format!("division = \"{division}\"")));
        assert_eq!(code, 0, "{division}: {said}");
        assert!(said.contains("number 441900), in 4419"), "{said}");
    }
    for (from, to, words) in [
        ("threshold = 1\n", "", "threshold is missing"),
        ("threshold", "treshold", "treshold"),
        ("division = \"320500\"\n", "", "number is missing"),
        ("level = \"prefecture\"\n", "level = \"prefecture\"\nnumber = 320501\n", "its division asks for 320500"),
        ("level = \"prefecture\"", "level = \"county\"", "county"),
        ("roots = [\"", "roots = [\"0", "roots[0]"),
        ("deployment = \"00", "deployment = \"0", "deployment"),
    ] {
        let (said, code) = create(&whole.replace(from, to));
        assert_eq!(code, 3, "{to}: {said}");
        assert!(said.contains(words), "{to}: {said}");
    }
}
