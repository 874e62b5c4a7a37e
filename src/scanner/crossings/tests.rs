//! What is remembered by whom, torn lines, lanes beside each other, files that grew.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::contents::{Contents, FEW_LINES, TIDY_BYTES};
use super::*;

const NOW: u64 = 1_796_054_400;
const DAY: u64 = 86_400;

fn number(serial: u32) -> PassNumber {
    PassNumber::new(320_500, 2_526, serial).unwrap()
}

fn here(at: u64) -> Crossing {
    Crossing { at, place: Some("320583".to_owned()) }
}

fn on_duty(folder: &TempDir, t: u64) -> Crossings {
    Crossings::read(folder.path(), t, Purpose::Duty)
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("crossings")
}

#[test]
fn what_another_lane_admits_is_taken_up_and_memory_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (on_duty(&folder, NOW), on_duty(&folder, NOW));
    one.admitted(number(1), NOW + DAY, here(NOW));
    two.admitted(number(2), NOW + DAY, here(NOW));
    assert_eq!(two.last(number(1), NOW), None);
    two.refresh(NOW);
    one.refresh(NOW);
    assert_eq!((two.last(number(1), NOW), one.last(number(2), NOW)), (Some(&here(NOW)), Some(&here(NOW))));

    let entry = |at: u64| Entry { until: NOW + DAY, last: here(at) };
    one.known = (0..=MOST_KNOWN as u32).map(|serial| (number(serial + 1), entry(NOW - u64::from(serial)))).collect();
    one.refresh(NOW);
    assert_eq!(one.known.len(), KEPT);
    assert!(one.last(number(1), NOW).is_some() && one.last(number(MOST_KNOWN as u32), NOW).is_none());
}

#[test]
fn an_admission_is_remembered_by_the_next_run_and_by_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = on_duty(&folder, NOW);
    assert_eq!(first.last(number(1), NOW), None);
    first.admitted(number(1), NOW + DAY, here(NOW));
    first.admitted(number(2), NOW + DAY, Crossing { at: NOW + 1, place: None });
    assert_eq!(first.last(number(1), NOW), Some(&here(NOW)));
    first.end().unwrap();
    let mut second = on_duty(&folder, NOW + 9);
    assert_eq!(second.last(number(1), NOW + 9), Some(&here(NOW)));
    assert_eq!(second.last(number(2), NOW + 9), Some(&Crossing { at: NOW + 1, place: None }));
    second.admitted(number(1), NOW + DAY, here(NOW + 9));
    second.end().unwrap();
    assert_eq!(on_duty(&folder, NOW + 20).last(number(1), NOW + 20), Some(&here(NOW + 9)));
    // What is to come is not before.
    assert_eq!(on_duty(&folder, NOW + 8).last(number(1), NOW + 8), None);
}

#[test]
fn a_rehearsal_sees_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut rehearsal = Crossings::read(folder.path(), NOW, Purpose::Rehearsal);
    rehearsal.admitted(number(1), NOW + DAY, here(NOW));
    assert_eq!(rehearsal.last(number(1), NOW), Some(&here(NOW)));
    rehearsal.end().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_torn_line_takes_nothing_along_wherever_it_was_cut() {
    let whole = Entry { until: NOW + DAY, last: here(NOW) }.line(number(1));
    for cut in 0..whole.len() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(file(&folder), &whole.as_bytes()[..cut]).unwrap();
        let mut crossings = on_duty(&folder, NOW);
        // The line lacks nothing but its end where the full stop stands.
        assert_eq!(crossings.last(number(1), NOW).is_some(), cut == whole.len() - 1, "cut at {cut}");
        crossings.admitted(number(2), NOW + DAY, here(NOW + 1));
        crossings.end().unwrap();
        assert_eq!(on_duty(&folder, NOW + 2).last(number(2), NOW + 2), Some(&here(NOW + 1)), "cut at {cut}");
    }
}

#[test]
fn what_is_over_for_a_day_leaves_the_file_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut crossings = on_duty(&folder, NOW);
    crossings.admitted(number(1), NOW + 60, here(NOW));
    crossings.admitted(number(2), NOW + 9 * DAY, here(NOW));
    crossings.end().unwrap();
    let lines = |t| {
        drop(on_duty(&folder, t));
        fs::read_to_string(file(&folder)).unwrap().split_whitespace().filter(|word| *word == ".").count()
    };
    assert_eq!(lines(NOW + 60 + DAY - 1), 2);
    assert_eq!(lines(NOW + 60 + DAY), 1);
    assert_eq!(on_duty(&folder, NOW + 2 * DAY).last(number(2), NOW + 2 * DAY), Some(&here(NOW)));
}

#[test]
fn one_truck_that_comes_all_day_takes_no_more_than_a_few_lines_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    for run in 0..200 {
        let mut crossings = on_duty(&folder, NOW + run);
        crossings.admitted(number(1), NOW + DAY, here(NOW + run));
        crossings.end().unwrap();
    }
    let contents = Contents::of(&fs::read(file(&folder)).unwrap());
    assert!(contents.lines <= FEW_LINES, "{}", contents.lines);
    assert_eq!(contents.latest[&number(1)].last, here(NOW + 199));
}

#[test]
fn a_file_that_grew_too_large_keeps_the_latest_and_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let lines = (1..=u32::try_from(TIDY_BYTES / 40).unwrap())
        .map(|serial| Entry { until: NOW + 9 * DAY, last: here(NOW + u64::from(serial)) }.line(number(serial)));
    let lines: Vec<String> = lines.collect();
    fs::write(file(&folder), lines.concat()).unwrap();
    let t = NOW + DAY * 4;
    let mut crossings = on_duty(&folder, t);
    crossings.admitted(number(1), t + DAY, here(t));
    crossings.end().unwrap();
    let contents = Contents::of(&fs::read(file(&folder)).unwrap());
    assert_eq!(contents.lines, KEPT + 1);
    assert!(contents.bytes < TIDY_BYTES, "{}", contents.bytes);
    assert!(contents.latest.contains_key(&number(u32::try_from(lines.len()).unwrap())));
    assert!(!contents.latest.contains_key(&number(2)));
}

#[test]
fn two_programs_lose_nothing_of_each_other_while_both_tidy_up() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for program in 0..2_u32 {
            let folder = &folder;
            scope.spawn(move || {
                for run in 0..100 {
                    let mut crossings = on_duty(folder, NOW);
                    // The first is superseded at once, so that there is always something to tidy up.
                    for serial in [1 + program * 1_000, 2 + program * 1_000 + run] {
                        crossings.admitted(number(serial), NOW + DAY, here(NOW));
                    }
                    Book::of(folder.path()).tidy(NOW).unwrap();
                    crossings.end().unwrap();
                }
            });
        }
    });
    let known = on_duty(&folder, NOW);
    for serial in (1..=101).chain(1_001..=1_101) {
        assert_eq!(known.last(number(serial), NOW), Some(&here(NOW)), "{serial}");
    }
}

#[test]
fn what_cannot_be_written_is_said_at_the_end_and_counts_in_this_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(file(&folder)).unwrap();
    let mut crossings = on_duty(&folder, NOW);
    crossings.admitted(number(1), NOW + DAY, here(NOW));
    crossings.admitted(number(2), NOW + DAY, here(NOW));
    assert_eq!(crossings.last(number(1), NOW), Some(&here(NOW)));
    crossings.end().unwrap_err();
}

#[test]
fn a_place_that_is_none_is_not_told() {
    for place in ["3205 83", "320583\u{1b}", "123456789", "-", ""] {
        let entry = Entry { until: NOW + 1, last: Crossing { at: NOW, place: Some(place.to_owned()) } };
        let contents = Contents::of(entry.line(number(1)).as_bytes());
        assert_eq!(contents.latest[&number(1)].last.place, None, "{place:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_hide_a_line_that_follows_them(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let line = Entry { until: NOW + DAY, last: here(NOW) }.line(number(7));
        let contents = Contents::of(&[&noise, line.as_bytes()].concat());
        prop_assert_eq!(contents.latest.get(&number(7)).map(|entry| &entry.last), Some(&here(NOW)));
    }
}
