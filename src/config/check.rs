//! Everything for which a configuration must not be used, told at once.

use super::{Config, ConfigError, Mode};

/// A trust list of 1 MiB in its message.
const LEAST_ADMIN_REQUEST_BYTES: usize = (1 << 20) + 4096;

/// The most reports of one call (checkpoint::MAX_REPORTS): a rate below it would refuse such a call for ever.
const LEAST_SCAN_REPORTS: u32 = 500;

impl Config {
    /// Everything for which this configuration must not be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        self.check_listeners(&mut problems);
        self.check_bounds(&mut problems);
        if self.mode == Mode::Production {
            self.check_production(&mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Refused(problems)) }
    }

    fn check_listeners(&self, problems: &mut Vec<String>) {
        let public = &self.public;
        if public.certificate.is_some() != public.key.is_some() {
            problems.push("public.certificate and public.key go together".into());
        }
        if public.certificate.is_none() && !public.address.ip().is_loopback() {
            problems.push(format!(
                "public.address {} is not loopback: set public.certificate and public.key, \
                 or listen on 127.0.0.1",
                public.address
            ));
        }
        let admin = &self.admin;
        let set = [&admin.certificate, &admin.key, &admin.client_ca];
        if set.iter().any(|path| path.is_some()) && set.iter().any(|path| path.is_none()) {
            problems.push("admin.certificate, admin.key and admin.client_ca go together".into());
        }
        for (at, office) in self.offices.iter().enumerate() {
            if office.code.is_empty() || office.division.is_empty() {
                problems.push(format!("offices[{at}]: code and division must not be empty"));
            }
            if self.offices[..at].iter().any(|o| o.code == office.code) {
                problems.push(format!("offices[{at}]: the code {} twice", office.code));
            }
        }
    }

    fn check_bounds(&self, problems: &mut Vec<String>) {
        let limits = &self.limits;
        let positive = [
            ("limits.connections", limits.connections as u64),
            ("limits.concurrent_streams", limits.concurrent_streams.into()),
            ("limits.header_list_bytes", limits.header_list_bytes.into()),
            ("limits.handshake_timeout_ms", limits.handshake_timeout_ms),
            ("limits.header_timeout_ms", limits.header_timeout_ms),
            ("limits.keepalive_interval_ms", limits.keepalive_interval_ms),
            ("limits.keepalive_timeout_ms", limits.keepalive_timeout_ms),
            ("limits.connection_age_s", limits.connection_age_s),
            ("limits.call_deadline_ms", limits.call_deadline_ms),
            ("limits.watchers", limits.watchers as u64),
            ("limits.watchers_per_network", limits.watchers_per_network as u64),
            ("rates.check_by_number_per_minute", self.rates.check_by_number_per_minute.into()),
            ("publish.tick_s", self.publish.tick_s),
            ("drain_deadline_s", self.drain_deadline_s),
        ];
        for (key, value) in positive {
            if value == 0 {
                problems.push(format!("{key} must not be 0"));
            }
        }
        if self.rates.scan_reports_per_minute < LEAST_SCAN_REPORTS {
            problems.push(format!(
                "rates.scan_reports_per_minute must be at least {LEAST_SCAN_REPORTS}, or a full ReportScans call is \
                 never taken"
            ));
        }
        if limits.admin_request_bytes < LEAST_ADMIN_REQUEST_BYTES {
            problems.push(format!(
                "limits.admin_request_bytes must be at least {LEAST_ADMIN_REQUEST_BYTES}, \
                 or a trust list of 1 MiB cannot be installed"
            ));
        }
    }

    fn check_production(&self, problems: &mut Vec<String>) {
        if self.admin.certificate.is_none() {
            problems.push(
                "production has no development PKI: set admin.certificate, admin.key and \
                 admin.client_ca"
                    .into(),
            );
        }
        for (key, file) in [
            ("secrets.passphrase_file", &self.secrets.passphrase_file),
            ("secrets.fields_key_file", &self.secrets.fields_key_file),
        ] {
            match file {
                None => problems.push(format!("production needs {key}")),
                Some(path) if !path.exists() => problems
                    .push(format!("{key}: {} does not exist; make it, readable by the service alone", path.display())),
                Some(_) => {}
            }
        }
        if self.reflection == Some(true) {
            problems.push("production has no reflection: set reflection = false".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;
    use crate::config::sources::load;

    fn problems(config: &Config) -> Vec<String> {
        match config.check() {
            Err(ConfigError::Refused(problems)) => problems,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn plaintext_off_loopback_is_refused_in_every_mode() {
        let config = load("[public]\naddress = \"0.0.0.0:8440\"", &[], Flags::default()).unwrap();
        assert!(problems(&config)[0].contains("not loopback"));
    }

    #[test]
    fn production_names_everything_that_is_missing() {
        let text = "mode = \"production\"\nreflection = true\n";
        let found = problems(&load(text, &[], Flags::default()).unwrap()).join("\n");
        for word in ["admin.certificate", "secrets.passphrase_file", "secrets.fields_key_file", "reflection"] {
            assert!(found.contains(word), "{word} is missing in: {found}");
        }
    }

    #[test]
    fn the_sample_files_read() {
        let development = load(include_str!("../../deploy/development.toml"), &[], Flags::default()).unwrap();
        development.check().unwrap();
        assert_eq!(development.mode, Mode::Development);

        let production = load(include_str!("../../deploy/production.toml"), &[], Flags::default()).unwrap();
        assert_eq!(production.mode, Mode::Production);
        // Its secrets do not exist on this machine; nothing else may be wrong with it.
        for problem in problems(&production) {
            assert!(problem.contains("does not exist"), "{problem}");
        }
    }
}
