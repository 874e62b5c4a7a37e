//! The code of a set, with bits typed in: none of these bytes comes from an encoder of ours.

use crate::model::{Decode, Expected};
use crate::topic::{Topic, rows};
use crate::write::bits;

/// The class of a gap is present with a code of this length / absent.
const fn length(length: u64) -> (u64, u32) {
    (1 << 6 | length, 7)
}

const ABSENT: (u64, u32) = (0, 1);

pub fn topic() -> Topic {
    let mut topic = Topic::new("status_set", "The code of a set: counts, lengths, tokens, ends");
    read(&mut topic);
    ties(&mut topic);
    counts(&mut topic);
    lengths(&mut topic);
    tokens(&mut topic);
    topic
}

/// Count, G, R, lengths and tokens.
fn set(count: u64, classes: (u64, u64), fields: &[(u64, u32)]) -> Vec<u8> {
    bits(&[&[(count, 32), (classes.0, 6), (classes.1, 6)], fields].concat())
}

fn good(topic: &mut Topic, name: &str, n: u32, bytes: &[u8], indexes: &[u32]) {
    let value = indexes.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    decode(topic, name, n, bytes, Expected::outcome("read"), Some(value));
}

fn bad(topic: &mut Topic, name: &str, n: u32, bytes: &[u8], code: &str) {
    decode(topic, name, n, bytes, Expected::code("refused", code), None);
}

fn decode(topic: &mut Topic, name: &str, n: u32, bytes: &[u8], expected: Expected, value: Option<String>) {
    let decode = Decode { object: "set".into(), input: rows(bytes), n: Some(n), expected, value };
    topic.decode(name, "4", decode);
}

fn read(topic: &mut Topic) {
    good(topic, "the empty string is the empty set", 1000, &[], &[]);
    good(topic, "{0}", 1, &[0, 0, 0, 1, 0x04, 0x08, 0], &[0]);
    let all: Vec<u32> = (0..1000).collect();
    good(topic, "all of a thousand", 1000, &[0, 0, 3, 0xe8, 1, 0x30, 0, 2, 7, 0x30], &all);
    let mixed = [0, 0, 0, 8, 0x18, 0x18, 0x68, 0x48, 0x70, 0xa1, 0x60, 0xf7, 0x80];
    good(topic, "gaps and a run", 1000, &mixed, &[0, 3, 6, 13, 24, 25, 26, 27]);
    // {5}: gap 5, v = 6, class 4 with one low bit, 0.
    let five = set(1, (5, 0), &[ABSENT, ABSENT, ABSENT, ABSENT, length(0), (0, 1)]);
    good(topic, "the last index of a list", 6, &five, &[5]);
    bad(topic, "an index at n", 5, &five, "set_index_beyond");
    bad(topic, "an index beyond n", 4, &five, "set_index_beyond");
    let two = set(2, (1, 0), &[length(0)]);
    good(topic, "a row of two is two gaps", 2, &two, &[0, 1]);
    good(topic, "a row of three is a run", 3, &set(3, (0, 1), &[length(0)]), &[0, 1, 2]);
}

fn ties(topic: &mut Topic) {
    // {0, 2, 5}: the classes 0, 1 and 2 once each. The two lowest symbols are merged, so class 2 has the short code.
    let lowest_first = set(3, (3, 0), &[length(2), length(2), length(1), (0b10, 2), (0b11, 2), (0, 1)]);
    good(topic, "a tie of leaves merges the lower symbols", 6, &lowest_first, &[0, 2, 5]);
    let highest_first = set(3, (3, 0), &[length(1), length(2), length(2), (0, 1), (0b10, 2), (0b11, 2)]);
    bad(topic, "a tie of leaves decided the other way", 6, &highest_first, "set_lengths_not_minimal");
    // v = 1, 2, 3, 3, 4, 4: classes 0, 1, 2, 2, 3, 3. The leaves 2 and 3 go before the merger of 0 and 1: all lengths 2.
    let indexes = [0, 2, 5, 8, 12, 16];
    let tokens = [(0b00, 2), (0b01, 2), (0b10, 2), (0b10, 2), (0b110, 3), (0b110, 3)];
    let leaves_first = set(6, (4, 0), &[&[length(2); 4][..], &tokens].concat());
    good(topic, "a tie of a leaf and a merger takes the leaf", 17, &leaves_first, &indexes);
    // The merger first: lengths 3, 3, 2, 1, at the same cost.
    let tokens = [(0b110, 3), (0b111, 3), (0b10, 2), (0b10, 2), (0b00, 2), (0b00, 2)];
    let merger_first = set(6, (4, 0), &[&[length(3), length(3), length(2), length(1)][..], &tokens].concat());
    bad(topic, "a tie of a leaf and a merger decided the other way", 17, &merger_first, "set_lengths_not_minimal");
    // {0, 2, 3, 4}: a gap of class 0, one of class 1, and a row of two more: symbols 0 thrice, 1 once.
    let thrice = set(4, (2, 0), &[length(1), length(1), (0, 1), (1, 1), (0, 1), (0, 1)]);
    good(topic, "two symbols have one bit each, whatever their counts", 5, &thrice, &[0, 2, 3, 4]);
}

fn counts(topic: &mut Topic) {
    let one = [0, 0, 0, 1, 0x04, 0x08, 0];
    bad(topic, "a count of 0", 1000, &set(0, (1, 0), &[length(0)]), "set_empty_count");
    bad(topic, "a count over n = 0", 0, &one, "set_count_over_n");
    bad(topic, "a count over n by one", 2, &set(3, (0, 1), &[length(0)]), "set_count_over_n");
    bad(topic, "a count of 2^32 - 1", 1 << 26, &set(0xffff_ffff, (1, 0), &[length(0)]), "set_count_over_n");
    bad(topic, "an n over 2^26", (1 << 26) + 1, &one, "n_over_cap");
    bad(topic, "a count cut short", 1000, &[0, 0, 0], "set_truncated");
    bad(topic, "a count alone", 1000, &[0, 0, 0, 1], "set_truncated");
    bad(topic, "lengths cut short", 1000, &[0, 0, 0, 1, 0x04], "set_truncated");
    bad(topic, "tokens cut short", 1000, &[0, 0, 0, 8, 0x18, 0x18, 0x68, 0x48, 0x70, 0xa1, 0x60], "set_truncated");
}

fn lengths(topic: &mut Topic) {
    bad(
        topic,
        "a lone symbol of length 1 is incomplete",
        1,
        &set(1, (1, 0), &[length(1), (0, 1)]),
        "set_lengths_incomplete",
    );
    bad(topic, "no symbol at all is incomplete", 1, &set(1, (0, 0), &[]), "set_lengths_incomplete");
    bad(
        topic,
        "lengths 1 and 2 are incomplete",
        5,
        &set(2, (2, 0), &[length(1), length(2), (0, 1), (0b10, 2)]),
        "set_lengths_incomplete",
    );
    let over = set(3, (3, 0), &[length(1), length(1), length(1), (0, 8)]);
    bad(topic, "three codes of one bit are too many", 6, &over, "set_lengths_incomplete");
    let zero = set(2, (2, 0), &[length(0), length(1), (0, 8)]);
    bad(topic, "length 0 beside another is too many", 6, &zero, "set_lengths_incomplete");
    // {0}: class 0 alone is used; a second class takes a bit for nothing.
    let unused = set(1, (2, 0), &[length(1), length(1), (0, 1)]);
    bad(topic, "a symbol that no token uses is not minimal", 1, &unused, "set_lengths_not_minimal");
    // {0, 1, 3, 4, 8}: class 0 thrice, 1 once, 3 once; the long code for the usual class.
    let swapped =
        set(5, (4, 0), &[length(2), length(1), ABSENT, length(2), (0b10, 2), (0b10, 2), (0, 1), (0b10, 2), (0b110, 3)]);
    bad(topic, "a long code for the usual class is not minimal", 9, &swapped, "set_lengths_not_minimal");
    let fitted =
        set(5, (4, 0), &[length(1), length(2), ABSENT, length(2), (0, 1), (0, 1), (0b10, 2), (0, 1), (0b110, 3)]);
    good(topic, "a short code for the usual class", 9, &fitted, &[0, 1, 3, 4, 8]);
    bad(
        topic,
        "a class of gaps announced and not used",
        1,
        &set(1, (2, 0), &[length(0), ABSENT]),
        "set_classes_not_minimal",
    );
    bad(
        topic,
        "a class of runs announced and not used",
        1,
        &set(1, (1, 1), &[length(0), ABSENT]),
        "set_classes_not_minimal",
    );
}

fn tokens(topic: &mut Topic) {
    bad(topic, "a row of three as three gaps", 10, &set(3, (1, 0), &[length(0)]), "set_row");
    bad(topic, "a row of six as two runs", 10, &set(6, (0, 1), &[length(0)]), "set_row");
    // A gap of 0 before a run, and behind one: symbols 0 and 64, one bit each.
    let both = [length(1), length(1)];
    let before = set(4, (1, 1), &[both[0], both[1], (0, 1), (1, 1)]);
    bad(topic, "a zero gap before a run", 10, &before, "set_row");
    let behind = set(4, (1, 1), &[both[0], both[1], (1, 1), (0, 1)]);
    bad(topic, "a zero gap behind a run", 10, &behind, "set_row");
    bad(topic, "a run over the count", 10, &set(3, (0, 2), &[ABSENT, length(0)]), "set_run_over_count");
    bad(
        topic,
        "a run over what the count leaves",
        3,
        &set(3, (2, 1), &[ABSENT, length(1), length(1), (0, 1), (1, 1)]),
        "set_run_over_count",
    );
    let past = set(4, (2, 1), &[ABSENT, length(1), length(1), (0, 1), (1, 1)]);
    bad(topic, "a run whose last index is n", 4, &past, "set_index_beyond");
    good(topic, "a run whose last index is below n", 5, &past, &[1, 2, 3, 4]);
    bad(topic, "a byte behind the set", 1, &[0, 0, 0, 1, 0x04, 0x08, 0, 0], "set_trailing");
    bad(topic, "a one in the last bits", 1, &[0, 0, 0, 1, 0x04, 0x08, 1], "set_padding");
    let far = set(1, (64 - 1, 0), &[&[ABSENT; 62][..], &[length(0), (0, 30)]].concat());
    bad(topic, "the highest class is beyond every list", 1 << 26, &far, "set_index_beyond");
}
