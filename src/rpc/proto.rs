//! What build.rs made of `proto/freightpass/v1`: messages, clients and servers.

#![allow(missing_docs, clippy::all)]

tonic::include_proto!("freightpass.v1");

include!(concat!(env!("OUT_DIR"), "/freightpass_debug.rs"));

/// The descriptor set of every service and of what it imports, with comments: for reflection, and for the test that
/// compares the table of roles with the methods there are.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freightpass_descriptors.bin"));

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;

    const CANARY: &str = "canary 张三 33010619880229997X 13800138000";

    /// Fields of these names hold what belongs to a person, wherever they stand.
    const PERSONAL: [&str; 5] = ["paper_number", "paper_tail", "mobile", "contact_name", "contact_phone"];

    #[test]
    fn personal_fields_are_marked_wherever_they_stand() {
        let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
        let people = ["CrewMember", "ImportPerson", "PassCrew", "SignedCrew"];
        let mut marked = 0;
        for message in pool.all_messages().filter(|message| message.package_name() == "freightpass.v1") {
            for field in message.fields() {
                let personal =
                    PERSONAL.contains(&field.name()) || (field.name() == "name" && people.contains(&message.name()));
                let options = field.options();
                let redacted = options.get_field_by_name("debug_redact").and_then(|value| value.as_bool());
                let redacted = redacted.unwrap_or(false);
                assert!(redacted || !personal, "{}", field.full_name());
                marked += usize::from(redacted);
            }
        }
        assert!(marked > 15, "{marked}");
    }

    #[test]
    fn debug_of_a_message_shows_nothing_that_is_marked() {
        let person = CrewMember {
            name: CANARY.into(),
            mobile: CANARY.into(),
            paper_number: CANARY.into(),
            ..Default::default()
        };
        let form = ApplicationForm { crew: vec![person.clone()], tractor: "苏E12345".into(), ..Default::default() };
        let submit = SubmitApplicationRequest { form: Some(form.clone()), ..Default::default() };
        let someone = ImportPerson {
            name: CANARY.into(),
            mobile: CANARY.into(),
            paper_number: CANARY.into(),
            ..Default::default()
        };
        let row = ImportRow {
            contact_name: CANARY.into(),
            contact_phone: CANARY.into(),
            crew: vec![someone],
            ..Default::default()
        };
        let import = ImportEntriesRequest { rows: vec![row], ..Default::default() };
        let amend = AmendPassRequest { crew: vec![person.clone()], ..Default::default() };
        let application = Application {
            contact_name: CANARY.into(),
            contact_phone: CANARY.into(),
            form: Some(form),
            ..Default::default()
        };
        let enterprise = Enterprise {
            contact_name: CANARY.into(),
            contact_phone: CANARY.into(),
            people: vec![person],
            ..Default::default()
        };
        let crew = vec![PassCrew { name: CANARY.into(), paper_tail: CANARY.into(), role: 1 }];
        let pass = Pass { crew, text: CANARY.into(), ..Default::default() };
        let signed = SignedFields {
            crew: vec![SignedCrew { name: CANARY.into(), paper_tail: CANARY.into(), role: 1 }],
            ..Default::default()
        };
        let filter = ApplicationFilter { paper_number: CANARY.into(), ..Default::default() };
        let said = format!(
            "{:?} {import:?} {amend:?} {application:?} {enterprise:?} {pass:?} {signed:?} {filter:?}",
            tonic::Request::new(submit)
        );
        assert!(said.contains("苏E12345"), "{said}");
        for part in CANARY.split(' ') {
            assert!(!said.contains(part), "{said}");
        }
    }
}
