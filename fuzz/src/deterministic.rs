//! Deterministic CBOR as docs/FORMAT.md, section 1.3, wants it, judged by another crate: an item is deterministic when
//! ciborium reads it and writes the same bytes again, and when it holds nothing that the format leaves out.

use std::io::Cursor;

use ciborium::Value;
use freightpass_core::limits::DEPTH;

/// The item that `bytes` are, when they are one deterministic item and nothing else.
pub fn item(bytes: &[u8]) -> Option<Value> {
    let mut rest = Cursor::new(bytes);
    let value: Value = ciborium::from_reader(&mut rest).ok()?;
    let whole = rest.position() == bytes.len() as u64;
    (whole && allowed(&value, 0) && encoded(&value) == bytes).then_some(value)
}

/// Whether it holds only what the format has, its keys in order, and not too deep.
fn allowed(value: &Value, around: usize) -> bool {
    let within = around < DEPTH;
    match value {
        Value::Integer(_) | Value::Bytes(_) | Value::Text(_) | Value::Bool(_) | Value::Null => true,
        Value::Array(items) => within && items.iter().all(|item| allowed(item, around + 1)),
        Value::Map(entries) => {
            let keys: Vec<_> = entries.iter().map(|(key, _)| encoded(key)).collect();
            let ascend = keys.is_sorted_by(|before, after| before < after);
            within
                && ascend
                && entries.iter().all(|(key, value)| allowed(key, around + 1) && allowed(value, around + 1))
        }
        _ => false,
    }
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a vector takes every write");
    bytes
}
