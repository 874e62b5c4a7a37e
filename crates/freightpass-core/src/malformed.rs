//! Bytes that are not what they claim to be: where, in which layer, by which rule.

use thiserror::Error;

/// The layer of the format in which reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The characters of a pass: `FP1:` and canonical base45 (RFC 9285).
    Text,
    /// The COSE envelope (RFC 9052): tag, shape, headers, size of the signature.
    Envelope,
    /// Deterministic CBOR (RFC 8949, section 4.2.1).
    Determinism,
    /// The types, sizes and ranges of docs/FORMAT.md.
    Cddl,
}

impl Layer {
    /// The layer's name in vectors, reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Text => "text",
            Layer::Envelope => "envelope",
            Layer::Determinism => "determinism",
            Layer::Cddl => "cddl",
        }
    }
}

/// What is wrong, with the values found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// More bytes or characters than the cap.
    #[error("too large: {size}, at most {cap}")]
    TooLarge {
        /// What came.
        size: usize,
        /// What is allowed.
        cap: usize,
    },
    /// A character outside the alphabet, or a group that encodes no bytes.
    #[error("not base45")]
    NotBase45,
    /// Base45 that decodes, and is not what encoding gives.
    #[error("base45 in a form that encoding never gives")]
    NotCanonical,

    /// The object has no COSE tag.
    #[error("untagged")]
    Untagged,
    /// The object has another tag than the one of its kind.
    #[error("tag {found}, wanted {wanted}")]
    Tag {
        /// The outermost tag.
        found: u64,
        /// The tag of this kind of object: 18 (COSE_Sign1) or 98 (COSE_Sign).
        wanted: u64,
    },
    /// Not the array of four that COSE wants, or a member of another type.
    #[error("not the shape of a COSE message")]
    Shape,
    /// A header has other keys than exactly those of its kind.
    #[error("header keys")]
    HeaderKeys,
    /// A header's value has another type or size.
    #[error("header {key} has the wrong type or size")]
    HeaderType {
        /// The header's label (RFC 9052, section 3.1).
        key: i64,
    },
    /// The signature is not 64 bytes.
    #[error("signature of {found} bytes")]
    SignatureSize {
        /// Bytes found.
        found: usize,
    },

    /// No CBOR, or it ends too early.
    #[error("unreadable CBOR")]
    Unreadable,
    /// Bytes after the end.
    #[error("trailing bytes")]
    Trailing,
    /// An integer or a length that is not in its shortest form.
    #[error("not in the shortest form")]
    NotShortest,
    /// An indefinite length.
    #[error("indefinite length")]
    Indefinite,
    /// Map keys that do not ascend.
    #[error("map keys out of order")]
    KeyOrder,
    /// A map key twice.
    #[error("duplicate map key")]
    DuplicateKey,
    /// A floating-point number.
    #[error("floating-point number")]
    Float,
    /// A simple value other than false, true, null.
    #[error("simple value")]
    Simple,
    /// A tag inside the object.
    #[error("tag inside")]
    InnerTag,
    /// Containers nested deeper than [`crate::limits::DEPTH`].
    #[error("nested too deep")]
    Depth,

    /// A field is missing.
    #[error("{field}: missing")]
    Missing {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A field has another type.
    #[error("{field}: wrong type")]
    Type {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A number lies outside its range.
    #[error("{field}: out of range")]
    Range {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A time lies outside 2020-01-01 to 2106-02-07: milliseconds, most often.
    #[error("{field}: time out of bounds (seconds since 1970 from 1577836800 to 4294967295)")]
    TimeOutOfBounds {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A string, an array or a map is too short or too long.
    #[error("{field}: size")]
    Size {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A map that must not grow has another key.
    #[error("{field}: unexpected key")]
    UnexpectedKey {
        /// The map's name in docs/FORMAT.md.
        field: &'static str,
    },
    /// A rule between fields of one object is broken.
    #[error("{field}: {rule}")]
    Rule {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
        /// The rule's words.
        rule: &'static str,
    },
    /// An unnamed key's value is over the bounds.
    #[error("extension too large or too deep")]
    Extension,
}

impl Fault {
    /// The fault's stable code, as vectors and JSON carry it.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::TooLarge { .. } => "too_large",
            Fault::NotBase45 => "not_base45",
            Fault::NotCanonical => "not_canonical",
            Fault::Untagged => "untagged",
            Fault::Tag { .. } => "tag",
            Fault::Shape => "shape",
            Fault::HeaderKeys => "header_keys",
            Fault::HeaderType { .. } => "header_type",
            Fault::SignatureSize { .. } => "signature_size",
            Fault::Unreadable => "unreadable",
            Fault::Trailing => "trailing",
            Fault::NotShortest => "not_shortest",
            Fault::Indefinite => "indefinite",
            Fault::KeyOrder => "key_order",
            Fault::DuplicateKey => "duplicate_key",
            Fault::Float => "float",
            Fault::Simple => "simple",
            Fault::InnerTag => "inner_tag",
            Fault::Depth => "depth",
            Fault::Missing { .. } => "missing",
            Fault::Type { .. } => "type",
            Fault::Range { .. } => "range",
            Fault::TimeOutOfBounds { .. } => "time_out_of_bounds",
            Fault::Size { .. } => "size",
            Fault::UnexpectedKey { .. } => "unexpected_key",
            Fault::Rule { .. } => "rule",
            Fault::Extension => "extension",
        }
    }

    /// The field that the fault is about, where it is about one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Fault::Missing { field }
            | Fault::Type { field }
            | Fault::Range { field }
            | Fault::TimeOutOfBounds { field }
            | Fault::Size { field }
            | Fault::UnexpectedKey { field }
            | Fault::Rule { field, .. } => Some(field),
            _ => None,
        }
    }
}

/// Bytes that cannot be read, with the place: `offset` counts bytes of the object (characters for [`Layer::Text`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed {}: {fault} (at {offset})", layer.name())]
pub struct Malformed {
    /// The layer in which reading stopped.
    pub layer: Layer,
    /// What is wrong there.
    pub fault: Fault,
    /// Bytes (for text: characters) before the place.
    pub offset: usize,
}

impl Malformed {
    pub(crate) const fn text(fault: Fault, offset: usize) -> Self {
        Self { layer: Layer::Text, fault, offset }
    }

    pub(crate) const fn envelope(fault: Fault, offset: usize) -> Self {
        Self { layer: Layer::Envelope, fault, offset }
    }

    pub(crate) const fn determinism(fault: Fault, offset: usize) -> Self {
        Self { layer: Layer::Determinism, fault, offset }
    }

    pub(crate) const fn cddl(fault: Fault, offset: usize) -> Self {
        Self { layer: Layer::Cddl, fault, offset }
    }
}
