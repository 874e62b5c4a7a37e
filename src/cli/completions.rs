//! `freightpass completions`: what a shell completes.

use super::output;

/// Prints the completions of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  freightpass completions bash > /etc/bash_completion.d/freightpass
  freightpass completions zsh > \"${fpath[1]}/_freightpass\"
  freightpass completions fish > ~/.config/fish/completions/freightpass.fish")]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "freightpass", &mut script);
    output::line(String::from_utf8(script)?.trim_end())
}
