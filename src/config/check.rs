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
        self.check_carriers(&mut problems, cfg!(feature = "otlp"));
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

    /// Redis and the collector of traces; `otlp` says whether traces are built in.
    fn check_carriers(&self, problems: &mut Vec<String>, otlp: bool) {
        if self.redis.url.is_some() && self.redis.url_file.is_some() {
            problems.push("redis.url and redis.url_file exclude each other: set one".into());
        }
        let telemetry = &self.telemetry;
        if !(0.0..=1.0).contains(&telemetry.sampling_ratio) {
            problems.push(format!("telemetry.sampling_ratio {} is not between 0.0 and 1.0", telemetry.sampling_ratio));
        }
        let Some(endpoint) = &telemetry.otlp_endpoint else { return };
        if !otlp {
            problems.push(
                "telemetry.otlp_endpoint: this program was built without traces: build it with \
                 `cargo build --release --features otlp`, or leave the key out"
                    .into(),
            );
        }
        let host = endpoint.strip_prefix("http://").unwrap_or_default();
        if host.is_empty() || !endpoint.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some()) {
            problems.push(format!(
                "telemetry.otlp_endpoint {endpoint:?} is not http://HOST:PORT: a collector on this machine or in this \
                 pod carries traces on, with TLS where they leave it"
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
            if file.is_none() {
                problems.push(format!("production needs {key}"));
            }
        }
        for (key, path) in self.secret_files() {
            if !path.exists() {
                problems
                    .push(format!("{key}: {} does not exist; make it, readable by the service alone", path.display()));
            }
        }
        if self.reflection == Some(true) {
            problems.push("production has no reflection: set reflection = false".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::Flags;
    use crate::config::sources::load;

    fn problems(config: &Config) -> Vec<String> {
        match config.check() {
            Err(ConfigError::Refused(problems)) => problems,
            other => panic!("{other:?}"),
        }
    }

    /// A configuration in which nothing is wrong but that its files do not exist, and `more` behind it.
    fn production(more: &str) -> Vec<String> {
        let text = format!("{}\n{more}", include_str!("../../deploy/production.toml"));
        let found = problems(&load(&text, &[], Flags::default()).unwrap());
        found.into_iter().filter(|problem| !problem.contains("does not exist")).collect()
    }

    #[test]
    fn the_sample_files_pass() {
        load(include_str!("../../deploy/development.toml"), &[], Flags::default()).unwrap().check().unwrap();
        assert_eq!(production(""), Vec::<String>::new());
    }

    #[rstest]
    #[case(
        "mode = \"production\"",
        "production has no development PKI: set admin.certificate, admin.key and admin.client_ca"
    )]
    #[case("mode = \"production\"", "production needs secrets.passphrase_file")]
    #[case("mode = \"production\"", "production needs secrets.fields_key_file")]
    #[case("mode = \"production\"\nreflection = true", "production has no reflection: set reflection = false")]
    #[case(
        "mode = \"production\"\n[secrets]\npassphrase_file = \"/no/such\"",
        "secrets.passphrase_file: /no/such does not exist"
    )]
    #[case(
        "mode = \"production\"\n[secrets]\nfields_key_file = \"/no/such\"",
        "secrets.fields_key_file: /no/such does not exist"
    )]
    #[case("mode = \"production\"\n[public]\nkey = \"/no/such\"", "public.key: /no/such does not exist")]
    #[case("mode = \"production\"\n[admin]\nkey = \"/no/such\"", "admin.key: /no/such does not exist")]
    #[case("mode = \"production\"\n[redis]\nurl_file = \"/no/such\"", "redis.url_file: /no/such does not exist")]
    #[case(
        "mode = \"production\"\n[public]\naddress = \"0.0.0.0:8440\"",
        "public.address 0.0.0.0:8440 is not loopback"
    )]
    #[case("[public]\naddress = \"[::]:8440\"", "public.address [::]:8440 is not loopback")]
    #[case("[public]\ncertificate = \"a.pem\"", "public.certificate and public.key go together")]
    #[case("[admin]\ncertificate = \"a.pem\"", "admin.certificate, admin.key and admin.client_ca go together")]
    #[case("[[offices]]\ncode = \"A\"", "offices[0]: code and division must not be empty")]
    #[case("drain_deadline_s = 0", "drain_deadline_s must not be 0")]
    #[case("[limits]\nwatchers = 0", "limits.watchers must not be 0")]
    #[case("[limits]\nadmin_request_bytes = 1000", "limits.admin_request_bytes must be at least")]
    #[case("[rates]\nscan_reports_per_minute = 499", "rates.scan_reports_per_minute must be at least 500")]
    #[case("[redis]\nurl = \"redis://a\"\nurl_file = \"b\"", "redis.url and redis.url_file exclude each other")]
    #[case("[telemetry]\nsampling_ratio = 1.5", "telemetry.sampling_ratio 1.5 is not between")]
    #[case(
        "[telemetry]\notlp_endpoint = \"https://collector:4317\"",
        "telemetry.otlp_endpoint \"https://collector:4317\" is not http"
    )]
    #[case("[telemetry]\notlp_endpoint = \"collector\"", "telemetry.otlp_endpoint \"collector\" is not http")]
    fn what_must_not_be_used_is_refused_by_the_name_of_its_key(#[case] text: &str, #[case] words: &str) {
        let found = problems(&load(text, &[], Flags::default()).unwrap());
        assert!(found.iter().any(|problem| problem.contains(words)), "{found:#?}");
    }

    #[test]
    fn without_traces_built_in_the_key_says_how_to_build_them_in() {
        let config = load("[telemetry]\notlp_endpoint = \"http://127.0.0.1:4317\"", &[], Flags::default()).unwrap();
        let mut found = Vec::new();
        config.check_carriers(&mut found, true);
        assert_eq!(found, Vec::<String>::new());
        config.check_carriers(&mut found, false);
        assert!(found[0].contains("telemetry.otlp_endpoint") && found[0].contains("--features otlp"), "{found:?}");
    }
}
