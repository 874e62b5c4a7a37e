//! The rooms of the service, wired: registry, trust, bus, publisher, and the commands over them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use super::tasks::Tasks;
use crate::application::Applications;
use crate::application::rules::Programmes;
use crate::approval::Approvals;
use crate::arrival::Arrivals;
use crate::audit::AuditLog;
use crate::backup::{Backups, Places};
use crate::bus::{Feed, InProcessBus, RedisBus, Relay, StatusBus, StatusLog, StatusSink};
use crate::checkpoint::{Check, Index, OwnView, Publisher, Scans, Schedule};
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::identity::Competences;
use crate::pass::{Issuer, Passes, Signer};
use crate::profile::{self, Profile};
use crate::report::Reports;
use crate::revocation::Revocations;
use crate::rpc::proto::application_service_server::ApplicationServiceServer;
use crate::rpc::proto::approval_service_server::ApprovalServiceServer;
use crate::rpc::proto::arrival_service_server::ArrivalServiceServer;
use crate::rpc::proto::audit_service_server::AuditServiceServer;
use crate::rpc::proto::checkpoint_service_server::CheckpointServiceServer;
use crate::rpc::proto::operation_service_server::OperationServiceServer;
use crate::rpc::proto::pass_service_server::PassServiceServer;
use crate::rpc::proto::programme_service_server::ProgrammeServiceServer;
use crate::rpc::proto::report_service_server::ReportServiceServer;
use crate::rpc::proto::revocation_service_server::RevocationServiceServer;
use crate::rpc::proto::trust_service_server::TrustServiceServer;
use crate::rpc::proto::whitelist_service_server::WhitelistServiceServer;
use crate::rpc::{self, CountyOffice, Sights, Spelling, Watched};
use crate::storage::{Sqlite, Store};
use crate::trust::bootstrap::{self, FirstStart};
use crate::trust::{Keyring, TrustLists};
use crate::whitelist::Whitelist;

/// An answer: the largest is a bundle of 32 MiB.
const MAX_ANSWER_BYTES: usize = 33 << 20;

/// The office of development: it can recommend what begins or ends in its county.
const DEVELOPMENT_OFFICE: (&str, &str) = ("CN-320583", "320583");

/// Pause between two looks whether the look-up is built.
const READY_PAUSE: Duration = Duration::from_millis(20);

/// Everything behind the listeners.
pub struct Rooms {
    /// The deployment.
    pub deployment: [u8; 8],
    /// Signs and keeps manifests.
    pub publisher: Arc<Publisher>,
    data_folder: PathBuf,
    store: Store<Sqlite>,
    clock: Arc<dyn Clock>,
    profile: Arc<dyn Profile>,
    trust: Arc<TrustLists>,
    keyring: Keyring,
    issuer: Arc<Issuer>,
    bus: Arc<dyn StatusBus>,
    index: Arc<Index>,
    sights: Sights,
}

impl Rooms {
    /// Opens the registry and everything over it.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let profile = profile::by_id(&config.profile).with_context(|| {
            format!("profile = {:?}: no such profile is built in; cn and generic are", config.profile)
        })?;
        let store = Store::open_with_key(&config.data_folder, &config.fields_key_file()).await?;
        let first = match config.mode {
            Mode::Development => FirstStart::Found,
            Mode::Production => FirstStart::Adopt,
        };
        let passphrase = config.passphrase_file();
        let trust =
            bootstrap::open(&config.data_folder, &passphrase, Arc::new(store.clone()), first, clock.now()).await?;
        let Some(in_force) = trust.lists.current() else {
            bail!(
                "no trust list is in force in {}: put provision.fp and trust.fp of the ceremony \
                 (`freightpass trust create`, `trust sign`) there and start again",
                config.data_folder.display()
            )
        };
        let deployment = in_force.list.content().deployment;

        let keyring = Keyring::new(Arc::clone(&trust.lists), Arc::clone(&trust.keys));
        let signer: Arc<dyn Signer> = Arc::new(keyring.clone());
        let competences: Arc<dyn Competences> = trust.lists.clone();
        let offices = offices(config, profile.as_ref())?;
        let competence = competences.current();
        if let Some(office) = offices.iter().find(|office| competence.authority(&office.code).is_some()) {
            bail!("offices: {} is an authority of the trust list: give the office a code of its own", office.code);
        }
        let issuer = Issuer::new(signer, Arc::clone(&competences), Arc::clone(&clock), Arc::clone(&profile));
        let bus: Arc<dyn StatusBus> = match config.redis_url()? {
            None => Arc::new(InProcessBus::new()),
            Some(url) => {
                let seal = store.fields().lookup("bus", HEXLOWER.encode(&deployment));
                Arc::new(RedisBus::new(url.expose(), &deployment, &seal)?)
            }
        };
        let schedule = Schedule {
            tick: Duration::from_secs(config.publish.tick_s),
            coalesce: Duration::from_millis(config.publish.coalesce_ms),
        };
        let publisher = Publisher::open(
            Arc::new(store.clone()),
            Arc::new(store.clone()),
            Arc::clone(&trust.lists),
            keyring.clone(),
            Arc::clone(&clock),
            schedule,
        )
        .await?;
        Ok(Self {
            deployment,
            publisher: Arc::new(publisher),
            sights: Sights::new(competences, offices),
            index: Arc::new(Index::new()),
            issuer: Arc::new(issuer),
            trust: trust.lists,
            data_folder: config.data_folder.clone(),
            store,
            clock,
            profile,
            keyring,
            bus,
        })
    }

    /// Starts what runs beside the calls, until `stop`; and what health looks at.
    pub fn spawn(&self, stop: &CancellationToken) -> (Tasks, Watched) {
        let log: Arc<dyn StatusLog> = Arc::new(self.store.clone());
        let sink: Arc<dyn StatusSink> = self.index.clone();
        let relay = Relay::new(Arc::clone(&self.bus), Arc::clone(&log), Arc::clone(&self.clock));
        let feed = Feed::new(Arc::clone(&self.bus), log, sink, Arc::clone(&self.clock));
        let publisher = Arc::clone(&self.publisher);
        let watched = Watched {
            bus: relay.health(),
            index: feed.health(),
            published: publisher.published(),
            clock: Arc::clone(&self.clock),
        };
        let mut tasks = Tasks::default();
        tasks.spawn("the relay to the bus", relay.run(stop.clone()));
        tasks.spawn("the feed of the answers", feed.run(stop.clone()));
        let stopped = stop.clone();
        tasks.spawn("the publisher", async move { publisher.run(stopped).await });
        tasks.spawn("the closing of leases", self.revocations().follow_keys(self.trust.changed(), stop.clone()));
        let folder = self.data_folder.clone();
        tasks
            .spawn("the provisioning file", bootstrap::follow_provision(folder, Arc::clone(&self.trust), stop.clone()));
        (tasks, watched)
    }

    /// Waits until the look-up is built and a manifest is published.
    pub async fn ready(&self) {
        let mut published = self.publisher.published();
        // The publisher lives as long as the rooms.
        let _ = published.wait_for(|seq| *seq > 0).await;
        while self.index.seq().is_none() {
            tokio::time::sleep(READY_PAUSE).await;
        }
    }

    /// The services of the public listener.
    pub fn public_routes(&self, config: &Config) -> Routes {
        let view: Arc<dyn OwnView> = self.publisher.clone();
        let places = Arc::new(self.store.clone());
        let checkpoint = rpc::Checkpoint {
            publisher: Arc::clone(&self.publisher),
            check: Check::new(Arc::clone(&self.index), places, view, Arc::clone(&self.clock)),
            scans: Scans::new(Arc::new(self.store.clone())),
            spelling: self.spelling(),
            rates: rpc::Rates::new(&config.rates),
            watchers: rpc::Watchers::new(&config.limits),
            clock: Arc::clone(&self.clock),
        };
        Routes::new(
            CheckpointServiceServer::new(checkpoint)
                .max_decoding_message_size(config.limits.public_request_bytes)
                .max_encoding_message_size(MAX_ANSWER_BYTES),
        )
    }

    /// The services of the admin listener.
    pub fn admin_routes(&self, config: &Config, backups: Places) -> Routes {
        let most = config.limits.admin_request_bytes;
        let (sights, clock) = (&self.sights, &self.clock);
        let approvals = Approvals::new(Arc::new(self.store.clone()));
        let programmes = Programmes::new(Arc::new(self.store.clone()), self.trust.clone());
        let arrivals = Arrivals::new(Arc::new(self.store.clone()), Arc::clone(&self.profile));
        let applications = Applications::new(
            Arc::new(self.store.clone()),
            Arc::clone(&self.profile),
            self.trust.clone(),
            programmes.clone(),
        );
        macro_rules! limited {
            ($server:ident, $service:expr) => {
                $server::new($service).max_decoding_message_size(most).max_encoding_message_size(MAX_ANSWER_BYTES)
            };
        }
        let whitelist = rpc::Whitelist {
            room: Whitelist::new(Arc::new(self.store.clone()), Arc::clone(&self.profile), self.trust.clone()),
            sights: sights.clone(),
            spelling: self.spelling(),
            clock: Arc::clone(clock),
        };
        let application = rpc::Application {
            room: applications,
            passes: self.passes(),
            sights: sights.clone(),
            spelling: self.spelling(),
            clock: Arc::clone(clock),
        };
        let approval = rpc::Approval {
            room: approvals,
            passes: self.passes(),
            revocations: self.revocations(),
            sights: sights.clone(),
            clock: Arc::clone(clock),
        };
        let pass = rpc::Pass {
            room: self.passes(),
            revocations: self.revocations(),
            arrivals: arrivals.clone(),
            sights: sights.clone(),
            spelling: self.spelling(),
            clock: Arc::clone(clock),
        };
        let arrival = rpc::Arrival {
            room: arrivals,
            sights: sights.clone(),
            spelling: self.spelling(),
            clock: Arc::clone(clock),
        };
        let report = rpc::Report {
            room: Reports::new(Arc::new(self.store.clone()), Arc::clone(&self.profile), Arc::clone(clock)),
            sights: sights.clone(),
        };
        let programme = rpc::Programme { room: programmes, sights: sights.clone(), clock: Arc::clone(clock) };
        let revocation = rpc::Revocation { room: self.revocations(), sights: sights.clone(), clock: Arc::clone(clock) };
        let trust = rpc::Trust {
            lists: Arc::clone(&self.trust),
            keyring: self.keyring.clone(),
            publisher: Arc::clone(&self.publisher),
            revocations: self.revocations(),
            clock: Arc::clone(clock),
        };
        let operation =
            rpc::Operation { backups: Backups::new(Arc::new(self.store.clone()), backups), clock: Arc::clone(clock) };
        let audit = rpc::Audit { log: AuditLog::new(Arc::new(self.store.clone())), sights: sights.clone() };
        Routes::new(limited!(WhitelistServiceServer, whitelist))
            .add_service(limited!(ApplicationServiceServer, application))
            .add_service(limited!(ApprovalServiceServer, approval))
            .add_service(limited!(PassServiceServer, pass))
            .add_service(limited!(RevocationServiceServer, revocation))
            .add_service(limited!(TrustServiceServer, trust))
            .add_service(limited!(OperationServiceServer, operation))
            .add_service(limited!(AuditServiceServer, audit))
            .add_service(limited!(ArrivalServiceServer, arrival))
            .add_service(limited!(ReportServiceServer, report))
            .add_service(limited!(ProgrammeServiceServer, programme))
    }

    fn passes(&self) -> Passes {
        Passes::new(Arc::new(self.store.clone()), Arc::clone(&self.issuer))
    }

    fn revocations(&self) -> Revocations {
        Revocations::new(Arc::new(self.store.clone()), Arc::clone(&self.profile), Arc::clone(&self.issuer))
    }

    fn spelling(&self) -> Spelling {
        Spelling::new(Arc::clone(&self.profile), Arc::clone(&self.clock))
    }
}

/// The county offices of a configuration, each of which speaks for one place where journeys begin and end.
pub fn offices(config: &Config, profile: &dyn Profile) -> anyhow::Result<Vec<CountyOffice>> {
    let (code, division) = DEVELOPMENT_OFFICE;
    if config.offices.is_empty() && config.mode == Mode::Development && config.profile == "cn" {
        let division = profile.route_end(division)?;
        return Ok(vec![CountyOffice { code: code.to_owned(), division }]);
    }
    let office = |office: &crate::config::Office| {
        let division =
            profile.route_end(&office.division).with_context(|| format!("offices: division of {}", office.code))?;
        Ok(CountyOffice { code: office.code.clone(), division })
    };
    config.offices.iter().map(office).collect()
}
