//! Deterministic CBOR (section 1.3): read whatever is well-formed, write it again as determinism wants it, and compare.

/// Containers nested at most.
const DEPTH: usize = 16;

/// One item of those that occur in our objects: no tags, no floats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Any integer of CBOR, -2^64 to 2^64 - 1.
    Int(i128),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// A map, in the order read.
    Map(Vec<(Value, Value)>),
    /// false (20), true (21), null (22).
    Simple(u8),
}

/// The one deterministic item that these bytes are, with nothing after it.
pub fn read(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = item(&mut rest, 0)?;
    (rest.is_empty() && write(&value)? == bytes).then_some(value)
}

/// The type and the number in the head of an item.
pub fn head(rest: &mut &[u8]) -> Option<(u8, u64)> {
    let (first, tail) = rest.split_first()?;
    let width = match first & 31 {
        short @ 0..24 => {
            *rest = tail;
            return Some((first >> 5, short.into()));
        }
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let number = tail.get(..width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    *rest = &tail[width..];
    Some((first >> 5, number))
}

/// An item, `around` containers deep.
fn item(rest: &mut &[u8], around: usize) -> Option<Value> {
    let first = *rest.first()?;
    let (kind, number) = head(rest)?;
    let take = |rest: &mut &[u8]| {
        let length = usize::try_from(number).ok()?;
        let taken = rest.get(..length)?.to_vec();
        *rest = &rest[length..];
        Some(taken)
    };
    if (kind == 4 || kind == 5) && around == DEPTH {
        return None;
    }
    Some(match kind {
        0 => Value::Int(number.into()),
        1 => Value::Int(-1 - i128::from(number)),
        2 => Value::Bytes(take(rest)?),
        3 => Value::Text(String::from_utf8(take(rest)?).ok()?),
        4 => {
            let mut items = Vec::new();
            for _ in 0..number {
                items.push(item(rest, around + 1)?);
            }
            Value::Array(items)
        }
        5 => {
            let mut entries = Vec::new();
            for _ in 0..number {
                let key = item(rest, around + 1)?;
                entries.push((key, item(rest, around + 1)?));
            }
            Value::Map(entries)
        }
        7 if (0xf4..=0xf6).contains(&first) => Value::Simple(first & 31),
        _ => return None,
    })
}

/// The deterministic encoding; none where a map has a key twice.
pub fn write(value: &Value) -> Option<Vec<u8>> {
    Some(match value {
        Value::Int(number) if *number >= 0 => start(0, *number),
        Value::Int(number) => start(1, -1 - number),
        Value::Bytes(bytes) => [start(2, bytes.len() as i128), bytes.clone()].concat(),
        Value::Text(text) => [start(3, text.len() as i128), text.as_bytes().to_vec()].concat(),
        Value::Array(items) => {
            let mut all = start(4, items.len() as i128);
            for item in items {
                all.extend(write(item)?);
            }
            all
        }
        Value::Map(entries) => {
            let mut written = Vec::new();
            for (key, value) in entries {
                written.push((write(key)?, write(value)?));
            }
            written.sort();
            if written.windows(2).any(|two| two[0].0 == two[1].0) {
                return None;
            }
            let head = start(5, entries.len() as i128);
            [head]
                .into_iter()
                .chain(written.into_iter().map(|(key, value)| [key, value].concat()))
                .collect::<Vec<_>>()
                .concat()
        }
        Value::Simple(simple) => vec![0xe0 | simple],
    })
}

/// The shortest head of this type and number.
fn start(kind: u8, number: i128) -> Vec<u8> {
    let bytes = (number as u64).to_be_bytes();
    let (more, width) = match number {
        0..24 => return vec![kind << 5 | number as u8],
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    [&[kind << 5 | more], &bytes[8 - width..]].concat()
}

/// What the CDDL says of a value: none where it is of another type, size or range.
impl Value {
    /// An integer of this range.
    pub fn int(&self, least: i128, most: i128) -> Option<i128> {
        match self {
            Value::Int(number) => (least..=most).contains(number).then_some(*number),
            _ => None,
        }
    }

    /// `u32`.
    pub fn u32(&self) -> Option<u32> {
        self.int(0, u32::MAX.into()).map(|number| number as u32)
    }

    /// `t32`.
    pub fn time(&self) -> Option<u32> {
        self.int(1_577_836_800, 4_294_967_295).map(|number| number as u32)
    }

    /// A text of so many bytes.
    pub fn text(&self, least: usize, most: usize) -> Option<String> {
        match self {
            Value::Text(text) => (least..=most).contains(&text.len()).then(|| text.clone()),
            _ => None,
        }
    }

    /// A byte string.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A byte string of exactly this size.
    pub fn exactly<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    /// An array of so many items.
    pub fn array(&self, least: usize, most: usize) -> Option<&[Value]> {
        match self {
            Value::Array(items) => (least..=most).contains(&items.len()).then_some(items),
            _ => None,
        }
    }

    /// Every item of an array of so many, read in the same way.
    pub fn each<T>(&self, least: usize, most: usize, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        self.array(least, most)?.iter().map(read).collect()
    }

    /// The value under a key of a map.
    pub fn get(&self, key: i128) -> Option<&Value> {
        self.under(&Value::Int(key))
    }

    /// The value under any key of a map.
    pub fn under(&self, key: &Value) -> Option<&Value> {
        self.entries()?.iter().find(|(found, _)| found == key).map(|(_, value)| value)
    }

    /// The entries of a map.
    pub fn entries(&self) -> Option<&[(Value, Value)]> {
        match self {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Section 1.4, for a map in which these keys are named: whether there is an unknown critical key. None where a
    /// key is no integer, or an unnamed value is over 64 bytes or nested more than 2 deep.
    pub fn growth(&self, named: &[i128]) -> Option<bool> {
        let mut critical = false;
        for (key, value) in self.entries()? {
            let Value::Int(key) = key else { return None };
            if !named.contains(key) {
                if write(value)?.len() > 64 || value.depth() > 2 {
                    return None;
                }
                critical |= *key >= 0;
            }
        }
        Some(critical)
    }

    fn depth(&self) -> usize {
        match self {
            Value::Array(items) => 1 + items.iter().map(Value::depth).max().unwrap_or(0),
            Value::Map(entries) => {
                1 + entries.iter().map(|(key, value)| key.depth().max(value.depth())).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
}
