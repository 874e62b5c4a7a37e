//! A call for each of several things: told as it is answered; what the service refuses stops nothing else.

use std::fmt::Display;

use anyhow::bail;
use tonic::{Code, Response, Status};

use super::Exit;
use super::connect;
use super::output;

/// How many calls did what they were asked, and how many were refused.
#[derive(Debug, Default)]
pub struct Each {
    done: usize,
    refused: usize,
}

impl Each {
    /// Tells one answer on one line: `item`, and what `words` makes of it, or why it was refused.
    ///
    /// # Errors
    /// What will meet every other item too (no certificate, not the role, no service): nothing more need be tried.
    pub fn answered<T>(
        &mut self,
        item: &str,
        answer: Result<Response<T>, Status>,
        words: impl FnOnce(T) -> String,
    ) -> anyhow::Result<()> {
        if let Some(why) = refused(&answer) {
            self.refused += 1;
            return output::line(format_args!("{item}\trefused 未成: {why}"));
        }
        match answer {
            Ok(answer) => {
                self.done += 1;
                output::line(format_args!("{item}\t{}", words(answer.into_inner())))
            }
            Err(status) => bail!("{item}: {}", connect::told(&status)),
        }
    }

    /// The sum on a line of its own, and the exit code: 1 where something was refused.
    pub fn end(self, done: impl Display) -> anyhow::Result<Exit> {
        output::line(format_args!("{done} {}, refused 未成 {}", self.done, self.refused))?;
        Ok(Exit::refuse_if(self.refused > 0))
    }
}

/// Why the service refused this one thing, on one line; none where it did not, or where the fault is no item's.
pub fn refused<T>(answer: &Result<T, Status>) -> Option<String> {
    let about_the_item = |status: &&Status| {
        matches!(
            status.code(),
            Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument | Code::AlreadyExists | Code::Aborted
        )
    };
    let why = connect::told(answer.as_ref().err().filter(about_the_item)?);
    Some(why.lines().map(str::trim).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_one_stops_no_other_and_a_missing_role_stops_all() {
        let mut each = Each::default();
        each.answered("1", Ok(Response::new(())), |()| "done".to_owned()).unwrap();
        each.answered("2", Err::<Response<()>, _>(Status::not_found("no application")), |()| unreachable!()).unwrap();
        let stopped =
            each.answered("3", Err::<Response<()>, _>(Status::permission_denied("not the role")), |()| unreachable!());
        assert!(stopped.unwrap_err().to_string().starts_with("3: not the role"));
        assert_eq!((each.done, each.refused), (1, 1));
        assert_eq!(each.end("done").unwrap(), Exit::Refuse);
    }
}
