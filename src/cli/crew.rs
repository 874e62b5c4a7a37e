//! People as they are typed on a command line: like the columns of the table, `NAME,KIND,NUMBER,MOBILE,ROLE`; or, for
//! one who stands in the application already, the name or the end of the paper's number alone.

use crate::profile::Profile;
use crate::rpc::proto;
use crate::whitelist::CrewRole;

/// Characters of a paper's number that name a person: what stands on the pass.
const TAIL: usize = 4;

/// How a person is spelled, for help and errors.
pub const SPELLING: &str = "NAME,KIND,NUMBER,MOBILE,ROLE, such as 张伟,,320583199001011232,13912345678 (no KIND: \
                            identity card; no ROLE: the first drives, the others in relief), or the name or last four \
                            characters of somebody in the application";

/// One person as typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Person {
    /// Somebody new.
    New(proto::CrewMember),
    /// Somebody of the application, by name or by the end of the paper's number.
    Known(String),
}

/// What is wrong with the spelling of a person; never with what it says: the service judges that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrewError {
    /// Too few or too many parts.
    #[error("person {place} of --crew has {parts} parts; wanted: {SPELLING}")]
    Parts {
        /// Which of the people, from 1.
        place: usize,
        /// Parts found.
        parts: usize,
    },
    /// A part that is none of the values known.
    #[error("person {place} of --crew: {text:?} is no {what}")]
    Unknown {
        /// Which of the people, from 1.
        place: usize,
        /// What was typed.
        text: String,
        /// What it should have been.
        what: &'static str,
    },
    /// Nobody of that name.
    #[error("person {place} of --crew: nobody in the application is called {text:?} or has a paper that ends so")]
    Nobody {
        /// Which of the people, from 1.
        place: usize,
        /// What was typed.
        text: String,
    },
    /// Several of that name.
    #[error("person {place} of --crew: {text:?} is more than one in the application; give the end of the number")]
    Several {
        /// Which of the people, from 1.
        place: usize,
        /// What was typed.
        text: String,
    },
}

/// The person at that place (from 0) of a crew.
pub fn person(place: usize, text: &str, profile: &dyn Profile) -> Result<Person, CrewError> {
    let parts: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
    let [name, kind, number, rest @ ..] = parts.as_slice() else {
        return match parts.as_slice() {
            [known] if !known.is_empty() => Ok(Person::Known((*known).to_owned())),
            _ => Err(CrewError::Parts { place: place + 1, parts: parts.len() }),
        };
    };
    let (mobile, role) = match rest {
        [] => ("", ""),
        [mobile] => (*mobile, ""),
        [mobile, role] => (*mobile, *role),
        _ => return Err(CrewError::Parts { place: place + 1, parts: parts.len() }),
    };
    let unknown = |text: &str, what| CrewError::Unknown { place: place + 1, text: text.to_owned(), what };
    let paper_kind = profile.paper_kind(kind).map_err(|_| unknown(kind, "kind of paper"))?;
    let role = match role {
        "" => role_at(place),
        role => CrewRole::by_text(role).ok_or_else(|| unknown(role, "role"))?,
    };
    Ok(Person::New(proto::CrewMember {
        name: (*name).to_owned(),
        paper_kind: paper_kind.number().into(),
        paper_number: (*number).to_owned(),
        mobile: mobile.to_owned(),
        role: role.number().into(),
    }))
}

/// The person at that place, those who are known taken from the application's `crew`. Whoever stands first drives; a
/// driver who stands elsewhere now drives in relief.
pub fn resolved(place: usize, person: &Person, crew: &[proto::CrewMember]) -> Result<proto::CrewMember, CrewError> {
    let text = match person {
        Person::New(member) => return Ok(member.clone()),
        Person::Known(text) => text,
    };
    let by_tail = text.chars().count() >= TAIL;
    let means = |member: &&proto::CrewMember| {
        member.name == *text || (by_tail && member.paper_number.to_lowercase().ends_with(&text.to_lowercase()))
    };
    let mut found = crew.iter().filter(means);
    let Some(member) = found.next() else {
        return Err(CrewError::Nobody { place: place + 1, text: text.clone() });
    };
    if found.next().is_some() {
        return Err(CrewError::Several { place: place + 1, text: text.clone() });
    }
    let drives = member.role() == proto::CrewRole::Driver;
    let role = if place == 0 || drives { i32::from(role_at(place).number()) } else { member.role };
    Ok(proto::CrewMember { role, ..member.clone() })
}

/// What a person does where nothing else is said.
fn role_at(place: usize) -> CrewRole {
    if place == 0 { CrewRole::Driver } else { CrewRole::ReliefDriver }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::profile::cn::Cn;

    fn member(name: &str, kind: i32, number: &str, mobile: &str, role: i32) -> proto::CrewMember {
        proto::CrewMember {
            name: name.to_owned(),
            paper_kind: kind,
            paper_number: number.to_owned(),
            mobile: mobile.to_owned(),
            role,
        }
    }

    #[rstest]
    #[case(0, "张伟,,320583199001011232,13912345678", member("张伟", 1, "320583199001011232", "13912345678", 1))]
    #[case(1, "张伟，，320583199001011232，13912345678", member("张伟", 1, "320583199001011232", "13912345678", 2))]
    #[case(1, "JOHN SMITH, passport, E1234567,, passenger", member("JOHN SMITH", 2, "E1234567", "", 3))]
    #[case(2, "张伟,身份证,320583199001011232,,随车人员", member("张伟", 1, "320583199001011232", "", 3))]
    fn a_person_is_spelled_like_the_columns_of_the_table(
        #[case] place: usize,
        #[case] text: &str,
        #[case] wanted: proto::CrewMember,
    ) {
        assert_eq!(person(place, text, &Cn), Ok(Person::New(wanted)));
    }

    #[test]
    fn a_wrong_spelling_says_which_person_and_what_is_wanted() {
        for (text, parts) in [("张伟,320583199001011232", 2), ("a,b,c,d,e,f", 6), ("", 1)] {
            let wrong = if parts == 6 { "张伟,,1,2,driver,x" } else { text };
            assert_eq!(person(1, wrong, &Cn), Err(CrewError::Parts { place: 2, parts }), "{text}");
        }
        assert!(person(0, "张伟,library card,1", &Cn).unwrap_err().to_string().contains("\"library card\" is no kind"));
        assert!(person(0, "张伟,,1,2,pilot", &Cn).unwrap_err().to_string().contains("\"pilot\" is no role"));
    }

    #[test]
    fn somebody_of_the_application_is_named_by_name_or_by_the_end_of_the_number() {
        let crew = [
            member("张伟", 1, "32058319900101123X", "1", 1),
            member("王芳", 1, "320583199001015678", "2", 2),
            member("王芳", 2, "E7654321", "3", 3),
        ];
        let found = |place, text: &str| resolved(place, &Person::Known(text.to_owned()), &crew);
        // Whoever comes first drives, and the driver of before drives in relief.
        assert_eq!(found(0, "5678").unwrap(), member("王芳", 1, "320583199001015678", "2", 1));
        assert_eq!(found(1, "张伟").unwrap(), member("张伟", 1, "32058319900101123X", "1", 2));
        assert_eq!(found(1, "123x").unwrap().name, "张伟");
        assert_eq!(found(2, "4321").unwrap().role, 3);
        assert_eq!(found(1, "王芳"), Err(CrewError::Several { place: 2, text: "王芳".to_owned() }));
        for nobody in ["李强", "23X", "9999"] {
            assert_eq!(found(0, nobody), Err(CrewError::Nobody { place: 1, text: nobody.to_owned() }));
        }
    }
}
