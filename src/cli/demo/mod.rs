//! `freightpass demo`: the whole story on one machine with nothing set up. Every step is a verb that anybody can type;
//! every verdict is compared with the one that it must be.

mod cast;
mod forger;
mod list;
mod stage;
mod story;

use super::{Exit, output};

/// Tells the whole story on this machine, with nothing set up
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 0 only if every verdict was the one that it had to be.

Examples:
  freightpass demo
  freightpass demo --rows 100 --serve                       then try it yourself: addresses and grpcurl lines are shown
  freightpass demo --redis redis://127.0.0.1:6379/0         the same story over Redis")]
pub struct Args {
    /// Rows of the white list
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(24..=10_000))]
    rows: u32,
    /// Leave the server running at the end
    #[arg(long)]
    serve: bool,
    /// Leave the folder at the end
    #[arg(long)]
    keep: bool,
    /// Redis as the bus
    #[arg(long, value_name = "URL", env = "FREIGHTPASS_REDIS_URL", hide_env_values = true)]
    redis: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut story = story::Story::begin(args.keep || args.serve)?;
    let mut server = story.tell(args.rows as usize, args.redis.as_deref())?;
    let wrong = story.end()?;
    if args.serve {
        story.invite(&server)?;
        server.wait()?;
    } else {
        server.end();
    }
    if let (Some(url), false) = (&args.redis, args.keep)
        && let Err(error) = story.tidy(url)
    {
        output::aside(format_args!("what the demo put into Redis is still there: {error:#}"));
    }
    if args.keep || args.serve {
        output::line(format_args!("left for you: {}", story.folder().display()))?;
    }
    Ok(Exit::refuse_if(wrong > 0))
}
