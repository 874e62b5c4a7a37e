//! A working day on the command line: what a programme asks for, decisions by filter and by plan, arrivals, the report of
//! the day; stopping trucks and letting them go on.

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::Profile;
use freightpass::profile::cn::Cn;
use serde_json::Value;

use super::office::{CHIEF, CLERK, ENTERPRISE, Office, TO_KUNSHAN, WITH_TRAILER, WITH_TWO, assert_has, word};

#[test]
fn passes_are_suspended_and_resumed_and_a_dry_run_tells_how_many_trucks_stop() {
    let office = Office::open();
    let number = office.pass(WITH_TRAILER);
    office.pass(WITH_TWO);
    let (said, code) = office.run(&["suspend", &number, "--reason", "cleared"], CHIEF);
    assert_eq!(code, 3, "{said}");
    assert_has(&said, &["reason"]);
    let said = office.done(&["suspend", &number, "--reason", "investigation", "--text", "查"], CHIEF);
    assert!(said[0].starts_with(&format!("suspended 暂停 {number} (status log ")), "{said:?}");
    let (said, code) = office.run(&["suspend", &number, "--reason", "investigation"], CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["PASS_STATE", "suspended"]);
    assert_eq!(office.done(&["pass", "list", "--state", "suspended"], CHIEF).len(), 1);
    let said = office.done(&["resume", &number], CHIEF);
    assert!(said[0].starts_with(&format!("resumed 恢复 {number} (status log ")), "{said:?}");
    assert_eq!(office.run(&["resume", &number], CHIEF).1, 3);
    assert_eq!(office.done(&["pass", "list", "--state", "issued"], CHIEF).len(), 2);

    let listed = office.done(&["whitelist", "list", "--plate", WITH_TRAILER], CHIEF);
    let enterprise = word(&listed[0], 0);
    let stop = ["revoke-enterprise", &enterprise, "--text", "虚假材料"];
    let said = office.done(&[&stop[..], &["--dry-run"]].concat(), CHIEF);
    assert_eq!(said, ["would stop 将停驶 2 truck(s) 辆, 2 pass(es) 份"]);
    assert_eq!(office.done(&["pass", "list", "--state", "issued"], CHIEF).len(), 2);
    assert_eq!(office.run(&[&stop[..], &["--dry-run"]].concat(), "CN-3301/chief").1, 3);
    // Nobody is asked where nobody sits: it must be said.
    let (said, code) = office.run(&stop, CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["would stop 将停驶 2 truck(s)", "say --yes"]);
    assert_eq!(office.done(&["pass", "list", "--state", "issued"], CHIEF).len(), 2);
    let said = office.done(&[&stop[..], &["--yes"]].concat(), CHIEF);
    assert!(said[0].starts_with("stopped 已停驶 2 truck(s) 辆, 2 pass(es) 份, status log "), "{said:?}");
    assert_eq!(office.done(&["pass", "list", "--state", "revoked"], CHIEF).len(), 2);
    assert_eq!(office.done(&["whitelist", "list", "--state", "delisted"], CHIEF).len(), 1);
}

#[test]
fn what_a_filter_finds_is_shown_and_exactly_that_is_decided() {
    let office = Office::open();
    let listed = office.done(&["whitelist", "list", "--plate", WITH_TRAILER], CHIEF);
    let enterprise = word(&listed[0], 0);
    let plan = office.service.folder.path().join("plan.json").display().to_string();
    let by_filter = ["approve", "--enterprise", &enterprise];
    let before = office.found(&["--state", "submitted"], CHIEF).len();
    let said = office.done(&[&by_filter[..], &["--dry-run", "--plan", &plan]].concat(), CHIEF);
    let shown: Vec<String> = said[..said.len() - 1].iter().map(|line| word(line, 0)).collect();
    assert_eq!(said.last().unwrap(), &format!("would approve 将批准 {}, would refuse 将拒 0", shown.len()));
    assert!(shown.len() >= 3, "{said:?}");
    assert_eq!(office.found(&["--state", "submitted"], CHIEF).len(), before, "a dry run changes nothing");

    // Nobody is asked where nobody sits: it must be said. So it must where passes would be revoked with it.
    for asks in [&by_filter[..], &["approve", "--all-submitted", "--replace-overlapping"]] {
        let (said, code) = office.run(asks, CHIEF);
        assert_eq!(code, 3);
        assert_has(&said, &["--yes"]);
    }
    assert_eq!(office.found(&["--state", "submitted"], CHIEF).len(), before, "nothing was decided");
    // A plan to approve is none to reject.
    let (said, code) = office.run(&["reject", "--plan", &plan, "--reason", "route"], CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["is a plan to approve"]);

    // One is taken back and applied for anew, after it was shown.
    let desk = format!("{ENTERPRISE}/desk");
    office.done(&["withdraw", &office.of(WITH_TWO)], &desk);
    office.apply();
    let (said, code) = office.run(&["approve", "--plan", &plan], CHIEF);
    assert_eq!(code, 1, "{said}");
    assert_has(&said, &["APPLICATION_STATE"]);
    let last = said.trim_end().lines().last().unwrap().to_owned();
    assert_eq!(last, format!("approved 批准 {0}, issued 签发 {0}, failed 未成 1", shown.len() - 1));
    let later = office.found(&["--enterprise", &enterprise, "--state", "submitted"], CHIEF);
    assert_eq!(later.len(), 1, "what came in after the plan is not decided by it");

    let (said, code) = office.run(&["approve", "--state", "approved", "--dry-run"], CHIEF);
    assert_eq!(code, 3);
    assert_has(&said, &["submitted or recommended"]);
    assert_eq!(office.run(&["approve"], CHIEF).1, 3);

    // The rest is rejected by filter, with the reason that the enterprises read.
    let reject = ["reject", "--state", "submitted", "--reason", "not-essential", "--text", "停运", "--yes"];
    let said = office.done(&reject, CHIEF);
    let count = before - shown.len() + 1;
    assert_eq!(said.last().unwrap(), &format!("rejected 驳回 {count}, refused 未成 0"));
    assert!(said.contains(&format!("would reject 将驳回 {count}, would refuse 将拒 0")), "{said:?}");
    let shown = office.done(&["application", "show", &later[0]], &desk).join("\n");
    assert_has(&shown, &["not essential freight 不属重点物资: 停运"]);
}

#[test]
fn programme_asks_for_evidence_and_a_county_and_says_what_is_missing() {
    let office = Office::open();
    let set = |more: &[&str]| office.run(&[&["programme", "set", "--programme", "1"], more].concat(), CHIEF);
    let (said, code) = set(&["--require", "antigen-test:person:24", "--recommendation"]);
    assert_eq!(code, 0, "{said}");
    assert_has(&said, &["antigen test 抗原检测, each person on board 每名司乘人员, at most 不超过 24 h", "须区县推荐"]);
    let desk = format!("{ENTERPRISE}/desk");
    let seen = office.done(&["programme", "list", "--authority", "CN-3205"], &desk);
    assert_eq!(seen.len(), 2);
    assert_has(&seen[0], &["CN-3205", "programme 专项 1", CHIEF]);
    assert_eq!(office.run(&["programme", "set", "--programme", "1", "--nothing"], CLERK).1, 3);
    let (said, code) = set(&["--require", "horoscope:person"]);
    assert_eq!(code, 3);
    assert_has(&said, &["nucleic-acid-test"]);
    let (said, code) = set(&[]);
    assert_eq!(code, 3);
    assert_has(&said, &["--require"]);

    // What was handed in before is told of in the dry run, and not approved.
    let (said, code) = office.run(&["approve", "--tractor", TO_KUNSHAN, "--dry-run"], CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["would be refused 将拒", "NOT_RECOMMENDED", "would approve 将批准 0, would refuse 将拒 1"]);
    let to_kunshan = office.of(TO_KUNSHAN);
    office.done(&["recommend", &to_kunshan, "--comment", "the town needs it"], CLERK);
    let (said, code) = office.run(&["approve", "--tractor", TO_KUNSHAN, "--dry-run"], CHIEF);
    assert_eq!(code, 1);
    assert_has(&said, &["recommended 推荐 CN-320583/clerk", "the town needs it", "EVIDENCE_RULES", "evidence_missing"]);

    // What is handed in now is refused with the rule.
    office.done(&["withdraw", &office.of(WITH_TRAILER)], &desk);
    let (said, code) = office.service.run(&["apply", &office.list, "--starting", &office.begin]);
    assert_eq!(code, 1, "{said}");
    assert_has(
        &said,
        &["evidence: evidence_missing: the programme asks for antigen_test about person 1", "专项要求的证明未提交"],
    );
    assert_eq!(set(&["--nothing"]).1, 0);
    assert_eq!(office.apply(), "submitted 已提交 1, same 此前已提交 29, refused 拒收 0");
    office.done(&["approve", "--tractor", TO_KUNSHAN, "--yes"], CHIEF);
}

#[test]
fn truck_is_announced_to_its_destination_and_arrives_once() {
    // Journeys that begin now: some pass is in force at once.
    let office = Office::open_at(&SystemClock.now_s().to_string());
    office.done(&["approve", "--all-submitted"], CHIEF);
    let desk = format!("{ENTERPRISE}/desk");
    let now = SystemClock.now_s();
    let valid = office.done(&["pass", "list", "--valid-at", &now.to_string()], &desk);
    assert!(!valid.is_empty(), "no pass of the first rows is in force");
    let number = word(&valid[0], 0);
    let expected = (now + 600).to_string();
    let announce = ["arrival", "announce", &number, "--expected"];
    let (said, code) = office.run(&[&announce[..], &["2027-01-01 00:00"]].concat(), &desk);
    assert_eq!(code, 3);
    assert_has(&said, &["outside_the_pass", "expected_time"]);
    let said = office.done(&[&announce[..], &[&expected, "--consignee", "昆山电子"]].concat(), &desk);
    assert_has(&said[0], &[&number, "expected 预计到达", "announced 提前报备 0 h", "昆山电子"]);
    assert_eq!(office.done(&["arrival", "list", "--state", "expected"], CHIEF).len(), 1);
    assert_eq!(office.done(&["pass", "list", "--arrival", "expected"], CHIEF).len(), 1);
    assert_eq!(office.done(&["arrival", "list", "--before", "2026-01-01 00:00"], CHIEF).len(), 0);

    let (said, code) = office.run(&["arrive", &number, "320500-200101-00001-0"], &desk);
    assert_eq!(code, 1, "{said}");
    assert_has(&said, &[&number, "arrived 已到达", "arrived 到达 1, refused 未成 1"]);
    let again = office.done(&["arrive", &number], CHIEF);
    assert_has(&again[0], &["before 此前已报", &desk]);
    let (said, code) = office.run(&[&announce[..], &[&expected]].concat(), &desk);
    assert_eq!(code, 3);
    assert_has(&said, &["ARRIVED_ALREADY"]);
    let shown = office.done(&["pass", "show", &number], CHIEF).join("\n");
    assert_has(&shown, &["arrival 到达\tarrived 已到达", "expected 预计到达"]);
    assert_eq!(office.done(&["pass", "list", "--arrival", "arrived"], CHIEF).len(), 1);
    assert_eq!(office.done(&["arrival", "list", "--state", "expected"], CHIEF).len(), 0);
}

#[test]
fn day_is_reported_as_a_table_and_as_json() {
    let office = Office::open();
    office.done(&["reject", &office.of(WITH_TWO), "--reason", "evidence", "--text", "过期"], CHIEF);
    let number = office.pass(WITH_TRAILER);
    office.done(&["revoke", &number, "--reason", "misuse"], CHIEF);
    office.done(&["recommend", &office.of(TO_KUNSHAN)], CLERK);
    let day = Cn.day(SystemClock.now());
    // The test may run over midnight.
    let days = [day.to_string(), day.yesterday().unwrap().to_string()];
    let json = |day: &str| -> Value {
        let said = office.done(&["report", "--day", day, "--json"], CHIEF);
        serde_json::from_str(&said[0]).unwrap()
    };
    let reports = days.each_ref().map(|day| json(day));
    let sum = |key: &str| reports.iter().map(|report| report[key].as_u64().unwrap()).sum::<u64>();
    let received = sum("received");
    assert_eq!(received, office.found(&[], CHIEF).len() as u64);
    for (key, count) in [("approved", 1), ("rejected", 1), ("recommended", 1), ("issued", 1), ("revoked", 1)] {
        assert_eq!(sum(key), count, "{key}");
    }
    assert_eq!(reports[0]["waits"].as_array().unwrap().len(), 3);
    let text = reports.iter().map(ToString::to_string).collect::<String>();
    assert_has(&text, &["\"reason\":\"evidence\"", "\"reason\":\"misuse\"", "\"category\":\"", "\"oldest_waiting\":{"]);

    let sheets: String = days.iter().map(|day| office.done(&["report", "--day", day], CHIEF).join("\n")).collect();
    assert_has(
        &sheets,
        &[
            "received 收到",
            "waited for 等候",
            "p95",
            "evidence missing or too old 证明缺失或过期",
            "misuse",
            "oldest 最久",
        ],
    );
    // The province counts it too; next door does not see it; there is none of tomorrow.
    let whole = office.done(&["report", "--authority", "CN-3205"], "CN-32/chief");
    assert_has(&whole[0], &["CN-3205"]);
    let (said, code) = office.run(&["report", "--authority", "CN-3205"], "CN-3301/chief");
    assert_eq!(code, 3);
    assert_has(&said, &["NOT_FOUND"]);
    let tomorrow = day.tomorrow().unwrap().tomorrow().unwrap().to_string();
    assert_eq!(office.run(&["report", "--day", &tomorrow], CHIEF).1, 3);
}

#[test]
fn abolished_division_in_a_route_is_refused_with_the_year_of_its_end() {
    let office = Office::open();
    let text = std::fs::read_to_string(&office.list).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let origin = header.iter().position(|name| *name == "起运地" || *name == "origin").unwrap();
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut changed = first.clone();
    changed[origin] = "330103";
    let path = office.service.folder.path().join("abolished.csv");
    std::fs::write(&path, format!("{}\n{}\n", header.join(","), changed.join(","))).unwrap();
    let begin = (SystemClock.now_s() + 7_200).to_string();
    let (said, code) = office.service.run(&["apply", path.to_str().unwrap(), "--starting", &begin]);
    assert_eq!(code, 1, "{said}");
    assert_has(&said, &["route.origin", "division_abolished", "2021"]);
}
