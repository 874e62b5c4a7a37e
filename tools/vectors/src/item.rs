//! CBOR items as data, so that a vector can be a good object with one thing changed.
//!
//! What is written is deterministic, but for what [`Item::Raw`] puts in: the bytes of one deviation.

use minicbor::Encoder;
use minicbor::data::Tag;

/// One CBOR item.
#[derive(Debug, Clone)]
pub enum Item {
    /// An integer.
    Int(i64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Item>),
    /// A map, in the order in which it is written.
    Map(Vec<(Item, Item)>),
    /// A tag and what it encloses.
    Tag(u64, Box<Item>),
    /// Bytes as they are, deterministic or not.
    Raw(Vec<u8>),
}

impl Item {
    /// A text.
    pub fn text(text: &str) -> Self {
        Item::Text(text.into())
    }

    /// A byte string.
    pub fn bytes(bytes: &[u8]) -> Self {
        Item::Bytes(bytes.to_vec())
    }

    /// Bytes as they are.
    pub fn raw(bytes: &[u8]) -> Self {
        Item::Raw(bytes.to_vec())
    }

    /// The item's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let head = |write: &dyn Fn(&mut Encoder<Vec<u8>>)| {
            let mut encoder = Encoder::new(Vec::new());
            write(&mut encoder);
            encoder.into_writer()
        };
        // Writing into a Vec cannot fail, so the results say nothing.
        match self {
            Item::Int(value) => head(&|e| drop(e.i64(*value))),
            Item::Bytes(bytes) => head(&|e| drop(e.bytes(bytes))),
            Item::Text(text) => head(&|e| drop(e.str(text))),
            Item::List(items) => {
                let mut bytes = head(&|e| drop(e.array(items.len() as u64)));
                items.iter().for_each(|item| bytes.extend(item.encode()));
                bytes
            }
            Item::Map(entries) => {
                let mut bytes = head(&|e| drop(e.map(entries.len() as u64)));
                entries.iter().flat_map(|(key, value)| [key, value]).for_each(|item| bytes.extend(item.encode()));
                bytes
            }
            Item::Tag(tag, inner) => {
                let mut bytes = head(&|e| drop(e.tag(Tag::new(*tag))));
                bytes.extend(inner.encode());
                bytes
            }
            Item::Raw(bytes) => bytes.clone(),
        }
    }

    /// The map with `key` set to `value`, keys in the order of their bytes.
    pub fn with(self, key: impl Into<Item>, value: impl Into<Item>) -> Self {
        let (key, value) = (key.into(), value.into());
        let Item::Map(mut entries) = self else { panic!("not a map: {self:?}") };
        let encoded = key.encode();
        match entries.binary_search_by_key(&encoded, |(key, _)| key.encode()) {
            Ok(at) => entries[at].1 = value,
            Err(at) => entries.insert(at, (key, value)),
        }
        Item::Map(entries)
    }

    /// The map without `key`.
    pub fn without(self, key: impl Into<Item>) -> Self {
        let Item::Map(mut entries) = self else { panic!("not a map: {self:?}") };
        let encoded = key.into().encode();
        let before = entries.len();
        entries.retain(|(key, _)| key.encode() != encoded);
        assert_eq!(entries.len() + 1, before, "a key that is not there");
        Item::Map(entries)
    }

    /// The map with the value of `key` changed.
    pub fn edit(self, key: impl Into<Item>, change: impl FnOnce(Item) -> Item) -> Self {
        let key = key.into();
        let Item::Map(entries) = &self else { panic!("not a map: {self:?}") };
        let encoded = key.encode();
        let value = entries.iter().find(|(key, _)| key.encode() == encoded).map(|(_, value)| value.clone());
        let value = change(value.expect("a key that is there"));
        self.with(key, value)
    }
}

impl From<i64> for Item {
    fn from(value: i64) -> Self {
        Item::Int(value)
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Item::text(text)
    }
}

impl From<Vec<Item>> for Item {
    fn from(items: Vec<Item>) -> Self {
        Item::List(items)
    }
}

/// A map of integer keys, given in the order of their encoded bytes.
pub fn map(entries: Vec<(i64, Item)>) -> Item {
    Item::Map(entries.into_iter().map(|(key, value)| (Item::Int(key), value)).collect())
}
