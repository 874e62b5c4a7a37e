//! The number of a pass as it is typed: what is read is spoken the same way, and has no other spelling.
#![no_main]

use freightpass_core::pass::PassNumber;
use freightpass_fuzz::bound::within;
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(seeds(), |bytes| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(number) = within(0, bytes, || text.parse::<PassNumber>()) {
        assert_eq!(number.to_string(), text);
        assert_eq!(PassNumber::from_bytes(number.to_bytes()), Some(number));
    }
    if let Ok(bytes) = bytes.try_into()
        && let Some(number) = PassNumber::from_bytes(bytes)
    {
        assert_eq!(number.to_bytes(), bytes);
        // Days after 2099 can be signed and have no spoken number (docs/FORMAT.md, section 7.1).
        let spoken = number.to_string();
        assert!(spoken.parse() == Ok(number) || number.day() > 29_219, "{spoken}");
    }
});

fn seeds() -> Vec<Vec<u8>> {
    Vectors::read().decoded("pass_number").into_iter().map(|(typed, _)| typed).collect()
}
