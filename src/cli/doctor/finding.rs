//! What was found, how bad it is, and what to do.

use std::fmt;

use serde::Serialize;

use crate::cli::Exit;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Info,
    /// It works, and will not for ever, or not when it is needed.
    Warn,
    /// Something does not work, or is open to others.
    Error,
    /// The service cannot start or go on.
    Fatal,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was looked at: a stable name for scripts.
    pub area: &'static str,
    /// What was found.
    pub found: String,
    /// What to do; nothing where nothing is to be done.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub advice: String,
}

/// Everything that was found, in the order of looking.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Notes that something is as it should be.
    pub fn ok(&mut self, area: &'static str, found: impl fmt::Display) {
        self.add(Severity::Ok, area, found, "");
    }

    /// Notes something, and what to do about it.
    pub fn add(&mut self, severity: Severity, area: &'static str, found: impl fmt::Display, advice: impl fmt::Display) {
        self.0.push(Finding { severity, area, found: found.to_string(), advice: advice.to_string() });
    }

    /// The worst of all.
    pub fn worst(&self) -> Severity {
        self.0.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
    }
}

impl Severity {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Ok => "ok",
            Severity::Info => "info",
            Severity::Warn => "warn",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }

    /// What the shell is told: 0, 1 for warnings, 2 for errors. The numbers are those of the program; what they are
    /// called there belongs to scanning.
    pub const fn exit(self) -> Exit {
        match self {
            Severity::Ok | Severity::Info => Exit::Admit,
            Severity::Warn => Exit::Refuse,
            Severity::Error | Severity::Fatal => Exit::Refer,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<5} {:<12} {}", self.severity.name(), self.area, self.found)?;
        if self.advice.is_empty() { Ok(()) } else { write!(f, "; {}", self.advice) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        let mut findings = Findings::default();
        assert_eq!(findings.worst().exit().number(), 0);
        for (severity, number) in
            [(Severity::Info, 0), (Severity::Warn, 1), (Severity::Ok, 1), (Severity::Error, 2), (Severity::Fatal, 2)]
        {
            findings.add(severity, "test", "found", "do this");
            assert_eq!(findings.worst().exit().number(), number);
        }
        assert_eq!(findings.0[1].to_string(), "warn  test         found; do this");
    }
}
