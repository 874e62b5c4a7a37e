//! The first page of help: the verbs by who uses them, and what a day looks like.

use std::fmt::Write;

use clap::Command;

/// Who uses which verbs, in the order of the flow.
const GROUPS: [(&str, &[&str]); 7] = [
    ("Try it", &["demo", "sample", "completions"]),
    ("Operator", &["serve", "config", "pki", "keys", "publish", "backup", "restore", "doctor"]),
    ("Enterprise", &["apply", "withdraw", "arrival", "arrive"]),
    ("County office", &["recommend"]),
    (
        "Authority",
        &[
            "programme",
            "whitelist",
            "application",
            "approve",
            "reject",
            "pass",
            "amend",
            "revoke",
            "suspend",
            "resume",
            "revoke-enterprise",
            "revocation",
            "report",
            "audit",
        ],
    ),
    ("Officer at the checkpoint", &["sync", "scan"]),
    ("Trust ceremony", &["trust"]),
];

const EXAMPLES: &str = "\
Examples:
  freightpass demo                                    the whole story, with nothing set up
  freightpass serve --data data                       the service; makes a PKI to try on its first start
  freightpass whitelist import list.csv --as CN-3205/chief
  freightpass apply list.csv
  freightpass application list --state submitted --as CN-3205/chief
  freightpass approve --all-submitted --as CN-3205/chief
  freightpass pass export 320500-220418-00042-0 --as CN-3205/chief
  freightpass sync --provision data/provision.fp      the first time; compare the fingerprint
  freightpass scan --at 320583 card.png               one pass, offline
  freightpass pass list --tractor 苏E12345 --as CN-3205/chief
  freightpass revoke 320500-220418-00042-0 --reason misuse --as CN-3205/chief

Exit codes: 0 admitted or done, 1 refused, 2 referred, 3 error; of several the worst: 3, 1, 2, 0.";

/// `command` with its verbs in groups, its version and its examples.
pub fn grouped(command: Command) -> Command {
    let groups = listing(&command);
    command
        .version(VERSION)
        .help_template("{about}\n\n{usage-heading} {usage}\n\n{before-help}Options:\n{options}{after-help}\n")
        .before_help(groups)
        .after_help(EXAMPLES)
}

/// Version, commit and version of the format.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("FREIGHTPASS_COMMIT"), ", format FP1)");

fn listing(command: &Command) -> String {
    let mut text = String::new();
    for (title, verbs) in GROUPS {
        let _ = writeln!(text, "{title}:");
        for verb in verbs {
            let Some(found) = command.find_subcommand(verb) else { continue };
            let about = found.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {verb:<18} {about}");
        }
        text.push('\n');
    }
    text.push_str("`freightpass VERB --help` tells the rest.\n");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_verb_stands_in_exactly_one_group_and_says_what_it_does() {
        let command = Cli::command();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
        let distinct: BTreeSet<&str> = grouped.iter().copied().collect();
        assert_eq!(grouped.len(), distinct.len());
        let there: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        assert_eq!(there, distinct);
        for verb in command.get_subcommands() {
            assert!(verb.get_about().is_some(), "{} has no about", verb.get_name());
        }
    }

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        crate::cli::command().debug_assert();
    }
}
