//! docs/INTEGRATORS.md out of the sources: proto comments, the table of roles, the reasons, the rules, the messages.

use std::fmt::Write;

use freightpass::identity::Role;
use freightpass::identity::roles::{Access, TABLE};
use freightpass::messages::{self, Language};
use freightpass::rpc::Reason;
use freightpass::rpc::proto::DESCRIPTORS;
use prost::Message;
use prost_types::source_code_info::Location;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::calls::{CALLS, Call};

/// What no source says: how to begin, and the ways that all methods share.
const BEGINNING: &str = include_str!("beginning.md");
const VERDICTS: &str = include_str!("../../../messages/en/verdict.ftl");
const RULES: &str = include_str!("../../../src/profile/rule.rs");

/// Numbers of fields in descriptor.proto, of which the paths of comments are made.
const SERVICE: i32 = 6;
const METHOD: i32 = 2;

/// The page.
pub fn page() -> String {
    let mut page = BEGINNING.to_owned();
    services(&mut page);
    reasons(&mut page);
    rules(&mut page);
    verdicts(&mut page);
    page
}

/// The call of a method; a method without one fails the test that asks.
pub fn call_of(service: &str, method: &str) -> &'static Call {
    let name = format!("{service}/{method}");
    CALLS.iter().find(|call| call.method == name).unwrap_or_else(|| panic!("no example of {name}: calls.rs"))
}

fn services(page: &mut String) {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let _ = writeln!(
        page,
        "\n## Methods\n\nEach with its comment in the proto files, who may call it, and a call that works."
    );
    let files: Vec<&FileDescriptorProto> = set.file.iter().filter(|file| file.package() == "freightpass.v1").collect();
    let mut seen: Vec<&str> = Vec::new();
    for (service, _, _) in TABLE {
        if seen.contains(service) {
            continue;
        }
        seen.push(service);
        let (file, at) = files
            .iter()
            .find_map(|file| Some((*file, file.service.iter().position(|it| it.name() == *service)?)))
            .unwrap_or_else(|| panic!("{service} is in no proto file"));
        let at = i32::try_from(at).unwrap();
        let _ = writeln!(page, "\n### {service}\n\n{}", comment(file, &[SERVICE, at]));
        let descriptor = &file.service[usize::try_from(at).unwrap()];
        for (number, method) in (0..).zip(&descriptor.method) {
            let name = method.name();
            let access = TABLE.iter().find(|(of, listed, _)| of == service && *listed == name);
            let roles = access.map(|(_, _, access)| roles(*access)).unwrap_or_else(|| panic!("{name} has no roles"));
            let _ = writeln!(page, "\n#### {service}/{name}\n\n{}", comment(file, &[SERVICE, at, METHOD, number]));
            let _ = writeln!(page, "\nCallers: {roles}.\n\n```sh\n{}\n```", call_of(service, name).command());
        }
    }
}

fn roles(access: Access) -> String {
    let names = |roles: &[Role], word: &str| roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(word);
    match access {
        Access::Public => "anybody, on the public listener".to_owned(),
        Access::AnyOf(roles) => format!("officers with the role {}", names(roles, " or ")),
        Access::AllOf(roles) => format!("officers with the roles {}", names(roles, " and ")),
    }
}

/// The comment before an element, its line breaks taken out, its paragraphs kept.
fn comment(file: &FileDescriptorProto, path: &[i32]) -> String {
    let locations = file.source_code_info.as_ref().map(|info| info.location.as_slice()).unwrap_or_default();
    let leading = locations.iter().find(|location| location.path == path).map(Location::leading_comments);
    let text = leading.unwrap_or_default();
    assert!(!text.trim().is_empty(), "no comment at {path:?} in {}", file.name());
    let paragraphs = text.split("\n\n").flat_map(|part| part.split("\n \n"));
    let unbroken = paragraphs.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    unbroken.collect::<Vec<_>>().join("\n\n")
}

fn reasons(page: &mut String) {
    let _ = writeln!(
        page,
        "\n## Reasons of refusals\n\n`reason` of google.rpc.ErrorInfo, domain `freightpass`; in a batch the `reason` of an \
         item's error.\n\n| reason | code | what it means, and what to do |\n|---|---|---|"
    );
    for reason in Reason::ALL {
        let code = code(reason.code());
        let _ = writeln!(page, "| `{}` | {code} | {} |", reason.name(), reason.meaning());
    }
}

/// The name of a code as gRPC spells it.
fn code(code: tonic::Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_uppercase());
    }
    name
}

fn rules(page: &mut String) {
    let _ = writeln!(
        page,
        "\n## Rules of typed values\n\nThe `reason` of a field violation, in capitals there; `rule` of a FieldProblem in a \
         batch. The violation's description says place and bounds, its localized message the same in Chinese.\n\n\
         | rule | broken by |\n|---|---|"
    );
    let mut words: Vec<(String, String)> = Vec::new();
    let mut said = Vec::new();
    for line in RULES.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("/// ") {
            said.push(comment);
        } else {
            let variant = line.split([' ', ',', '{']).next().unwrap_or_default();
            if !said.is_empty() && variant.starts_with(char::is_uppercase) {
                words.push((variant.to_owned(), said.join(" ")));
            }
            said.clear();
        }
        if let Some((variant, code)) = line.strip_prefix("Rule::").and_then(|line| line.split_once("=> \"")) {
            let variant = variant.split([' ', '{']).next().unwrap_or_default();
            let code = code.trim_end_matches("\",");
            let meaning = words.iter().find(|(name, _)| name == variant).map(|(_, words)| words.as_str());
            if let Some(meaning) =
                meaning.filter(|_| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
            {
                let _ = writeln!(page, "| `{code}` | {meaning} |");
            }
        }
    }
}

fn verdicts(page: &mut String) {
    let _ = writeln!(
        page,
        "\n## Codes of verdicts\n\nSpecified, with their order and values, in [FORMAT.md](FORMAT.md). What people read about \
         each is in messages/zh and messages/en: its meaning, what the officer does, what the driver is told.\n\n\
         | code | meaning | 含义 |\n|---|---|---|"
    );
    let codes = VERDICTS.lines().filter_map(|line| line.split_once(" = ").map(|(code, _)| code));
    for code in codes.filter(|code| !code.starts_with([' ', '#']) && !code.contains('-')) {
        let meaning = |language| messages::verdict(language, code).map(|words| words.meaning);
        let (Some(en), Some(zh)) = (meaning(Language::En), meaning(Language::Zh)) else { continue };
        let _ = writeln!(page, "| `{code}` | {en} | {zh} |");
    }
}
