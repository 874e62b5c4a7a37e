//! How our values stand in the three kinds of column that both databases have.

use jiff::Timestamp;
use uuid::Uuid;

/// A value that goes into a column.
pub trait Bind {
    /// The column's type: i64, String, bytes, or one of them nullable.
    type Column;
    /// The value as the column takes it.
    fn column(self) -> Self::Column;
}

/// A value that is read from a column.
pub trait Read: Sized {
    /// The column's type.
    type Column;
    /// The value, or none if the column holds what the type has not.
    fn read(stored: Self::Column) -> Option<Self>;
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Bind for $int {
            type Column = i64;
            fn column(self) -> i64 {
                i64::from(self)
            }
        }
        impl Read for $int {
            type Column = i64;
            fn read(stored: i64) -> Option<Self> {
                Self::try_from(stored).ok()
            }
        }
        impl Read for Option<$int> {
            type Column = Option<i64>;
            fn read(stored: Option<i64>) -> Option<Self> {
                match stored {
                    None => Some(None),
                    Some(value) => <$int>::try_from(value).ok().map(Some),
                }
            }
        }
    )*};
}
integers!(u8, u16, u32, i64);

/// Sequences and seconds: what is beyond the column's range saturates, and no row has such a key.
impl Bind for u64 {
    type Column = i64;
    fn column(self) -> i64 {
        i64::try_from(self).unwrap_or(i64::MAX)
    }
}

impl Read for u64 {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        u64::try_from(stored).ok()
    }
}

impl Read for Option<u64> {
    type Column = Option<i64>;
    fn read(stored: Option<i64>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(value) => u64::try_from(value).ok().map(Some),
        }
    }
}

impl Bind for bool {
    type Column = i64;
    fn column(self) -> i64 {
        i64::from(self)
    }
}

impl Read for bool {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        match stored {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Bind for &str {
    type Column = String;
    fn column(self) -> String {
        self.to_owned()
    }
}

impl Bind for String {
    type Column = String;
    fn column(self) -> String {
        self
    }
}

impl Bind for &String {
    type Column = String;
    fn column(self) -> String {
        self.clone()
    }
}

impl Read for String {
    type Column = String;
    fn read(stored: String) -> Option<Self> {
        Some(stored)
    }
}

impl Read for Option<String> {
    type Column = Option<String>;
    fn read(stored: Option<String>) -> Option<Self> {
        Some(stored)
    }
}

impl Bind for Vec<u8> {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self
    }
}

impl Bind for &[u8] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<const N: usize> Bind for [u8; N] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<const N: usize> Bind for &[u8; N] {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Read for Vec<u8> {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        Some(stored)
    }
}

impl Read for Option<Vec<u8>> {
    type Column = Option<Vec<u8>>;
    fn read(stored: Option<Vec<u8>>) -> Option<Self> {
        Some(stored)
    }
}

impl<const N: usize> Read for [u8; N] {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        stored.try_into().ok()
    }
}

impl<const N: usize> Read for Option<[u8; N]> {
    type Column = Option<Vec<u8>>;
    fn read(stored: Option<Vec<u8>>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(bytes) => bytes.try_into().ok().map(Some),
        }
    }
}

impl Bind for Uuid {
    type Column = Vec<u8>;
    fn column(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl Read for Uuid {
    type Column = Vec<u8>;
    fn read(stored: Vec<u8>) -> Option<Self> {
        Uuid::from_slice(&stored).ok()
    }
}

/// Milliseconds since 1970, as every `*_at` column holds them.
impl Bind for Timestamp {
    type Column = i64;
    fn column(self) -> i64 {
        self.as_millisecond()
    }
}

impl Read for Timestamp {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        Timestamp::from_millisecond(stored).ok()
    }
}

impl Read for Option<Timestamp> {
    type Column = Option<i64>;
    fn read(stored: Option<i64>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(value) => Timestamp::from_millisecond(value).ok().map(Some),
        }
    }
}

impl<T: Bind> Bind for Option<T> {
    type Column = Option<T::Column>;
    fn column(self) -> Option<T::Column> {
        self.map(Bind::column)
    }
}
