//! Ways through the fields of a request, by the descriptors: to read what stands there, and to put something else there.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// Fields that may be empty, by the ends of their paths.
const OPTIONAL: &[&str] = &[
    "trailer",
    "comment",
    "reason_text",
    "dry_run",
    "decide_only",
    "replace_overlapping",
    "rows[0].line",
    "rows[0].code_waiver_reason",
    "rows[0].crew[0].paper_kind",
    "rows[0].crew[0].role",
    "start_time",
    "end_time",
    "page_size",
    "page_token",
    "county",
    "plate",
    "reports[0].pass_number",
    "trust_seq",
    "manifest_seq",
    "states[0].list",
    "evidence[0].person",
    "recommendation_required",
    "place",
    "consignee",
];

/// The way to one leaf of a request: a field that holds no message, or a time.
#[derive(Clone)]
pub struct Path(Vec<FieldDescriptor>);

/// The ways to all leaves of a message.
pub fn leaves(message: &MessageDescriptor) -> Vec<Path> {
    let mut found = Vec::new();
    walk(message, &mut Vec::new(), &mut found);
    found
}

fn walk(message: &MessageDescriptor, way: &mut Vec<FieldDescriptor>, found: &mut Vec<Path>) {
    for field in message.fields() {
        way.push(field.clone());
        match field.kind() {
            Kind::Message(inner) if !inner.full_name().starts_with("google.protobuf.") => walk(&inner, way, found),
            _ => found.push(Path(way.clone())),
        }
        way.pop();
    }
}

impl Path {
    /// The field at the end of the way.
    pub fn leaf(&self) -> FieldDescriptor {
        self.0.last().unwrap().clone()
    }

    /// As an error names it; of lists the first item.
    pub fn spelled(&self) -> String {
        let parts: Vec<_> = self
            .0
            .iter()
            .map(|field| if field.is_list() { format!("{}[0]", field.name()) } else { field.name().to_owned() })
            .collect();
        parts.join(".")
    }

    /// Whether it only says what is asked for.
    pub fn is_filter(&self) -> bool {
        self.0[0].name() == "filter"
    }

    /// Whether the field may be empty.
    pub fn is_optional(&self) -> bool {
        let at = self.spelled();
        OPTIONAL.iter().any(|end| at == *end || at.ends_with(&format!(".{end}")))
    }

    /// The ways to the lists on this way, itself among them if it leads to one.
    pub fn lists(&self) -> impl Iterator<Item = Path> {
        (0..self.0.len()).filter(|depth| self.0[*depth].is_list()).map(|depth| Path(self.0[..=depth].to_vec()))
    }

    /// What stands at the end of the way, if anything does.
    pub fn get(&self, message: &DynamicMessage) -> Option<Value> {
        let (field, rest) = self.0.split_first().unwrap();
        if !message.has_field(field) {
            return None;
        }
        let value = message.get_field(field).into_owned();
        let value = if field.is_list() { value.as_list()?.first()?.clone() } else { value };
        match rest {
            [] => Some(value),
            rest => Path(rest.to_vec()).get(value.as_message()?),
        }
    }

    /// Puts the value at the end of the way; what stands on the way stays as it is.
    pub fn put(&self, message: &mut DynamicMessage, value: Value) {
        let last = self.leaf();
        let value = if last.is_list() { Value::List(vec![value]) } else { value };
        Self::put_whole(&self.0, message, value);
    }

    /// Puts a whole list at the end of the way.
    pub fn put_list(&self, message: &mut DynamicMessage, items: Vec<Value>) {
        Self::put_whole(&self.0, message, Value::List(items));
    }

    fn put_whole(way: &[FieldDescriptor], message: &mut DynamicMessage, value: Value) {
        let (field, rest) = way.split_first().unwrap();
        if rest.is_empty() {
            return message.set_field(field, value);
        }
        let Kind::Message(descriptor) = field.kind() else { unreachable!("only messages have fields") };
        let standing = message.get_field(field).into_owned();
        let inner = |value: Option<&Value>| match value.and_then(Value::as_message) {
            Some(inner) => inner.clone(),
            None => DynamicMessage::new(descriptor.clone()),
        };
        let put = |mut inner: DynamicMessage| {
            Self::put_whole(rest, &mut inner, value);
            Value::Message(inner)
        };
        let whole = match standing {
            Value::List(items) => Value::List(vec![put(inner(items.first()))]),
            other => put(inner(Some(&other))),
        };
        message.set_field(field, whole);
    }
}
